"""GSS codes of areas: nine characters, of which the first three say what kind of area it is.

Office for National Statistics, GSS coding and naming policy and Register of Geographic Codes: one letter for the
country, two digits for the kind of area, six for the area itself. There is no check digit.
"""

from __future__ import annotations

import re

from ..explanation import N_, Explanation
from ..model import Json
from .check import Kind, Setting
from .codes import COLUMN, EXPLAINED, LISTED, UNKNOWN, Codes
from .column import Context

RULE = "gss-code"
# Entity codes by the word a data officer would use. Any other entity may be named by its three characters.
AREAS = {
    "output-area": ("E00", "W00", "S00"),
    "lsoa": ("E01", "W01"),
    "msoa": ("E02", "W02"),
    "parish": ("E04", "W04"),
    "ward": ("E05", "W05", "S13", "N08"),
    "local-authority": ("E06", "E07", "E08", "E09", "W06", "S12", "N09"),
    "county": ("E10",),
    "region": ("E12",),
    "constituency": ("E14", "W07", "S14", "N05", "N06"),
    "national-park": ("E26", "W18", "S21"),
    "country": ("E92", "W92", "S92", "N92"),
}
ENTITY = "[EWSNKJLM][0-9]{2}"


def _build(settings: Json, context: Context) -> Codes:
    areas = settings.get("areas", [])
    entities = [code for area in areas for code in AREAS.get(area, (area,))]
    form = f"(?:{'|'.join(entities)})[0-9]{{6}}" if entities else f"{ENTITY}[0-9]{{6}}"
    return Codes(settings, context, RULE, form, f"GSS code: {', '.join(areas)}" if areas else "GSS code")


def _problem(settings: Json) -> str:
    for area in settings.get("areas", []):
        if area not in AREAS and not re.fullmatch(ENTITY, area):
            return f"“areas” are three characters such as E05, or any of: {', '.join(AREAS)}."
    return ""


CHECK = Kind(
    name="gss-codes",
    why="Codes that lost a digit, or old and home-made ones, cannot be joined with any other statistics.",
    source="Office for National Statistics: GSS coding and naming policy, Register of Geographic Codes",
    settings={
        "column": COLUMN,
        "areas": Setting("texts", f"kinds of area: {', '.join(AREAS)}, or an entity code such as E05; any if left out"),
        "listed": LISTED,
    },
    rules={
        RULE: Explanation(
            N_("Not a GSS code of such an area"),
            N_("A GSS code has a letter and eight digits, and begins with the three characters of its kind of area."),
            N_("Look the area up in the Register of Geographic Codes of the Office for National Statistics."),
        ),
        UNKNOWN: EXPLAINED,
    },
    build=_build,
    problem=_problem,
)
