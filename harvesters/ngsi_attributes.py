"""Attributes of entities, however a context broker writes them (ETSI GS CIM 009, section 4.5; FIWARE-NGSI v2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from ckanext.digitalcity.core.model import Json

from .geojson import geometry, point
from .text import line

NOT_ATTRIBUTES = {"id", "type", "@context", "@id", "@type", "createdAt", "modifiedAt", "scope"}
VALUES = ("value", "object", "languageMap", "vocab", "json", "valueList", "objectList")
# UN/CEFACT common codes that unitCode holds, as UCUM writes the same unit. Others stay as they came.
UNITS = {
    "CEL": "Cel", "P1": "%", "GQ": "ug/m3", "GP": "mg/m3", "MTR": "m", "CMT": "cm", "MMT": "mm", "KMT": "km",
    "MTS": "m/s", "KMH": "km/h", "DD": "deg", "A97": "hPa", "2N": "dB", "LUX": "lx", "WTT": "W", "KWT": "kW",
    "KWH": "kW.h", "VLT": "V", "AMP": "A", "HTZ": "Hz", "59": "[ppm]", "61": "[ppb]", "C62": "1",
}  # fmt: skip
OBSERVED = ("dateObserved", "dateObservedFrom", "observationDateTime")  # of smart-data-models, for the whole entity


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of an entity.

    Attributes:
        name: its short name, also where the broker gives the whole address.
        unit: UCUM where its code is known, else the code; "" if none is stated.
        at: when it was observed, as it is written; "" if that is not stated.
        set: which of several series of the same attribute it belongs to (datasetId); "" if there is but one.
    """

    name: str
    value: Any
    unit: str = ""
    at: str = ""
    set: str = ""


def attributes(entity: Json) -> Iterator[Attribute]:
    """The attributes of an entity: normalized, concise or keyValues, NGSI-LD or NGSIv2."""
    for name, stated in entity.items():
        if name not in NOT_ATTRIBUTES:
            yield _attribute(_short(name), stated)


def instances(entity: Json) -> Iterator[Attribute]:
    """Every value that an entity's attributes had, in any of its temporal forms (section 4.5.6 to 4.5.9)."""
    for name, stated in entity.items():
        if name in NOT_ATTRIBUTES:
            continue
        for one in stated if isinstance(stated, list) else [stated]:
            pairs = one.get("values") if isinstance(one, dict) else None
            if isinstance(pairs, list):
                one_by_one = (pair for pair in pairs if isinstance(pair, list) and len(pair) > 1)
                yield from (Attribute(_short(name), _plain(pair[0]), at=line(pair[1])) for pair in one_by_one)
            else:
                series = line(one.get("datasetId")) if isinstance(one, dict) else ""
                yield replace(_attribute(_short(name), one), set=series)


def _short(name: str) -> str:
    """The last part of an address; of a name, the name."""
    return line(name.rstrip("/#").replace("#", "/").rpartition("/")[2] or name, 100)


def _attribute(name: str, stated: Any) -> Attribute:
    if isinstance(stated, list) and stated and all(isinstance(s, dict) and _member(s) for s in stated):
        stated = next((s for s in stated if "datasetId" not in s), stated[0])  # of several, the one that is the default
    if not isinstance(stated, dict) or not _member(stated):
        return Attribute(name, _plain(stated))
    metadata = stated.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    code = line(_value(stated.get("unitCode")) or _value(metadata.get("unitCode")), 20)
    at = line(
        _value(stated.get("observedAt")) or _value(metadata.get("observedAt")) or _value(metadata.get("TimeInstant"))
    )
    value = _plain(stated[_member(stated)])
    if stated.get("type") == "geo:point" and isinstance(value, str):
        value = _geo_point(value)
    return Attribute(name, value, UNITS.get(code, code), at)


def _member(stated: Json) -> str:
    """The member that holds the value; "" if this is a value itself."""
    return next((member for member in VALUES if member in stated), "")


def _value(stated: Any) -> Any:
    return stated.get("value") if isinstance(stated, dict) else stated


def _plain(value: Any) -> Any:
    """JSON-LD's typed values, such as times, as what they are (ETSI GS CIM 009, section 4.6.3)."""
    return value["@value"] if isinstance(value, dict) and "@value" in value else value


def _geo_point(text: str) -> Json | None:
    """NGSIv2's geo:point, which is latitude and then longitude."""
    try:
        latitude, longitude = (float(number) for number in text.split(","))
    except ValueError:
        return None
    return {"type": "Point", "coordinates": [longitude, latitude]}


def observed_at(found: list[Attribute]) -> str:
    """When an entity of smart-data-models was observed as a whole, perhaps a period; "" if it does not say."""
    values = {attribute.name: line(attribute.value) for attribute in found}
    begin = next((values[name] for name in OBSERVED if values.get(name)), "")
    end = values.get("dateObservedTo", "")
    return f"{begin}/{end}" if begin and end and "/" not in begin else begin


def place(found: list[Attribute]) -> tuple[float, float] | None:
    """Longitude and latitude of an entity whose location is a point."""
    return next((point(geometry(a.value)) for a in found if a.name == "location"), None)


def is_number(value: Any) -> bool:
    """Whether a value is a number, which truth values are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)
