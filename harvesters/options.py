"""Checks of what a recipe says to one kind of source."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime
from difflib import get_close_matches

from ckanext.digitalcity.core.errors import RecipeError
from ckanext.digitalcity.core.model import Recipe

from .urls import split


def known(recipe: Recipe, section: str, given: Collection[str], allowed: Collection[str]) -> None:
    """Checks that a part of the recipe says nothing that its kind does not understand.

    Raises:
        RecipeError: it does; says what was probably meant.
    """
    for word in given:
        if word not in allowed:
            hint = did_you_mean(word, allowed) or f"The kind “{recipe.kind}” takes nothing there."
            raise RecipeError(f"The recipe “{recipe.name}” says “{word}” under {section}, which is not known.", hint)


def scheme(recipe: Recipe, allowed: Collection[str]) -> None:
    """Checks that the address begins as those of its kind do.

    Raises:
        RecipeError: it does not.
    """
    if split(recipe.address).scheme not in allowed:
        raise RecipeError(
            f"The address in the recipe “{recipe.name}” is none that the kind “{recipe.kind}” can read.",
            f"Write one that begins with {' or '.join(f'{one}://' for one in allowed)}.",
        )


def did_you_mean(word: str, choices: Collection[str]) -> str:
    """The closest choice as a question, else all of them; "" if there are none."""
    close = get_close_matches(word, list(choices), n=1)
    if close:
        return f"Did you mean “{close[0]}”?"
    return f"Choose one of: {', '.join(sorted(choices))}." if choices else ""


def whole_number(recipe: Recipe, name: str, default: int, most: int) -> int:
    """An option that counts something, from 0 to ``most``."""
    value = recipe.options.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise RecipeError(
            f"“{name}” in the recipe “{recipe.name}” makes no sense.", f"Write a whole number from 0 to {most}."
        )
    return value


def choice(recipe: Recipe, name: str, *choices: str) -> str:
    """An option that is one of some words; the first of them if the recipe does not say."""
    value = recipe.options.get(name, choices[0])
    if value not in choices:
        *others, last = (f"“{one}”" for one in choices)
        raise RecipeError(
            f"“{name}” in the recipe “{recipe.name}” makes no sense.", f"Write {', '.join(others)} or {last}."
        )
    return str(value)


def day(recipe: Recipe, name: str) -> datetime | None:
    """An option that names a day: its first moment in UTC. None if the recipe does not say."""
    value = recipe.options.get(name)
    if value is None:
        return None
    try:
        found = value if isinstance(value, date) else date.fromisoformat(str(value))
    except ValueError:
        raise RecipeError(f"“{name}” in the recipe “{recipe.name}” is not a day.", "Write it as 2026-01-31.") from None
    return datetime(found.year, found.month, found.day, tzinfo=UTC)
