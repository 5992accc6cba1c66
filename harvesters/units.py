"""Units of measurement as UCUM writes them (https://ucum.org), where what a source states can only mean one of them."""

from __future__ import annotations

import re
from typing import Any

from .text import line

STATED = re.compile(r"(?:\bucum:|:UCUM:+|[#/=]ucum[:/])([\w\[\]{}%./*'+-]+)$", re.IGNORECASE)
SYMBOLS = {
    "°C": "Cel", "ºC": "Cel", "degC": "Cel", "℃": "Cel", "°F": "[degF]", "°": "deg", "µg/m³": "ug/m3", "μg/m³": "ug/m3",
    "µg/m3": "ug/m3", "μg/m3": "ug/m3", "ug/m^3": "ug/m3", "mg/m³": "mg/m3", "mg/m^3": "mg/m3", "ppm": "[ppm]",
    "ppb": "[ppb]", "m³": "m3", "m²": "m2", "m³/s": "m3/s", "m³/h": "m3/h", "W/m²": "W/m2", "kWh": "kW.h", "Wh": "W.h",
    "µS/cm": "uS/cm", "μS/cm": "uS/cm", "µm": "um", "μm": "um", "l": "L", "l/s": "L/s", "l/m²": "L/m2",
}  # fmt: skip


def ucum(stated: Any) -> str:
    """The unit of a SensorThings ``unitOfMeasurement``: the UCUM code it names, else its symbol, else its name."""
    facts = stated if isinstance(stated, dict) else {}
    if found := STATED.search(line(facts.get("definition"))):
        return found[1]
    symbol = line(facts.get("symbol"))
    return SYMBOLS.get(symbol, symbol) or line(facts.get("name"))
