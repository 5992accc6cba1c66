"""Companies House numbers: eight characters.

Companies House, Uniform Resource Identifiers: customer guide, and its list of prefixes: eight digits for England and
Wales, else two letters and six digits; registered societies (IP, NP, RS, SP) also have letters there, and a few
others one letter at the end. There is no check digit.
"""

from __future__ import annotations

from ..explanation import N_, Explanation
from ..model import Json
from .check import Kind
from .codes import COLUMN, EXPLAINED, LISTED, UNKNOWN, Codes
from .column import Context

RULE = "company-number"
PREFIXES = (
    "AC CE CS EN ES FC FE GE GN GS IC IP LP NA NC NF NI NL NO NP NV NZ OC OE PC R0 RC RS "
    "SA SC SE SF SG SI SL SO SP SR SZ ZC"
)
FORM = f"[0-9]{{8}}|(?:{PREFIXES.replace(' ', '|')})[0-9]{{5}}[0-9A-Z]|(?:IP|NP|OC|RS|SO|SP)[0-9A-Z]{{6}}"


def _build(settings: Json, context: Context) -> Codes:
    return Codes(settings, context, RULE, FORM, "8 characters, with zeros in front")


CHECK = Kind(
    name="company-numbers",
    why="Company numbers lose the zeros in front in a spreadsheet, and then lead to no company or to another one.",
    source="Companies House, Uniform Resource Identifiers: customer guide",
    settings={"column": COLUMN, "listed": LISTED},
    rules={
        RULE: Explanation(
            N_("Not a company number"),
            N_("A Companies House number has eight characters: digits, or two letters such as SC or NI and digits."),
            N_("Export the column as text, put lost zeros back in front, and look the company up at Companies House."),
        ),
        UNKNOWN: EXPLAINED,
    },
    build=_build,
)
