"""What a Datastream says of its results, as a Table Schema of their file (OGC 18-088, section 8.2.4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ckanext.digitalcity.core.model import Json

from .observations import COLUMNS, Context
from .text import line

TIMES = ("phenomenon_time", "phenomenon_time_end", "result_time")
PLACES = {"longitude": 180, "latitude": 90}  # degrees
TYPES = {
    "OM_Measurement": "number",
    "OM_CountObservation": "integer",
    "OM_TruthObservation": "boolean",
    "OM_CategoryObservation": "string",
}


def table_schema(contexts: Sequence[Context], stated: Any) -> Json:
    """The columns, with the type of results where ``observationType`` states it; of parts of results it does not."""
    type_ = TYPES.get(line(stated).rstrip("/").rpartition("/")[2], "any") if len(contexts) == 1 else "any"
    return {"fields": [_field(name, contexts, type_) for name in COLUMNS], "missingValues": [""]}


def _field(name: str, contexts: Sequence[Context], type_: str) -> Json:
    if name == "result":
        context = contexts[0]
        words = ", ".join(filter(None, (context.observed_property, context.unit))) if len(contexts) == 1 else ""
        return {"name": name, "type": type_} | ({"title": words} if words else {})
    if name in TIMES:
        return {"name": name, "type": "datetime"} | ({"constraints": {"required": True}} if name == TIMES[0] else {})
    if name in PLACES:
        return {"name": name, "type": "number", "constraints": {"minimum": -PLACES[name], "maximum": PLACES[name]}}
    return {"name": name, "type": "string"}
