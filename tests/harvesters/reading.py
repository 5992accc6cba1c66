"""Using a source as the engine does."""

from __future__ import annotations

import json
from dataclasses import dataclass

from ckanext.digitalcity.core.model import Record, Ref
from ckanext.digitalcity.harvesters.base import Source


@dataclass
class Reader:
    """Reads a source; what it lists is kept as JSON before it is fetched."""

    source: Source

    def refs(self) -> dict[str, Ref]:
        return {ref.remote_id: ref for ref in self.source.gather() if "error" not in ref.hint}

    def faults(self) -> list[Ref]:
        return [ref for ref in self.source.gather() if "error" in ref.hint]

    def fetch(self, ref: Ref, cursor: str | None = None) -> Record:
        record = self.source.fetch(Ref(ref.remote_id, ref.version, ref.title, json.loads(json.dumps(ref.hint))), cursor)
        json.dumps(record.metadata, allow_nan=False).encode()
        for text in (record.remote_id, record.title, record.notes):
            assert isinstance(text, str)
            text.encode()
        return record

    def bring(self, ref: Ref, cursor: str | None = None) -> dict[str, bytes]:
        return {file.key: b"".join(file.read()) for file in self.fetch(ref, cursor).files}
