"""Which of the shipped Table Schemas a file's columns look like. A proposal for a person, never a decision."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .model import Json

LEAST = 0.3  # how much must be shared to be worth a proposal
MOST = 3


@dataclass(frozen=True, slots=True)
class Proposal:
    """A schema and how much of it fits.

    Attributes:
        schema: name of the shipped schema.
        shared: how many of the file's columns it knows.
        columns: how many columns the file has.
        share: between 0 and 1; 1 where both have exactly the same columns (Sørensen-Dice).
    """

    schema: str
    shared: int
    columns: int
    share: float


def propose(columns: Iterable[str], schemas: Mapping[str, Json]) -> list[Proposal]:
    """The schemas that fit best, the best first; none if none is near.

    Args:
        columns: names of the file's columns.
        schemas: name -> Table Schema descriptor.
    """
    have = {_plain(name) for name in columns} - {""}
    found = []
    for name, descriptor in schemas.items():
        known = {_plain(str(field.get("name", ""))) for field in descriptor.get("fields", [])} - {""}
        shared = len(have & known)
        share = 2 * shared / (len(have) + len(known)) if have and known else 0.0
        if share >= LEAST:
            found.append(Proposal(name, shared, len(have), round(share, 3)))
    return sorted(found, key=lambda proposal: (-proposal.share, proposal.schema))[:MOST]


def _plain(name: str) -> str:
    """``Start_Date``, ``start date`` and ``StartDate`` are the same."""
    return re.sub(r"[\W_]+", "", name.casefold())
