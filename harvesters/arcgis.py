"""ArcGIS services (FeatureServer, MapServer), one or all that a portal lists: one dataset a layer or table, as CSV."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any, TypeGuard
from urllib.parse import quote

from ckanext.digitalcity.core.errors import RecipeError, Skippable
from ckanext.digitalcity.core.model import FileDraft, Json, Recipe, Record, Ref

from .arcgis_items import Item, items
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
    """Lists the layers and tables of one service, or of those that a search in a portal finds.

    Groups, images and annotations have no rows and are left out.
    """

    kind = "arcgis"
    title = "ArcGIS feature service"
    options = {
        "layers": "Numbers of the layers and tables that are wanted, such as [0, 2]; default: all.",
        "search": "Which services of a portal are wanted, such as orgid:AbC123; then the address is the portal’s, and "
        "ends with sharing/rest.",
    }
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
        self.search = recipe.options.get("search")
        if self.search is not None and not (isinstance(self.search, str) and self.search.strip()):
            raise RecipeError(f"“search” in the recipe “{recipe.name}” makes no sense.", "Write it as orgid:AbC123.")
        if split(recipe.address).query:
            raise RecipeError(
                f"The address in the recipe “{recipe.name}” has a question mark in it.",
                "End it with FeatureServer or MapServer, or sharing/rest. Services that need a token are not read.",
            )

    def gather(self) -> Iterator[Ref]:
        """Lists every layer. Its version covers its description and when it was last edited."""
        with whole_list():
            if self.search is None:
                yield from self._layers(self.base, None)
                return
            for item in items(self.http, self.base, self.search):
                try:
                    yield from self._layers(item.url, item)
                except Skippable:  # one service that cannot be read must not hide the others; fetching it says why
                    yield Ref(item.id, None, item.title or item.id, {"url": item.url})

    def _layers(self, base: str, item: Item | None) -> Iterator[Ref]:
        """The layers of one service."""
        seen: set[str] = set()
        entries = self._listed(base)
        single = len(entries) == 1 or (item is not None and item.layer is not None)
        for entry in entries:
            id_, title = entry.get("id"), line(entry.get("name"))
            if not _is_id(id_):
                yield Ref(f"without id: {title}", title=title, hint={"error": "no-id"})
            elif str(id_) not in seen and self._wants(id_, item):
                seen.add(str(id_))
                yield from self._ref(base, id_, title, item, single)

    def _listed(self, base: str) -> list[Json]:
        service = asked(self.http, f"{base}?f=json")
        parts = [part for part in (service.get("layers"), service.get("tables")) if isinstance(part, list)]
        if not parts:
            raise Skippable("The address answers, but lists no layers and no tables.", reason="not-a-list")
        return [entry for part in parts for entry in part if isinstance(entry, dict)]

    def _wants(self, id_: int | str, item: Item | None) -> bool:
        if item and item.layer is not None and id_ != item.layer:
            return False
        return self.wanted is None or id_ in self.wanted

    def _ref(self, base: str, id_: int | str, title: str, item: Item | None, single: bool) -> Iterator[Ref]:
        hint: Json = {"id": id_}
        remote_id = str(id_)
        if item:
            remote_id = f"{item.id}/{id_}"
            hint |= {"url": base, "title": item.title, "single": single, **item.facts}
        try:
            layer = self._layer(base, id_)
        except Skippable:  # one layer that cannot be read must not hide the others; fetching it says why
            yield Ref(remote_id, None, _title(hint, {"name": title}), hint)
            return
        if _has_rows(layer):
            yield Ref(remote_id, _version(layer, hint), _title(hint, layer), hint)

    def fetch(self, ref: Ref, cursor: str | None) -> Record:
        """Reads the layer's description anew; what its item says came with the list."""
        if "error" in ref.hint:
            raise Skippable(
                "This layer has no usable number (id).", "Tell whoever runs the server.", reason=str(ref.hint["error"])
            )
        base = ref.hint.get("url", self.base)
        if "id" not in ref.hint:
            self._listed(base)
            raise Skippable("This service can be read again.", "The next run lists its layers.", reason="not-a-layer")
        layer = self._layer(base, ref.hint["id"])
        title = _title(ref.hint, layer)
        notes = filter(
            None, (ref.hint.get("notes"), plain(layer.get("description")), plain(layer.get("copyrightText")))
        )
        return Record(
            ref.remote_id,
            title,
            "\n\n".join(dict.fromkeys(notes)),
            {**ref.hint.get("metadata", {}), **_metadata(layer)},
            tuple(self._files(layer, base, ref.hint["id"], title)),
        )

    def _files(self, layer: Json, base: str, id_: int | str, title: str) -> Iterator[FileDraft]:
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
            url=_url(base, id_),
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

    def _layer(self, base: str, id_: int | str) -> Json:
        layer = asked(self.http, f"{_url(base, id_)}?f=json")
        if layer.get("id") != id_:
            raise Skippable("The server's answer is not the layer that was asked for.", reason="not-a-layer")
        return layer


def _url(base: str, id_: int | str) -> str:
    return f"{base}/{quote(str(id_), safe='', errors='replace')}"


def _title(hint: Json, layer: Json) -> str:
    """The layer's name; of an item's only layer the item's, of several both."""
    name, item = line(layer.get("name")) or f"Layer {hint['id']}", hint.get("title", "")
    if item and hint.get("single"):
        return str(item)
    return f"{item}: {name}" if item else name


def _metadata(layer: Json) -> Json:
    """What the layer states in terms of DCAT. Its ``copyrightText`` is no licence; it goes into the description."""
    edits = layer.get("editingInfo")
    times = [edits.get(name) for name in ("dataLastEditDate", "lastEditDate")] if isinstance(edits, dict) else []
    modified = next(filter(None, map(iso_date, times)), "")
    return {"modified": modified} if modified else {}


def _version(layer: Json, hint: Json) -> str | None:
    """A hash of all that the layer and its item say; None if it is not said when it was edited."""
    edits = layer.get("editingInfo")
    if not isinstance(edits, dict) or not iso_date(edits.get("lastEditDate")):
        return None
    stated = [layer, hint] if "url" in hint else layer
    return hashlib.sha256(json.dumps(stated, sort_keys=True).encode()).hexdigest()


def _has_rows(layer: Json) -> bool:
    return not isinstance(layer.get("type"), str) or layer["type"] in WITH_ROWS


def _is_id(value: Any) -> TypeGuard[int | str]:
    """Whether a value can be the number of a layer and a part of an address."""
    if isinstance(value, bool) or not isinstance(value, int | str) or value in (".", ".."):
        return False
    return 0 < len(str(value)) <= 200 and str(value).isprintable()
