"""A strptime format as a regular expression that only matches real dates, written with all their digits."""

from __future__ import annotations

import re

LEAP = "(?:[12][0-9](?:0[48]|[2468][048]|[13579][26])|(?:1[26]|2[048])00)"
TIMES = {"H": "(?:[01][0-9]|2[0-3])", "M": "[0-5][0-9]", "S": "[0-5][0-9]", "f": "[0-9]{6}"}
# year, month and day: the three kinds of day that every year has, then 29 February
KINDS = (
    {"Y": "[12][0-9]{3}", "y": "[0-9]{2}", "m": "(?:0[1-9]|1[0-2])", "d": "(?:0[1-9]|1[0-9]|2[0-8])"},
    {"Y": "[12][0-9]{3}", "y": "[0-9]{2}", "m": "(?:0[13-9]|1[0-2])", "d": "(?:29|30)"},
    {"Y": "[12][0-9]{3}", "y": "[0-9]{2}", "m": "(?:0[13578]|1[02])", "d": "31"},
    {"Y": LEAP, "m": "02", "d": "29"},
)
DATE = frozenset("Yymd")


def directives(fmt: str) -> list[str]:
    """The letters after ``%`` in a strptime format."""
    return re.findall("%(.?)", fmt)


def pattern_of(fmt: str, suffix: str = "") -> str | None:
    """The expression for the whole text, years 1000 to 2999; None for a format that it cannot express.

    Args:
        suffix: expression of what may follow.
    """
    letters = directives(fmt)
    dates = set(letters) & DATE
    if not fmt.isascii() or len(set(letters)) < len(letters) or not set(letters) <= DATE | set(TIMES):
        return None
    if re.search(r"\s", fmt.replace(" ", "")) or ("m" in dates) != ("d" in dates) or {"Y", "y"} <= dates:
        return None
    kinds = KINDS if dates else KINDS[:1]
    known = [_fill(fmt, {**TIMES, **kind}) for kind in kinds if dates <= set(kind)]
    if "m" in dates and "Y" not in dates:
        known = known[:3]
    return f"^(?:{'|'.join(known)}){suffix}$"


def _fill(fmt: str, parts: dict[str, str]) -> str:
    pieces = re.split("%(.)", fmt)
    return "".join(parts[piece] if index % 2 else re.escape(piece) for index, piece in enumerate(pieces))
