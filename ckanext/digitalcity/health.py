"""Whether the parts that the portal needs are there: for a load balancer, a monitor, or somebody who wonders."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from ckan import model
from ckan.lib.redis import connect_to_redis, is_redis_available
from ckan.lib.search.common import is_available
from rq import Worker
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import OperationalError

from ckanext.digitalcity.model import now

TICK = "ckanext.digitalcity.last_tick"
LATE = timedelta(minutes=10)  # a tick comes every minute, but one that refreshes many labels takes longer
NEEDED = ("database", "search")  # without these no page is whole


def parts() -> dict[str, str]:
    """The parts in their order, each with "" or what is wrong with it."""
    if not _database():
        return {"database": "It does not answer."}
    queue = is_redis_available()
    ticked = last_tick()
    return {
        "database": "",
        "search": "" if is_available() else "It does not answer.",
        "queue": "" if queue else "It does not answer; runs wait until it does.",
        "workers": ("" if _workers() else "None is running.") if queue else "",
        "scheduler": "" if ticked and now() - ticked < LATE else "It has not ticked for ten minutes.",
    }


def serves(found: dict[str, str]) -> bool:
    """Whether visitors can use the portal, even if runs have to wait."""
    return not any(found.get(part) for part in NEEDED)


def ticked() -> None:
    """Notes that the scheduler works. Commits."""
    values = {"value": now().isoformat(), "state": "active"}
    table = model.SystemInfo.__table__
    statement = insert(table).values(key=TICK, **values)
    model.Session.execute(statement.on_conflict_do_update(index_elements=["key"], set_=values))
    model.Session.commit()


def last_tick() -> datetime | None:
    """When the scheduler last worked, in UTC."""
    value = model.Session.scalar(sa.select(model.SystemInfo.value).where(model.SystemInfo.key == TICK))
    return datetime.fromisoformat(value).astimezone(UTC) if value else None


def _workers() -> bool:
    """Whether any job worker lives. Those that were killed stay in RQ's list for some minutes."""
    beats = (worker.last_heartbeat for worker in Worker.all(connection=connect_to_redis()))
    return any(beat and now() - beat < LATE for beat in beats)


def _database() -> bool:
    try:
        model.Session.execute(sa.text("SELECT 1"))
    except OperationalError:
        model.Session.rollback()
        return False
    return True
