"""CKAN's resource uploader for files that people upload: every write of a resource's bytes comes through here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.lib import files
from ckan.lib.uploader import ResourceUpload
from werkzeug.datastructures import FileStorage

from ckanext.digitalcity import config
from ckanext.digitalcity.core.model import Json
from ckanext.digitalcity.gate import home
from ckanext.digitalcity.gate.offer import Offer, take
from ckanext.digitalcity.gate.settle import facts_of, forget, settle
from ckanext.digitalcity.gate.worker import wake_after_commit
from ckanext.digitalcity.harvest.stage import place
from ckanext.digitalcity.model import PENDING, File, Item, now

KEPT = ("url", "url_type", "mimetype", "size", "hash", "last_modified", "format")


def offered(resource: Json) -> FileStorage | None:
    """The file that came with a write, as CKAN itself understands it."""
    upload = resource.get("upload")
    return upload if isinstance(upload, FileStorage) and upload.filename else None


class GatedUpload:
    """Serves and takes the file of one resource. Which bytes it serves, the ledger alone says.

    Raises:
        ckan.logic.ValidationError: an offered file is refused.
    """

    storage: Any = None

    def __init__(self, resource: Json, row: File | None, item: Item | None, *, hold: bool) -> None:
        self.row, self.item = row, item
        self.mimetype = row.facts.get("mimetype") if row else resource.get("mimetype")
        upload, clear = offered(resource), resource.pop("clear_upload", None)
        resource.pop("upload", None)
        self.offer: Offer | None = take(resource, upload, hold=hold) if upload else None
        is_link = "url_type" in resource and resource["url_type"] != "upload"
        self.cleared = self.offer is None and bool(clear or is_link)
        if self.offer:
            # also says in the resource that something was handed in: CKAN stores nothing where it sees no change
            resource.update(self._facts(self.offer, resource), digitalcity_last_upload=now().isoformat())
        elif row and not self.cleared:
            resource.update({key: row.facts[key] for key in ("size", "hash", "mimetype") if key in row.facts})

    def _facts(self, offer: Offer, resource: Json) -> Json:
        """A file that is not public yet changes nothing that is said of the one that is."""
        if offer.passed and offer.result:
            return facts_of(offer.file, offer.result)
        before = model.Session.get(model.Resource, resource["id"]) if resource.get("id") else None
        if before is not None and before.url:
            return {key: getattr(before, key) for key in KEPT}
        return {"url": offer.file.filename, "url_type": "upload", "hash": "", "size": offer.file.size}

    def upload(self, id: str, max_size: int = 10) -> None:  # noqa: A002 - CKAN's interface
        """Settles what was offered, within the transaction in which CKAN writes the resource."""
        if self.offer:
            item = settle(id, self.offer)
            if item.outcome == PENDING:
                wake_after_commit(item.id)
        elif self.cleared and self.item:
            forget(self.item)

    def get_path(self, id: str) -> str:  # noqa: A002 - CKAN's interface
        """Where the public bytes are: in the stage, or in CKAN's own folder if they were there before the gate was.

        Answers 404 and says why, if no bytes are public.
        """
        if self.row:
            self.storage = files.get_storage(config.stage_storage())
            return str(place(self.row.sha256))
        if earlier := _earlier(id):
            return earlier
        if self.item and self.item.outcome == PENDING:
            tk.abort(404, tk._("This file is being checked. It becomes public once it has passed."))
        if self.item and self.item.held_since:
            tk.abort(404, tk._("This file is held, because it did not pass the check. No version of it is public."))
        return str(tk.abort(404, tk._("There is no file here.")))


def _earlier(id_: str) -> str:
    """A file that CKAN itself stored before this extension was there."""
    own = ResourceUpload({})
    path = own.get_path(id_) if own.storage_path else ""
    return path if path and Path(path).is_file() else ""


def for_upload(resource: Json, row: File | None) -> GatedUpload | None:
    """The uploader for a resource with a file, or None where there is none and CKAN's own has nothing to store."""
    hold = str(resource.pop("digitalcity_hold", "")).lower() in ("true", "1", "on", "yes")
    id_ = resource.get("id")
    item = home.find(id_) if isinstance(id_, str) and id_ else None
    if offered(resource) or row or item or resource.get("url_type") == "upload":
        return GatedUpload(resource, row, item, hold=hold)
    return None
