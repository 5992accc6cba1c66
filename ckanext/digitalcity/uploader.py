"""Serves a harvested resource straight from the stage: the published bytes are the checked ones, never a copy."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib import files
from werkzeug.datastructures import FileStorage

from ckanext.digitalcity import config
from ckanext.digitalcity.harvest.stage import place
from ckanext.digitalcity.model import File


class StagedUpload:
    """CKAN's resource uploader for a resource that a source owns. Which bytes it serves, the ledger alone says."""

    mimetype: str | None = None

    def __init__(self, row: File, resource: dict[str, Any]) -> None:
        self.storage = files.get_storage(config.stage_storage())
        self.row = row
        offered = resource.pop("upload", None)
        self.replaced_by_hand = isinstance(offered, FileStorage) and bool(offered.filename)
        self.replaced_by_hand |= bool(resource.pop("clear_upload", None))

    def get_path(self, id: str) -> str:  # noqa: A002 - CKAN's interface
        """Where the published bytes are within the storage."""
        return str(place(self.row.sha256))

    def upload(self, id: str, max_size: int = 10) -> None:  # noqa: A002 - CKAN's interface
        """Writes nothing: the bytes are there. A file that someone offers instead is refused.

        Raises:
            ckan.logic.ValidationError: somebody tries to replace a checked file by hand.
        """
        if self.replaced_by_hand:
            message = tk._("This file is harvested and checked. Change it at its source, and it will follow.")
            raise tk.ValidationError({"upload": [message]})


def for_resource(resource: dict[str, Any]) -> StagedUpload | None:
    """The uploader for a resource of ours, or None where CKAN's own applies."""
    id_ = resource.get("id")
    row = model.Session.get(File, id_) if isinstance(id_, str) and id_ else None
    return StagedUpload(row, resource) if row else None
