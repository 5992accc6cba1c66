"""All rows of an ArcGIS layer as CSV, page by page in the order of their object ids."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from ckanext.digitalcity.core.errors import Retriable, Skippable
from ckanext.digitalcity.core.model import Json

from .esri import Column, point, wkt
from .http import Http
from .urls import shown

MOST_ROWS = 2_000  # a page, where the server would give more
CHUNK = 1 << 16  # characters
WGS84 = 4326
LIMITS = {"x": 180, "y": 90}  # degrees


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one layer.

    Attributes:
        url: of the layer.
        key: name of its object id.
        shape: its ``geometryType``; "" for a table.
        most: rows the server gives at once.
    """

    http: Http
    url: str
    columns: list[Column]
    key: str
    shape: str
    most: int

    @property
    def places(self) -> list[str]:
        """Names of the columns that hold the geometry, none of which a field has already."""
        taken = {column.name.lower() for column in self.columns}
        names = {"": [], "esriGeometryPoint": ["x", "y"]}.get(self.shape, ["geometry"])
        while taken.intersection(names):
            names = [f"{name}_wgs84" for name in names]
        return names

    def schema(self) -> Json:
        """Table Schema of the file."""
        fields = [column.schema for column in self.columns]
        for name in self.places:
            limit = LIMITS.get(name[0]) if len(self.places) == 2 else None
            bounds = {"type": "number", "constraints": {"minimum": -limit, "maximum": limit}} if limit else {}
            fields.append({"name": name, "type": "string", **bounds})
        return {"fields": fields}

    def page_url(self, last: int | None, count: int) -> str:
        """Address of the rows after an object id; None for the first."""
        query = {
            "where": "1=1" if last is None else f"{self.key}>{last}",
            "outFields": "*",
            "orderByFields": self.key,
            "resultRecordCount": count,
            "returnGeometry": "true" if self.shape else "false",
            "f": "json",
        }
        if self.shape:
            query["outSR"] = WGS84
        return f"{self.url}/query?{urlencode(query)}"

    def read(self) -> Iterator[bytes]:
        """A header and one row a feature: UTF-8, commas, CRLF (RFC 4180), some 64 KiB at a time."""
        buffer = io.StringIO(newline="")
        writer = csv.writer(buffer)
        writer.writerow([*(column.name for column in self.columns), *self.places])
        for feature in self._features():
            writer.writerow(self._row(feature))
            if buffer.tell() > CHUNK:
                yield buffer.getvalue().encode()
                buffer.seek(0)
                buffer.truncate()
        yield buffer.getvalue().encode()

    def _row(self, feature: Json) -> list[str]:
        facts, where = feature["attributes"], feature.get("geometry")
        cells = [column.cell(facts.get(column.name)) for column in self.columns]
        if self.shape == "esriGeometryPoint":
            cells += point(where)
        elif self.shape:
            cells.append(wkt(where))
        return cells

    def _features(self) -> Iterator[Json]:
        """Every feature, until a page is empty: what servers say of there being more is not relied on."""
        last: int | None = None
        count = min(self.most, MOST_ROWS)
        while True:
            try:
                features = self._page(last, count)
            except Skippable as problem:
                if problem.reason != "too-large" or count == 1:
                    raise
                count //= 2
                continue
            if not features:
                return
            for feature in features:
                facts = feature.get("attributes") if isinstance(feature, dict) else None
                number = facts.get(self.key) if isinstance(facts, dict) else None
                if isinstance(number, bool) or not isinstance(number, int) or (last is not None and number <= last):
                    raise Skippable(
                        f"{shown(self.url)} does not give its rows in the order of their object ids.",
                        "Tell whoever runs the server: without it some rows could be missed.",
                        reason="no-order",
                    )
                last = number
                yield feature

    def _page(self, last: int | None, count: int) -> list[Any]:
        page = asked(self.http, self.page_url(last, count), numbers=True)
        features = page.get("features")
        if not isinstance(features, list):
            raise Skippable(f"The answer of {shown(self.url)} has no list of features.", reason="not-a-list")
        if not features and page.get("exceededTransferLimit") is True:
            raise Retriable(f"{shown(self.url)} says that there are more rows, but gives none.", "Try again later.")
        place = page.get("spatialReference")
        if self.shape and isinstance(place, dict) and WGS84 not in (place.get("wkid"), place.get("latestWkid")):
            raise Skippable(
                f"{shown(self.url)} does not give its places as longitude and latitude (WGS 84).",
                "Tell whoever runs the server.",
                reason="not-wgs84",
            )
        return features


def asked(http: Http, url: str, *, numbers: bool = False) -> Json:
    """An answer of the server as JSON; its errors, which come as HTTP 200, as ours.

    Args:
        numbers: keep numbers as they were written.

    Raises:
        Retriable: the server is in trouble of its own.
        Skippable: it has nothing there (``file-gone``), or lets nobody in (``no-access``), or answers something else.
    """
    answer = http.get_json(url, numbers=Decimal) if numbers else http.get_json(url)
    if not isinstance(answer, dict):
        raise Skippable(f"{shown(url)} did not answer as an ArcGIS server does.", reason="unexpected-answer")
    if "error" not in answer:
        return answer
    error = answer["error"]
    code = error.get("code") if isinstance(error, dict) else None
    code = code if isinstance(code, int) else 0
    where = f"{shown(url)} answered with an error (code {code})"
    if code == 429 or code >= 500:
        raise Retriable(f"{where}.", "Try again later.")
    if code in (401, 403, 498, 499):
        raise Skippable(f"{where}: it does not let us in.", "Ask its owner to open it to everybody.", "no-access")
    if code in (404, 410):
        raise Skippable(f"{where}: there is nothing there.", "Correct the address.", "file-gone")
    raise Skippable(f"{where}.", "Check the address.", "unexpected-answer")
