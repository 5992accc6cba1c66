"""JSON from strangers (RFC 8259): its value, or a sentence on why it is none."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from ckanext.digitalcity.core.errors import Skippable


def value_of(body: bytes, where: str, numbers: Callable[[str], Any], depth: int) -> Any:
    """The value of a JSON answer.

    Args:
        where: it came from, for messages.
        numbers: makes a value of a number with a fraction or exponent.
        depth: most levels of nesting.

    Raises:
        Skippable: it is something else (reason ``html`` or ``not-json``), or too deep.
    """
    try:
        # NaN is no JSON (RFC 8259, section 6), but sensors do say it: kept as a word, for the check to find
        value = json.loads(body, parse_float=numbers, parse_constant=str)
    except json.JSONDecodeError as error:
        if body.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<":
            raise Skippable(
                f"{where} answered with a web page instead of data.", "Check the address.", "html"
            ) from None
        place = f"line {error.lineno}, column {error.colno}"
        raise Skippable(f"The answer of {where} is not JSON: see {place}.", reason="not-json") from None
    except ValueError:
        raise Skippable(f"The answer of {where} is not JSON.", reason="not-json") from None
    except RecursionError:
        raise _too_deep(where) from None
    level: list[Any] = [value]
    for _ in range(depth):
        level = [child for parent in level for child in _children(parent)]
        if not level:
            return value
    raise _too_deep(where)


def _children(value: Any) -> Iterable[Any]:
    """What is inside a JSON value, as far as it can hold more."""
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [child for child in inside if isinstance(child, (dict, list))]


def _too_deep(where: str) -> Skippable:
    return Skippable(f"The answer of {where} is nested too deeply to be read.", reason="too-deep")
