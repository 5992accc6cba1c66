"""One file that is replaced in place: the simplest thing a council can publish."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ckanext.digitalcity.core.errors import RecipeError
from ckanext.digitalcity.core.model import FileDraft, Recipe, Record, Ref

from .base import Source
from .http import Http
from .names import filename, format_of
from .urls import public_url

KEY = "file"


class File(Source):
    """One dataset with one file, known by the recipe's name, for the address may change.

    Title, description, licence and contact are the recipe's: a file says nothing of itself.
    """

    kind = "file"
    title = "One file"
    options = {"format": "What the file is, such as CSV, where its address does not end with it."}
    example = "file"

    def __init__(self, recipe: Recipe, http: Http) -> None:
        super().__init__(recipe, http)
        stated = recipe.options.get("format", "")
        self.format = format_of(stated, recipe.address) if isinstance(stated, str) else ""
        if stated and not self.format:
            raise RecipeError(f"“format” in the recipe “{recipe.name}” makes no sense.", "Write it as CSV or JSON.")

    def gather(self) -> Iterator[Ref]:
        """Lists the file. Where the server does not say how old it is, only its bytes tell whether it changed."""
        yield Ref(self.recipe.name, self.http.head_version(self.recipe.address), self.recipe.title)

    def fetch(self, ref: Ref, cursor: str | None) -> Record:
        """Asks nothing of the network."""
        address = self.recipe.address
        draft = FileDraft(
            key=KEY,
            name=self.recipe.title,
            filename=filename(address, self.recipe.name, self.format),
            url=public_url(address),
            format=self.format,
            read=partial(self.http.read, address),
        )
        return Record(ref.remote_id, self.recipe.title, self.recipe.description, files=(draft,))
