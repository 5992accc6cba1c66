"""Numbers about sources and runs for Prometheus, read from the ledger when they are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from ckan import model
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from ckanext.digitalcity import health
from ckanext.digitalcity.harvest.standing import HEALTH, WAITS
from ckanext.digitalcity.model import Item, Message, Run, Source, Task

LIVING = Source.deleted.is_(None)


class Ledger(Collector):
    """All gauges. The ledger forgets old runs, so nothing here is a counter that only grows."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """What is so at this moment."""
        yield _by(
            "digitalcity_sources",
            "Sources by health.",
            ["health"],
            sa.select(HEALTH, sa.func.count()).where(LIVING).group_by(HEALTH),
        )
        yield _by(
            "digitalcity_records",
            "Records by source and outcome.",
            ["source", "outcome"],
            sa.select(Source.name, Item.outcome, sa.func.count())
            .join(Item, Item.source_id == Source.id)
            .where(LIVING)
            .group_by(Source.name, Item.outcome),
        )
        yield _by(
            "digitalcity_records_waiting",
            "Records that wait for a person's decision, by source.",
            ["source"],
            sa.select(Source.name, sa.func.count(Item.id))
            .outerjoin(
                Item,
                sa.and_(Item.source_id == Source.id, Item.outcome.in_(WAITS), Item.candidate.is_not(None)),
            )
            .where(LIVING)
            .group_by(Source.name),
        )
        yield _by(
            "digitalcity_source_last_good_timestamp_seconds",
            "When a source was last read in full.",
            ["source"],
            sa.select(Source.name, sa.extract("epoch", Source.last_good)).where(LIVING, Source.last_good.is_not(None)),
        )
        yield _by(
            "digitalcity_source_failing_since_timestamp_seconds",
            "Since when a source cannot be read.",
            ["source"],
            sa.select(Source.name, sa.extract("epoch", Source.failing_since)).where(
                LIVING, Source.failing_since.is_not(None)
            ),
        )
        yield _one("digitalcity_runs_unfinished", "Runs that have not ended.", Run.finished.is_(None))
        yield _one("digitalcity_tasks_open", "Records that runs still have to look at.", Task.finished.is_(None))
        yield _one("digitalcity_messages_waiting", "Messages that could not be sent yet.", Message.due.is_not(None))
        ticked = health.last_tick()
        if ticked:
            yield GaugeMetricFamily(
                "digitalcity_last_tick_timestamp_seconds", "When the scheduler last worked.", ticked.timestamp()
            )


def _by(name: str, about: str, labels: list[str], query: sa.Select[Any]) -> GaugeMetricFamily:
    found = GaugeMetricFamily(name, about, labels=labels)
    for *values, number in model.Session.execute(query):
        found.add_metric([str(value) for value in values], float(number))
    return found


def _one(name: str, about: str, which: sa.ColumnElement[bool]) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, about, model.Session.scalar(sa.select(sa.func.count()).where(which)))
