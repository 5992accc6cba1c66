"""Each call to the database, the search index, Redis and the disk fails, one after another, until none is left to fail.

``DIGITALCITY_FAULT_STEP`` says how long: with 1 each call fails once; in a short run only some of them do.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import psycopg2
import pytest
import redis
import requests
import sqlalchemy as sa
from ckan import model
from ckan.lib.redis import connect_to_redis

from ckanext.digitalcity.harvest import schedule
from ckanext.digitalcity.harvest.worker import job, work
from ckanext.digitalcity.model import Run

from surviving import begin, nothing_lost, recover
from world import BAD_TOILETS, TOILETS, Council

STEP = int(os.environ.get("DIGITALCITY_FAULT_STEP", "24"))  # of the database, which is called most; others by
FEW = max(1, STEP // 8)


class Nth:
    """Counts calls: the n-th is due to fail, and with ``lasting`` all that follow."""

    def __init__(self, number: int, *, lasting: bool = False) -> None:
        self.number, self.lasting, self.calls = number, lasting, 0

    def due(self) -> bool:
        self.calls += 1
        return self.calls == self.number or (self.lasting and self.calls > self.number)

    @property
    def failed(self) -> bool:
        return self.calls >= self.number


Failing = Callable[[Nth], AbstractContextManager[None]]


@contextmanager
def database(nth: Nth) -> Iterator[None]:
    """PostgreSQL ends all its connections just before a statement or a commit, as it does when it restarts."""
    engine = model.meta.engine

    def end_all() -> None:
        other = psycopg2.connect(engine.url.render_as_string(hide_password=False))
        other.autocommit = True
        others = "FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"
        with other.cursor() as cursor:
            cursor.execute(f"SELECT pg_terminate_backend(pid, 5000) {others}")
        other.close()

    def statement(*_: Any) -> None:
        if nth.due():
            end_all()

    sa.event.listen(engine, "before_cursor_execute", statement)
    sa.event.listen(engine, "commit", statement)
    try:
        yield
    finally:
        sa.event.remove(engine, "before_cursor_execute", statement)
        sa.event.remove(engine, "commit", statement)


@contextmanager
def search_index(nth: Nth) -> Iterator[None]:
    """A request to Solr finds nobody there."""
    send = requests.Session.send

    def fail(self: requests.Session, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        if "/solr/" in str(request.url) and nth.due():
            raise requests.ConnectionError("refused")
        return send(self, request, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(requests.Session, "send", fail)
        yield


@contextmanager
def queue(nth: Nth) -> Iterator[None]:
    """Redis hears no command."""
    send = redis.Connection.send_packed_command

    def fail(self: redis.Connection, *args: Any, **options: Any) -> Any:
        if nth.due():
            raise redis.ConnectionError("refused")
        return send(self, *args, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(redis.Connection, "send_packed_command", fail)
        yield


_disk: list[Nth] = []


def _full(event: str, args: tuple[Any, ...]) -> None:
    """Python's audit hook: what opens, makes or renames a file in the stage or its folder finds the disk full."""
    if not _disk or event not in ("open", "os.mkdir", "os.rename"):
        return
    writes = event != "open" or (isinstance(args[2], int) and args[2] & (os.O_WRONLY | os.O_RDWR))
    if writes and any(part in str(args[0]) for part in ("/stage", "/digitalcity-")) and _disk[0].due():
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@contextmanager
def disk(nth: Nth) -> Iterator[None]:
    """No space is left on the device."""
    if not getattr(sys, "_digitalcity_disk", False):
        sys.addaudithook(_full)  # it stays until the process ends, and does nothing outside this block
        sys._digitalcity_disk = True  # type: ignore[attr-defined]
    _disk.append(nth)
    try:
        yield
    finally:
        _disk.clear()


@pytest.fixture(autouse=True)
def without_pauses(monkeypatch: pytest.MonkeyPatch, ckan_config: Any) -> None:
    """Nobody waits before the next try, nor for its turn at a server: how long is not what is tested."""
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    monkeypatch.setitem(ckan_config, "ckanext.digitalcity.http.rate", 0)


def change(council: Council, number: int) -> None:
    """One changed record, one bad and one more: what a run has to do."""
    for id_ in ("changed", f"new-{number}"):
        council.publish(id_, TOILETS + f"Stop {number},ZZ1 1AC,2022-02-02\n", modified=f"{1000 + number}-01-01")
    council.publish("bad", BAD_TOILETS + f"Stop {number},ZZ1 1AC,2022-02-02\n")


@pytest.mark.parametrize(
    ("failing", "step", "lasting"),
    [
        pytest.param(database, STEP, False, id="database"),
        pytest.param(search_index, FEW, False, id="search-index"),
        pytest.param(search_index, FEW, True, id="search-index-stays-down"),
        pytest.param(disk, FEW, False, id="disk"),
        pytest.param(disk, FEW, True, id="disk-stays-full"),
    ],
)
def test_whatever_call_fails_nothing_is_lost_doubled_or_public_unchecked(
    council: Council, portal: Any, failing: Failing, step: int, lasting: bool
) -> None:
    number = 1
    while True:
        change(council, number)
        run_id = begin(council)
        nth = Nth(number, lasting=lasting)
        with failing(nth):
            try:
                work(run_id)
            except Exception:  # noqa: BLE001 - a worker may die of it; what counts is what it leaves
                model.Session.remove()
        recover(run_id)
        nothing_lost(council, {"bad"})
        if not nth.failed:
            break
        number += step
    assert number > step, "nothing failed"


def test_redis_may_vanish_at_any_command_and_come_back_empty(council: Council, portal: Any) -> None:
    number = 1
    while True:
        change(council, number)
        run_id = begin(council)
        nth = Nth(number, lasting=True)
        with queue(nth):
            for step in (schedule.tick, lambda run_id=run_id: job(run_id)):  # type: ignore[misc]
                try:
                    step()
                except redis.RedisError:
                    model.Session.remove()
        connect_to_redis().flushdb()
        schedule.tick()
        for _ in range(10):
            if model.Session.get(Run, run_id).finished:
                break
            job(run_id)
            model.Session.remove()
        recover(run_id)
        nothing_lost(council, {"bad"})
        if not nth.failed:
            break
        number += max(FEW, number // 2)  # a run calls Redis more often with each record that is there already
    assert number > FEW, "nothing failed"


def test_a_disk_that_fills_up_in_the_middle_of_a_file_keeps_no_half_of_it(
    council: Council, portal: Any, tmp_path: Path
) -> None:
    resource = pytest.importorskip("resource", reason="POSIX only")
    council.publish("large", TOILETS + "Harbour Street,ZZ1 1AA,2020-01-31\n" * 100_000)
    run_id = begin(council)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, before[1]))
    try:
        work(run_id)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    model.Session.remove()
    assert model.Session.get(Run, run_id).counts["error"] == 1
    assert [path for path in (tmp_path / "stage").rglob("*") if path.is_file()] == []
    recover(run_id)
    nothing_lost(council)
