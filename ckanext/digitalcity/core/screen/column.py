"""What is known of a column before its values are read: its name, and what the schema allows in it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property

WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")


def words(text: str) -> frozenset[str]:
    """The words of a text, as a set."""
    return frozenset(text.split())


# Names of things that are numbered, measured or counted: what is in such a column is not about a person's contact.
IDENTIFIERS = words(
    "id ids uid uuid guid uprn usrn ref refs reference code codes key number no num serial sensor device station asset "
    "invoice transaction order po voucher account crn charity company companies vat postcode easting northing lat "
    "latitude lon long lng longitude x y geox geoy geometry date time timestamp datetime year month amount price cost "
    "value total sum net gross count qty quantity isbn ean barcode url uri link image"
)


@dataclass(frozen=True)
class Column:
    """One column of a table; the name is ``""`` for text without columns.

    Attributes:
        position: from 1.
        shown: what a finding calls it; differs from the name where that could be data itself.
        public: rules whose finding is meant to be public here, because the recipe's schema says so.
    """

    name: str
    position: int
    shown: str = ""
    public: frozenset[str] = field(default_factory=frozenset)

    @cached_property
    def words(self) -> frozenset[str]:
        """The words in its name, in lower case: ``SiteTelNo`` gives site, tel and no."""
        return frozenset(word.lower() for word in WORD.findall(self.name))

    def speaks_of(self, *words: str) -> bool:
        """Whether any of these words is in its name."""
        return not self.words.isdisjoint(words)

    @property
    def is_identifier(self) -> bool:
        """Whether its name says that it holds numbers, codes or amounts."""
        return not self.words.isdisjoint(IDENTIFIERS)
