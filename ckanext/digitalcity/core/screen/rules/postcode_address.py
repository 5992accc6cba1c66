"""Home addresses: a full postcode with a house number and street in the same cell or row.

A postcode alone covers some fifteen homes and stands in much open data; with the house it points at one door.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ..column import Column
from ..rule import Rule, Ruling, Sight, Table, Tally

# BS 7666-0, full postcodes only; the inward code never has C, I, K, M, O or V
POSTCODE = re.compile(r"(?<![A-Za-z0-9])(?:[A-Z]{1,2}\d[A-Z\d]?|GIR) ?\d[ABD-HJLNP-UW-Z]{2}(?![A-Za-z0-9])", re.I)
STREET = re.compile(
    r"(?<![\w./-])(?:(?:flat|apartment|apt|unit) \w{1,4},? )?[1-9]\d{0,3}[a-z]?(?:\s?-\s?\d{1,4}[a-z]?)?,?\s{1,3}"
    r"(?:[A-Z][\w'’.-]{0,30}\s{1,3}){1,4}"
    r"(?:street|st|road|rd|avenue|ave|av|lane|ln|drive|dr|close|cl|court|ct|crescent|cres|place|pl|way|grove|gardens|"
    r"gdns|terrace|terr|hill|park|mews|walk|row|rise|green|square|sq|parade|view|vale|mount|gate|heol|ffordd|stryd|lôn)"
    r"\b\.?(?![a-z])",
    re.I,
)
HOUSE = re.compile(r"\s*[1-9]\d{0,3}\s?[a-z]?\s*", re.I)
OFFICE = re.compile(
    r"\b(department (for|of)|council|ltd|limited|plc|llp|authority|university|civic|industrial estate|business park)\b",
    re.I,
)
HOUSE_NAMES = ("house", "paon", "saon", "building", "door", "property")


def look(texts: Sequence[str], columns: Sequence[Column]) -> Iterator[tuple[int, Sight, str]]:
    """Counts each cell with a postcode that has a door to go with it: in itself, or elsewhere in the row."""
    coded = [i for i, text in enumerate(texts) if POSTCODE.search(text)]
    elsewhere = any(STREET.search(text) for i, text in enumerate(texts) if i not in coded)
    for index in coded:
        if STREET.search(texts[index]) or elsewhere or _has_house(texts, columns):
            yield index, Sight.OFFICE if OFFICE.search(texts[index]) else Sight.CERTAIN, ""


def _has_house(texts: Sequence[str], columns: Sequence[Column]) -> bool:
    """Whether a column for house numbers holds one, and another is there for the street."""
    houses = [
        i for i, text in enumerate(texts) if columns[i].speaks_of(*HOUSE_NAMES, "street") and HOUSE.fullmatch(text)
    ]
    return bool(houses) and any(
        i not in houses and columns[i].speaks_of("street", "road", "address", "thoroughfare") and text.strip()
        for i, text in enumerate(texts)
    )


def judge(tally: Tally, table: Table) -> list[Ruling]:
    """Addresses in a table of organisations, and of nobody else, are where those do business."""
    of_offices = table.of_organisations and not table.of_people
    rulings = []
    if tally.cells(Sight.CERTAIN):
        rulings.append(Ruling("note" if of_offices else "personal", (Sight.CERTAIN,)))
    if tally.cells(Sight.OFFICE):
        rulings.append(Ruling("note", (Sight.OFFICE,)))
    return rulings


# without regard to case, Python takes two more letters (dotted and dotless i) for an I than Rust does
HINT = r"(?i:(?:[A-Z\u0130\u0131]{1,2}\d[A-Z\u0130\u0131\d]?|G[I\u0130\u0131]R) ?\d[A-Z\u0130\u0131]{2})"
RULE = Rule("postcode-address", HINT, look, judge)
