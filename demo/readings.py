"""What a sensor reads at an hour: made up by arithmetic, and the same every time it is asked for.

Nothing here was ever measured. The curves have the shape that real ones have: two rush hours, quiet Sundays, wood smoke
on cold evenings, and gaps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from math import cos, exp, pi
from typing import Any
from zoneinfo import ZoneInfo

Curve = Callable[[datetime, "Stream"], float | str]

WALES = ZoneInfo("Europe/London")  # people get up by the clock, not by UTC


@dataclass(frozen=True)
class Stream:
    """One Datastream. ``level`` scales its curve: a busy street has more of everything."""

    id: int
    name: str
    observed: str
    definition: str
    unit: dict[str, Any]
    sensor: str
    curve: Curve
    level: float = 1.0
    whole: bool = False


def is_missing(stream: Stream, start: datetime) -> bool:
    """One hour in fifty is lost, and now and then a whole day."""
    return _chance(stream.id, "hour", start) < 0.02 or _chance(stream.id, "day", start.date()) < 0.01


def nitrogen_dioxide(start: datetime, stream: Stream) -> float:
    """Follows the traffic."""
    return max(
        1.0, stream.level * (7 + 32 * _traffic(start)) * (1 + 0.45 * _weather(start, 30)) + _noise(start, stream)
    )


def fine_particles(start: datetime, stream: Stream) -> float:
    """Wood smoke in the evening, more in winter, and what the wind brings."""
    local = start.astimezone(WALES)
    winter = 0.5 + 0.5 * cos(2 * pi * (local.timetuple().tm_yday - 15) / 365)
    smoke = (0.3 + winter) * _bump(local.hour, 20, 2.8)
    return max(0.5, stream.level * (5 + 9 * smoke) * (1 + 0.6 * _weather(start, 50)) + 0.5 * _noise(start, stream))


def vehicles(start: datetime, stream: Stream) -> float:
    """Vehicles in an hour."""
    return max(0.0, stream.level * 620 * _traffic(start) + 8 * _noise(start, stream))


def cycles(start: datetime, stream: Stream) -> float:
    """Cycles in an hour; fewer when the weather is bad."""
    return max(0.0, stream.level * 46 * _traffic(start) * (1 + 0.8 * _weather(start, 30)) + _noise(start, stream))


def broken(start: datetime, stream: Stream) -> float | str:
    """Stuck at one value after the third day of each month, and every few hours a word where a number belongs."""
    if start.day > 3:
        return "error" if start.hour % 6 == 0 else 23.4
    return nitrogen_dioxide(start, stream)


def _traffic(start: datetime) -> float:
    """Share of the busiest hour, from 0 to about 1."""
    local = start.astimezone(WALES)
    if local.weekday() < 5:
        return (
            0.04 + 0.85 * _bump(local.hour, 8, 1.3) + 0.9 * _bump(local.hour, 17, 1.8) + 0.4 * _bump(local.hour, 13, 4)
        )
    return 0.05 + (0.6 if local.weekday() == 5 else 0.45) * _bump(local.hour, 13, 3.8)


def _bump(hour: int, peak: float, width: float) -> float:
    return exp(-(((hour - peak) / width) ** 2) / 2)


def _weather(start: datetime, hours: int) -> float:
    """From -1 to 1, the same for the whole town, slowly changing: noise drawn every so many hours, joined smoothly."""
    knot, rest = divmod(int(start.timestamp()) // 3600, hours)
    before, after = (2 * _chance("weather", hours, knot + step) - 1 for step in (0, 1))
    blend = (1 - cos(pi * rest / hours)) / 2
    return before * (1 - blend) + after * blend


def _noise(start: datetime, stream: Stream) -> float:
    return 5 * (_chance(stream.id, "noise", start) - 0.5)


def _chance(*what: object) -> float:
    """A number from 0 to 1 that depends on nothing but its arguments: the past must not change at a restart."""
    text = "/".join(map(str, what)).encode()
    return int.from_bytes(blake2b(text, digest_size=8).digest()) / 2**64
