"""SIGKILL at each point that matters; SIGTERM."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest
from ckan import model
from ckan.plugins import toolkit as tk
from gate import GatedCouncil
from processes import RUN, Start
from running import at_work, state, until

from ckanext.digitalcity import publish
from ckanext.digitalcity.batch import Batch
from ckanext.digitalcity.harvest import gathering, ledger, schedule, worker
from ckanext.digitalcity.harvest import work as working
from ckanext.digitalcity.harvest.stage import StorageStage
from ckanext.digitalcity.indexing import Basket
from ckanext.digitalcity.model import Item, Run, Task

from surviving import begin, nothing_lost, recover
from world import BAD_TOILETS, TOILETS, Council

# Where the worker dies: just before or after the first call of a function.
POINTS: dict[str, tuple[Any, str, str]] = {
    "before the list is written": (gathering, "hold_on", "before"),
    "after gather": (worker, "gather", "after"),
    "after download": (working, "stage_record", "after"),
    "after the check": (working, "judge", "after"),
    "before the dataset is written": (publish, "new", "before"),
    "after package_create": (Batch, "create", "after"),
    "before acknowledgement": (ledger, "finish", "before"),
    "before the index hears of it": (Basket, "empty", "before"),
    "after the index has heard of it": (Basket, "empty", "after"),
    "before the run is finished": (ledger, "last_task_done", "after"),
    "before a dataset is written alone": (publish, "write", "before"),
    "after package_create alone": (publish, "write", "after"),
    "before acknowledgement alone": (ledger, "finish", "before"),
}


def end_at(point: str, how: signal.Signals = signal.SIGKILL) -> None:
    """Has this process get a signal at a point; if it goes on some time, it goes on from there."""
    where, name, side = POINTS[point]
    function = getattr(where, name)
    if point.endswith("alone"):
        worker.settle_together = lambda *_: []

    def deadly(*args: Any, **options: Any) -> Any:
        if side == "after":
            function(*args, **options)
        os.kill(os.getpid(), how)
        return function(*args, **options)

    setattr(where, name, deadly)


def begin_child(do: Callable[[], None]) -> int:
    """Runs something in a process with connections of its own: its id."""
    model.Session.remove()
    child = os.fork()
    if child == 0:
        try:
            model.meta.engine.dispose(close=False)
            do()
        finally:
            os._exit(3)  # it should have been killed
    return child


def in_child(do: Callable[[], None]) -> int:
    """The same, and waits for it: how that ended, as ``os.waitpid`` says it."""
    return os.waitpid(begin_child(do), 0)[1]


def test_a_worker_killed_in_the_middle_of_a_file_leaves_no_half_of_it_under_its_name_and_none_for_long(
    council: Council, portal: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    resource = pytest.importorskip("resource", reason="POSIX only")
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    council.publish("good", TOILETS)
    run_id = begin(council)

    def doomed() -> None:
        has = StorageStage.has

        def then_ten_bytes(self: StorageStage, sha256: str) -> bool:
            found = has(self, sha256)
            resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))  # the kernel kills who writes an eleventh
            return found

        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        StorageStage.has = then_ten_bytes  # type: ignore[method-assign]
        worker.work(run_id)

    assert os.WTERMSIG(in_child(doomed)) == signal.SIGXFSZ
    recover(run_id)
    nothing_lost(council)
    unfinished = tmp_path / "stage" / ".unfinished"
    assert len(list(unfinished.iterdir())) == 1
    (unfinished / "notes.txt").write_text("of somebody else")
    assert len(list(temporary.glob("digitalcity-stage-*"))) == 1, "the killed worker left its folder"
    (temporary / "digitalcity-stage-link").symlink_to(tmp_path / "stage")
    assert schedule.tick()["swept"] == 0, "another worker may be writing it now"
    for path in (*(tmp_path / "stage").rglob("*"), *temporary.iterdir()):
        os.utime(path, (0, 0), follow_symlinks=False)
    assert schedule.tick()["swept"] == 2
    assert [path.name for path in unfinished.iterdir()] == ["notes.txt"]
    assert [path.name for path in temporary.glob("digitalcity-stage-*")] == ["digitalcity-stage-link"]
    nothing_lost(council)


@pytest.mark.parametrize("point", POINTS)
def test_a_worker_killed_anywhere_is_replaced_and_what_it_did_is_not_done_twice(
    council: Council, portal: Any, point: str
) -> None:
    for number in range(2):
        council.publish(f"good-{number}", TOILETS + f"Stop {number},ZZ1 1AC,2022-02-02\n")
    council.publish("bad", BAD_TOILETS)
    run_id = begin(council)

    def doomed() -> None:
        end_at(point)
        worker.work(run_id)

    assert os.WTERMSIG(in_child(doomed)) == signal.SIGKILL
    assert ledger.abandoned() == [run_id], "the dead worker's lease holds nobody up"
    recover(run_id)
    nothing_lost(council, {"bad"})
    asked = len(council.asked)
    recover(begin(council))
    changes = dict(model.Session.query(Run).order_by(Run.created.desc()).first().counts)
    assert changes.get("unchanged", 0) + changes.get("held", 0) == 3, "the next run finds nothing to do"
    assert len(council.asked) > asked


def test_a_record_that_kills_its_worker_each_time_is_set_aside_and_the_rest_goes_on(
    council: Council, portal: Any
) -> None:
    council.publish("deadly", TOILETS)
    council.publish("harmless", TOILETS + "Stop,ZZ1 1AC,2022-02-02\n")
    run_id = begin(council)
    stage_record = working.stage_record

    def doomed() -> None:
        def deadly(record: Any, *args: Any) -> Any:
            if record.title == "Deadly":
                os.kill(os.getpid(), signal.SIGKILL)
            return stage_record(record, *args)

        working.stage_record = deadly
        while worker.work(run_id):
            pass
        os._exit(0)

    ended = [in_child(doomed) for _ in range(4)]
    assert [os.WIFSIGNALED(status) for status in ended] == [True, True, True, False]
    model.Session.remove()
    run = model.Session.get(Run, run_id)
    assert (run.state, run.counts["published"], run.counts["error"]) == ("finished", 1, 1)
    assert [item.reason for item in model.Session.query(Item).filter_by(outcome="error")] == ["crash"]
    recover(run_id)
    nothing_lost(council)


@pytest.mark.parametrize("point", ["before the index hears of it", "before a dataset is written alone"])
def test_a_worker_that_falls_silent_in_the_middle_of_writing_holds_nobody_up_for_longer_than_its_lease(
    council: Council, portal: Any, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    """As if its machine had lost its power or its network: the database only sees that nothing more comes."""
    council.publish("good", TOILETS)
    run_id = begin(council)

    def stopped() -> None:
        ledger.LEASE = timedelta(seconds=3)  # in this process alone
        end_at(point, signal.SIGSTOP)
        worker.work(run_id)

    child = psutil.Process(begin_child(stopped))
    try:
        assert os.WIFSTOPPED(os.waitpid(child.pid, os.WUNTRACED)[1])
        monkeypatch.setenv("PGOPTIONS", "-c lock_timeout=60s")  # rather than wait here for ever
        model.meta.engine.dispose()
        until(lambda: worker.work(run_id) and state(run_id) == "finished")
        nothing_lost(council)
        child.resume()
        os.waitpid(child.pid, 0)
        nothing_lost(council)
        assert model.Session.query(Task).one().fence == 2, "the second one's is what stands"
    finally:
        with suppress(psutil.NoSuchProcess):
            child.kill()
        model.Session.remove()
        model.meta.engine.dispose()  # connections with a time-out are not for other tests


def test_a_worker_asked_to_stop_finishes_its_record_and_leaves_the_rest_to_others(
    gated: GatedCouncil, portal: Any, start: Start
) -> None:
    for number in range(8):
        gated.publish(f"good-{number}", TOILETS + f"Stop {number},ZZ1 1AC,2022-02-02\n")
    run_id = begin(gated)
    model.Session.remove()
    process = start(*RUN)
    until(lambda: at_work(run_id, process), tick=False)
    process.send_signal(signal.SIGTERM)
    gated.open()
    assert process.wait(60) == -signal.SIGTERM
    model.Session.remove()
    assert model.Session.get(Run, run_id).state == "working"
    tasks = model.Session.query(Task).filter_by(run_id=run_id).all()
    assert all(task.finished for task in tasks if task.attempts), "each record begun is finished"
    assert any(task.attempts == 0 for task in tasks), "others are left"
    assert tk.get_action("package_search")({}, {"rows": 0})["count"] == sum(bool(task.finished) for task in tasks)
    recover(run_id)
    nothing_lost(gated)
