"""Serves a harvested resource straight from the stage: the published bytes are the checked ones, never a copy."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib import files
from werkzeug.datastructures import FileStorage

from ckanext.digitalcity import config
from ckanext.digitalcity.gate.uploader import GatedUpload, for_upload
from ckanext.digitalcity.harvest.stage import place
from ckanext.digitalcity.model import UPLOAD, File, Item, Source


class StagedUpload:
    """CKAN's resource uploader for a resource that a source owns. Which bytes it serves, the ledger alone says.

    Raises:
        ckan.logic.ValidationError: somebody tries to replace a checked file by hand.
    """

    mimetype: str | None = None

    def __init__(self, row: File, resource: dict[str, Any]) -> None:
        self.storage = files.get_storage(config.stage_storage())
        self.row = row
        offered, clear = resource.pop("upload", None), resource.pop("clear_upload", None)
        # here and not in upload(), which CKAN does not call where it sees no change
        if clear or (isinstance(offered, FileStorage) and offered.filename):
            model.Session.rollback()
            message = tk._("This file is harvested and checked. Change it at its source, and it will follow.")
            raise tk.ValidationError({"upload": [message]})

    def get_path(self, id: str) -> str:  # noqa: A002 - CKAN's interface
        """Where the published bytes are within the storage."""
        return str(place(self.row.sha256))

    def upload(self, id: str, max_size: int = 10) -> None:  # noqa: A002 - CKAN's interface
        """Writes nothing: the bytes are there."""


def for_resource(resource: dict[str, Any]) -> StagedUpload | GatedUpload | None:
    """The uploader for a resource with a file, or None where CKAN's own has nothing to store."""
    id_ = resource.get("id")
    row = model.Session.get(File, id_) if isinstance(id_, str) and id_ else None
    item = model.Session.get(Item, row.item_id) if row else None
    source = model.Session.get(Source, item.source_id) if item else None
    if row and source and source.kind != UPLOAD:
        return StagedUpload(row, resource)
    return for_upload(resource, row)
