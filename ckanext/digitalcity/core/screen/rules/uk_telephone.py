"""UK telephone numbers, checked against Ofcom's numbering plan as phonenumbers knows it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberType

from ..column import Column
from ..rule import Rule, Ruling, Sight, Table, Tally

# +44, 0044 or 0 and nine or ten more digits, in groups or not; not inside a longer number, word or fraction
SHAPE = re.compile(r"(?<![\w.,:/+-])(?:\+44|0044|\(?0)[\d ().-]{8,17}\d(?![\w:/]|[.,-]\d)")
GROUPED = re.compile(r"\(?0\d{2,5}\)?[ -]\(?\d{3}|\+44|0044")
NAMES = ("tel", "telephone", "phone", "phones", "mobile", "mob", "cell", "fax", "landline", "telno", "phoneno")
SAYS_SO = re.compile(r"\b(tel|telephone|phone|call|mobile|mob|ring|contact|fax)\b", re.I)
# Set aside by Ofcom for drama, so nobody's; but who fills a column with them wants it seen as telephone numbers
DRAMA = re.compile(r"(1(13|14|15|16|17|18|21|31|41|51|61)4960|2079460|1914980|2890180|2920180|1632960|7700900)\d{3}")
# 03, 08 and 09 are sold to organisations: nobody lives behind them
OFFICES = (
    PhoneNumberType.UAN,
    PhoneNumberType.TOLL_FREE,
    PhoneNumberType.SHARED_COST,
    PhoneNumberType.PREMIUM_RATE,
)


def look(texts: Sequence[str], columns: Sequence[Column]) -> Iterator[tuple[int, Sight, str]]:
    """A number is certain by its column's name, the words beside it or its grouping; else only likely."""
    for index, text in enumerate(texts):
        for match in SHAPE.finditer(text):
            sight, value = _sight(match.group(), text, columns[index])
            if sight:
                yield index, sight, value
                break


def _sight(shape: str, text: str, column: Column) -> tuple[Sight | None, str]:
    named = column.speaks_of(*NAMES)
    if column.is_identifier and not named and not shape.startswith("+44"):
        return None, ""
    try:
        number = phonenumbers.parse(shape, "GB")
    except NumberParseException:
        return None, ""
    value = str(number.national_number)
    if not DRAMA.fullmatch(value) and not phonenumbers.is_valid_number_for_region(number, "GB"):
        return Sight.SHAPED, value
    if phonenumbers.number_type(number) in OFFICES:
        return Sight.OFFICE, value
    certain = named or SAYS_SO.search(text) or GROUPED.match(shape)
    return Sight.CERTAIN if certain else Sight.LIKELY, value


def judge(tally: Tally, table: Table) -> list[Ruling]:
    """One and the same number all the way down is an office's; bare digits count if nearly all of them are numbers."""
    sights = [Sight.CERTAIN] if tally.cells(Sight.CERTAIN) else []
    if tally.cells(Sight.LIKELY) and (sights or (tally.cells(Sight.LIKELY) >= 5 and tally.share(Sight.LIKELY) > 0.95)):
        sights.append(Sight.LIKELY)
    rulings = []
    if sights:
        same = tally.values(*sights) == 1 and tally.cells(*sights) > 2
        rulings.append(Ruling("note" if same else "personal", tuple(sights)))
    if tally.cells(Sight.OFFICE):
        rulings.append(Ruling("note", (Sight.OFFICE,)))
    return rulings


HINT = r"(?:^|[^A-Za-z0-9_.,:/+-])(?:\+44|0044|\(?0)[\d ().-]{8,17}\d"
RULE = Rule("uk-telephone", HINT, look, judge)
