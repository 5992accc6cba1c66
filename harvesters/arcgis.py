"""ArcGIS services (FeatureServer, MapServer): one dataset a layer or table, its file all its rows as CSV."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any, TypeGuard
from urllib.parse import quote

from ckanext.digitalcity.core.errors import RecipeError, Skippable
from ckanext.digitalcity.core.model import FileDraft, Json, Recipe, Record, Ref

from .arcgis_rows import MOST_ROWS, Rows, asked
from .base import Source
from .esri import columns, iso_date, object_id
from .html_text import plain
from .http import Http
from .names import safe
from .paging import whole_list
from .text import line
from .urls import public_url, split

WITH_ROWS = {"Feature Layer", "Table"}
LEAST_ROWS = 1_000  # a page, where the server does not say how many it gives


class ArcGIS(Source):
    """Lists the layers and tables of one service. Groups, images and annotations have no rows and are left out."""

    kind = "arcgis"
    title = "ArcGIS feature service"
    options = {"layers": "Numbers of the layers and tables that are wanted, such as [0, 2]; default: all."}
    example = "arcgis"

    def __init__(self, recipe: Recipe, http: Http) -> None:
        super().__init__(recipe, http)
        self.base = recipe.address.rstrip("/")
        self.wanted = recipe.options.get("layers")
        if self.wanted is not None and not (
            isinstance(self.wanted, list) and self.wanted and all(type(number) is int for number in self.wanted)
        ):
            raise RecipeError(
                f"“layers” in the recipe “{recipe.name}” makes no sense.", "Write a list of numbers, such as [0, 2]."
            )
        if split(recipe.address).query:
            raise RecipeError(
                f"The address in the recipe “{recipe.name}” has a question mark in it.",
                "End it with FeatureServer or MapServer. Services that need a token are not read.",
            )

    def gather(self) -> Iterator[Ref]:
        """Lists every layer. Its version covers its description and when it was last edited."""
        with whole_list():
            service = asked(self.http, f"{self.base}?f=json")
            listed = [service.get("layers"), service.get("tables")]
            if not any(isinstance(part, list) for part in listed):
                raise Skippable("The address answers, but lists no layers and no tables.", reason="not-a-list")
            seen: set[str] = set()
            for entry in (e for part in listed if isinstance(part, list) for e in part if isinstance(e, dict)):
                id_, title = entry.get("id"), line(entry.get("name"))
                if not _is_id(id_):
                    yield Ref(f"without id: {title}", title=title, hint={"error": "no-id"})
                elif str(id_) not in seen and (self.wanted is None or id_ in self.wanted):
                    seen.add(str(id_))
                    yield from self._ref(id_, title)

    def _ref(self, id_: int | str, title: str) -> Iterator[Ref]:
        try:
            layer = self._layer(id_)
        except Skippable:  # one layer that cannot be read must not hide the others; fetching it says why
            yield Ref(str(id_), None, title or f"Layer {id_}", {"id": id_})
            return
        if _has_rows(layer):
            yield Ref(str(id_), _version(layer), line(layer.get("name")) or f"Layer {id_}", {"id": id_})

    def fetch(self, ref: Ref, cursor: str | None) -> Record:
        """Reads the layer's description anew."""
        if "error" in ref.hint:
            raise Skippable(
                "This layer has no usable number (id).", "Tell whoever runs the server.", reason=str(ref.hint["error"])
            )
        layer = self._layer(ref.hint["id"])
        title = line(layer.get("name")) or f"Layer {ref.remote_id}"
        notes = filter(None, (plain(layer.get("description")), plain(layer.get("copyrightText"))))
        return Record(
            ref.remote_id, title, "\n\n".join(notes), _metadata(layer), tuple(self._files(layer, ref.hint["id"], title))
        )

    def _files(self, layer: Json, id_: int | str, title: str) -> Iterator[FileDraft]:
        cells = columns(layer)
        abilities = layer.get("capabilities")
        if not cells or (isinstance(abilities, str) and "Query" not in abilities.replace(" ", "").split(",")):
            return
        key = object_id(layer)
        if key is None:
            raise Skippable(
                "The rows of this layer have no object ids, so they cannot be read to their end.",
                "Tell whoever runs the server.",
                reason="no-object-id",
            )
        most = layer.get("maxRecordCount")
        rows = Rows(
            http=self.http,
            url=self._url(id_),
            columns=cells,
            key=key,
            shape=line(layer.get("geometryType")),
            most=most if isinstance(most, int) and most > 0 else LEAST_ROWS,
        )
        yield FileDraft(
            key="rows",
            name=title,
            filename=f"{safe(title, 60) or 'layer'}-{safe(str(id_)) or 'rows'}.csv",
            url=public_url(rows.page_url(None, min(rows.most, MOST_ROWS))),
            format="CSV",
            read=rows.read,
            schema=rows.schema(),
        )

    def _url(self, id_: int | str) -> str:
        return f"{self.base}/{quote(str(id_), safe='', errors='replace')}"

    def _layer(self, id_: int | str) -> Json:
        layer = asked(self.http, f"{self._url(id_)}?f=json")
        if layer.get("id") != id_:
            raise Skippable("The server's answer is not the layer that was asked for.", reason="not-a-layer")
        return layer


def _metadata(layer: Json) -> Json:
    """What the layer states in terms of DCAT. Its ``copyrightText`` is no licence; it goes into the description."""
    edits = layer.get("editingInfo")
    times = [edits.get(name) for name in ("dataLastEditDate", "lastEditDate")] if isinstance(edits, dict) else []
    modified = next(filter(None, map(iso_date, times)), "")
    return {"modified": modified} if modified else {}


def _version(layer: Json) -> str | None:
    """A hash of all that the layer says; None if it does not say when it was edited."""
    edits = layer.get("editingInfo")
    if not isinstance(edits, dict) or not iso_date(edits.get("lastEditDate")):
        return None
    return hashlib.sha256(json.dumps(layer, sort_keys=True).encode()).hexdigest()


def _has_rows(layer: Json) -> bool:
    return not isinstance(layer.get("type"), str) or layer["type"] in WITH_ROWS


def _is_id(value: Any) -> TypeGuard[int | str]:
    """Whether a value can be the number of a layer and a part of an address."""
    if isinstance(value, bool) or not isinstance(value, int | str) or value in (".", ".."):
        return False
    return 0 < len(str(value)) <= 200 and str(value).isprintable()
