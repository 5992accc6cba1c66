"""UPRNs: the number of every addressable place in Great Britain.

GeoPlace and BS 7666-2: a number of up to twelve digits, without a check digit. Zeros in front are left out by some and
written by others; both are accepted.
"""

from __future__ import annotations

from ..explanation import N_, Explanation
from ..model import Json
from .check import Kind
from .codes import COLUMN, EXPLAINED, LISTED, UNKNOWN, Codes
from .column import Context

RULE = "uprn"
FORM = "|".join(f"0{{{zeros}}}[1-9][0-9]{{0,{11 - zeros}}}" for zeros in range(12))  # no look-ahead in Polars


def _build(settings: Json, context: Context) -> Codes:
    return Codes(settings, context, RULE, FORM, "1 to 12 digits")


CHECK = Kind(
    name="uprn",
    why="Spreadsheets turn UPRNs into 1.00023E+11 or add .0, and then nobody can find the address any more.",
    source="GeoPlace, Data Entry Conventions and Best Practice for Addresses; BS 7666-2",
    settings={"column": COLUMN, "listed": LISTED},
    rules={
        RULE: Explanation(
            N_("Not a UPRN"),
            N_("A Unique Property Reference Number has one to twelve digits and nothing else, and is not zero."),
            N_("Export the column as text, so that no spreadsheet rounds it, and look the number up at GeoPlace."),
        ),
        UNKNOWN: EXPLAINED,
    },
    build=_build,
)
