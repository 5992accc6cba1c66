"""Takes an uploaded file into the stage, and checks it at once if it is small."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import IO

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib.munge import munge_filename
from ckan.lib.uploader import get_max_resource_size
from werkzeug.datastructures import FileStorage

from ckanext.digitalcity import config
from ckanext.digitalcity.core.check import Checker
from ckanext.digitalcity.core.errors import Skippable
from ckanext.digitalcity.core.model import CheckResult, Json, Outcome, Recipe
from ckanext.digitalcity.core.pipeline import Candidate, StagedFile, check_candidate
from ckanext.digitalcity.core.shipped import names, shipped
from ckanext.digitalcity.gate.refusal import refusal, unusable
from ckanext.digitalcity.harvest.stage import StorageStage
from ckanext.digitalcity.model import UPLOAD

MOST = 2**20  # bytes of an upload read at a time
TERMS = Recipe(name=UPLOAD, title="", kind=UPLOAD, address="", organisation="")


@dataclass(frozen=True, slots=True)
class Offer:
    """A staged file and what became of its check; ``result`` is None while a worker must still check it."""

    file: StagedFile
    result: CheckResult | None

    @property
    def passed(self) -> bool:
        """Whether it may become public now."""
        return self.result is not None and self.result.outcome is Outcome.PASSED


def take(resource: Json, upload: FileStorage, *, hold: bool) -> Offer:
    """Stages what was uploaded; checks it now if it is small enough to be checked within a web request.

    Args:
        hold: keep a file that did not pass for an editor's decision, instead of refusing it.

    Raises:
        ckan.logic.ValidationError: the file is refused; nothing has changed.
    """
    schema = str(resource.get("digitalcity_schema") or "")
    if schema and schema not in names():
        message = tk._("There is no Table Schema called “{name}”. Choose one of: {names}.")
        raise _refused({"digitalcity_schema": [message.format(name=schema[:60], names=", ".join(names()))]})
    filename = munge_filename(upload.filename or "")
    most = min(get_max_resource_size() * 2**20, config.file_limit())
    with StorageStage(config.stage_storage(), most) as stage:
        try:
            kept = stage.put(_pieces(upload.stream))
        except Skippable as fault:
            raise _refused({"upload": [unusable(filename, fault.reason)]}) from fault
        file = StagedFile(
            key=str(resource.get("id") or ""), name=str(resource.get("name") or filename), filename=filename, url="",
            format="", description="", schema=None, schema_name=schema, sha256=kept.sha256, size=kept.size,
        )  # fmt: skip
        if kept.size > config.at_once():
            return Offer(file, None)
        with Checker(config.at_once_limits()) as checker:
            _, (result,) = check_candidate(candidate(file), TERMS, stage, checker.check, shipped)
    if result.reason == "time-limit":
        return Offer(file, None)
    if result.outcome is Outcome.PASSED or (hold and result.outcome in (Outcome.HELD, Outcome.FAILED)):
        return Offer(file, result)
    raise _refused({"upload": [refusal(filename, result)]})


def candidate(file: StagedFile, resource_id: str = "") -> Candidate:
    """An uploaded file as what could become public. Its key is the id of its resource."""
    content = hashlib.sha256("\n".join((file.sha256, file.schema_name, file.filename)).encode()).hexdigest()
    file = replace(file, key=resource_id or file.key)
    return Candidate(
        remote_id=file.key, title=file.name, notes="", metadata={}, files=(file,), kept=(), cursor=None, content=content
    )


def _pieces(stream: IO[bytes]) -> Iterator[bytes]:
    stream.seek(0)
    while piece := stream.read(MOST):
        yield piece


def _refused(errors: dict[str, list[str]]) -> Exception:
    """The error that CKAN shows in its form. Like CKAN's own refusals it lets go of what was locked."""
    model.Session.rollback()
    refused: Exception = tk.ValidationError(errors)
    return refused
