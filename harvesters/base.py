"""The one interface behind which every kind of source stands."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Sequence
from typing import ClassVar

from ckanext.digitalcity.core.model import Recipe, Record, Ref
from ckanext.digitalcity.harvesters import options as checked
from ckanext.digitalcity.harvesters.http import Http


class Source(ABC):
    """A remote catalogue or service, read through the one guarded door to the network.

    Attributes:
        kind: name used in recipes.
        title: for people, in English.
        schemes: how its addresses begin.
        options: the recipe ``options`` this kind understands, each with one sentence of help.
        fields: names of the facts that the recipe's ``fields`` may name a column for; empty if it reads no table.
        example: name of the example in ``recipes/`` without its extension.
    """

    kind: ClassVar[str]
    title: ClassVar[str]
    schemes: ClassVar[tuple[str, ...]] = ("https", "http")
    options: ClassVar[dict[str, str]] = {}
    fields: ClassVar[Collection[str]] = ()
    example: ClassVar[str] = ""

    def __init__(self, recipe: Recipe, http: Http) -> None:
        """Keeps what it was given; reads nothing yet.

        Raises:
            RecipeError: an option is unknown, missing or makes no sense, or the address is not of this kind.
        """
        checked.known(recipe, "options", recipe.options, self.options)
        checked.scheme(recipe, self.schemes)
        self.recipe = recipe
        self.http = http

    @abstractmethod
    def gather(self) -> Iterator[Ref]:
        """Lists every record the source has now, each once.

        Raises:
            IncompleteGather: the list could not be read to its end, so nothing may be withdrawn.
            Fatal: the address answers, but is not this kind of source.
        """

    def expect(self, refs: Sequence[Ref]) -> None:  # noqa: B027 - most kinds read one after another
        """Records that will be fetched next: a source that can read several with one request may do so then."""

    @abstractmethod
    def fetch(self, ref: Ref, cursor: str | None) -> Record:
        """Reads one record's metadata and says which files it has; their bytes are read later.

        Args:
            ref: as gather listed it.
            cursor: what the last published Record carried; None at first or to read everything again.

        Raises:
            Retriable: worth another try later.
            Skippable: this record cannot be used.
        """
