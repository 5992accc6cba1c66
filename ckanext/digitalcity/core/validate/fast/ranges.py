"""Numbers between bounds as regular expressions, so that a row's expression can judge them by their digits."""

from __future__ import annotations

import operator
from math import ceil, floor

from .bounds import Bound

DIGITS = 15  # of the numbers looked at: as doubles they are still exact
PLAIN = "-?[0-9]{1,18}"
DECIMAL = "-?[0-9]+"
FRACTION = "(?:[.][0-9]+)?"


def integers_within(limits: list[Bound]) -> str | None:
    """Whole numbers that keep the limits, written without needless zeros; None if there is none."""
    if not limits:
        return PLAIN
    low, high = _reach(limits)
    return _either(_counted(max(low, 0), high), _counted(max(1, -high), -low))


def numbers_within(limits: list[Bound]) -> str | None:
    """Numbers that keep the limits whatever follows their decimal point; None if there is none."""
    if not limits:
        return DECIMAL + FRACTION
    low, high = _reach(limits)
    whole = _either(_counted(max(low, 0), high - 1), _counted(max(0, -high), -low - 1))
    return whole and whole + FRACTION


def _reach(limits: list[Bound]) -> tuple[int, int]:
    """The least and the greatest whole number that keeps the limits."""
    high = 10**DIGITS - 1
    low = -high
    for limit in limits:
        if limit.strictly is operator.gt:
            edge = ceil(limit.value)
            low = max(low, edge if limit.passes(edge, limit.value) else edge + 1)
        else:
            edge = floor(limit.value)
            high = min(high, edge if limit.passes(edge, limit.value) else edge - 1)
    return low, high


def _either(positive: list[str], negative: list[str]) -> str | None:
    kinds = positive + [f"-{digits}" for digits in negative]
    return f"(?:{'|'.join(kinds)})" if kinds else None


def _counted(low: int, high: int) -> list[str]:
    """Expressions for the numbers from low to high: ``9``, ``[1-3][0-9]``, ``4[0-2]`` for 9 to 42."""
    found = []
    while low <= high:
        free = 0  # digits at the end that may be any
        while low and low % 10 ** (free + 1) == 0 and low + 10 ** (free + 1) - 1 <= high:
            free += 1
        first = low // 10**free % 10
        last = min(9, first + (high - low + 1) // 10**free - 1)
        lead = low // 10 ** (free + 1)
        found.append(f"{lead or ''}[{first}-{last}]" + (f"[0-9]{{{free}}}" if free else ""))
        low += (last - first + 1) * 10**free
    return found
