"""Times of a clock on the wall, which shows an hour twice when summer time ends and leaves one out when it begins."""

from __future__ import annotations

from typing import Literal

import polars as pl

from .moments import MOMENT


def earliest(moment: pl.Expr, aware: pl.Expr, zone: str) -> pl.Expr:
    """In UTC, as early as it can be meant. Times with an offset, and all times where no zone is given, stay."""
    return _meant(moment, aware, zone, "earliest")


def latest(moment: pl.Expr, aware: pl.Expr, zone: str) -> pl.Expr:
    """In UTC, as late as it can be meant."""
    return _meant(moment, aware, zone, "latest")


def _meant(moment: pl.Expr, aware: pl.Expr, zone: str, which: Literal["earliest", "latest"]) -> pl.Expr:
    if not zone:
        return moment
    local = moment.dt.replace_time_zone(zone, ambiguous=which, non_existent="null")
    utc = local.dt.convert_time_zone("UTC").dt.replace_time_zone(None).cast(MOMENT)
    return pl.when(aware).then(moment).otherwise(utc.fill_null(moment))
