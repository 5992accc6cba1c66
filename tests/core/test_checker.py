"""The child process and its fences: whatever happens in there, the answer is an honest result."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from dataclasses import replace
from pathlib import Path

import openpyxl
import psutil
import pytest

from ckanext.digitalcity.core.check import Checker, Limits, Request, as_json, check_file, from_json
from ckanext.digitalcity.core.model import Outcome

# backtracks for longer than the universe will last
ENDLESS = {"fields": [{"name": "a", "type": "string", "constraints": {"pattern": "^(a+)+$"}}]}


@pytest.fixture
def good(tmp_path: Path) -> Request:
    path = tmp_path / "good.csv"
    path.write_text("id,name\n1,Oak\n2,Ash\n")
    return Request(str(path), "0" * 64, path.name)


@pytest.fixture
def endless(tmp_path: Path) -> Request:
    path = tmp_path / "endless.csv"
    path.write_text("a\n" + "a" * 60 + "!\n")
    return Request(str(path), "0" * 64, path.name, schema=ENDLESS)


def wait_for_child(pid: int) -> psutil.Process:
    for _ in range(100):
        children = psutil.Process(pid).children()
        if children:
            return children[0]
        time.sleep(0.05)
    raise AssertionError("no child came up")


def test_one_server_checks_many_files(checker: Checker, good: Request) -> None:
    assert checker.check(good).outcome is Outcome.PASSED
    pid = checker.pid
    assert checker.check(good).outcome is Outcome.PASSED
    assert checker.pid == pid


def test_a_large_file_is_checked_after_the_rehearsal_that_follows_a_small_one(
    checker: Checker, good: Request, tmp_path: Path
) -> None:
    assert checker.check(good).outcome == "passed"
    large = tmp_path / "large.csv"
    large.write_text("id,at\n" + "".join(f"{number},2024-01-01\n" for number in range(30_000)))
    result = checker.check(replace(good, path=str(large), filename="large.csv"))
    assert (result.outcome, result.stats["rows"]) == ("passed", 30_000)


def test_a_result_survives_the_way_through_json(checker: Checker, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("id,email\n1,jo.bloggs@example.org\n\n")
    result = check_file(path)
    assert result.findings
    assert result.faults
    assert from_json(as_json(result)) == result


def test_a_hostile_pattern_ends_at_the_time_limit_and_the_server_goes_on(good: Request, endless: Request) -> None:
    with Checker(Limits(seconds=1.5)) as checker:
        checker.check(good)
        pid, started = checker.pid, time.monotonic()
        result = checker.check(endless)
        assert (result.outcome, result.reason) == (Outcome.ERROR, "time-limit")
        assert time.monotonic() - started < 5
        assert checker.check(good).outcome is Outcome.PASSED
        assert checker.pid == pid
        assert not psutil.Process(pid).children()


def test_a_check_whose_time_is_over_before_its_child_has_begun_ends_too(good: Request) -> None:
    with Checker(Limits(seconds=0.000001)) as checker:
        results = [checker.check(good) for _ in range(3)]
        assert {(result.outcome, result.reason) for result in results} == {(Outcome.ERROR, "time-limit")}
        assert checker.pid
        assert not psutil.Process(checker.pid).children()


def test_too_much_memory_is_an_error_of_its_own(good: Request, tmp_path: Path) -> None:
    path = tmp_path / "huge.csv"
    with path.open("w") as file:
        file.write('a,b\n1,"')
        for _ in range(30):
            file.write("x" * 1_000_000)
        file.write('"\n')
    with Checker(Limits(memory=250_000_000, cell=500_000_000)) as checker:
        result = checker.check(Request(str(path), "0" * 64, path.name))
        assert (result.outcome, result.reason) == (Outcome.ERROR, "memory-limit")
        assert checker.check(good).outcome is Outcome.PASSED


def test_a_killed_child_is_an_error_and_never_a_pass(endless: Request, good: Request) -> None:
    with Checker(Limits(seconds=30)) as checker:
        checker.check(good)
        assert checker.pid
        killer = threading.Thread(target=lambda pid: wait_for_child(pid).kill(), args=(checker.pid,))
        killer.start()
        result = checker.check(endless)
        killer.join()
        assert (result.outcome, result.reason) == (Outcome.ERROR, "crash")
        assert result.detected == {"error": "SIGKILL"}
        assert checker.check(good).outcome is Outcome.PASSED


def test_a_server_killed_in_the_middle_is_an_error_and_the_next_check_starts_a_new_one(
    endless: Request, good: Request
) -> None:
    with Checker(Limits(seconds=30)) as checker:
        checker.check(good)
        first = checker.pid
        assert first
        child: list[psutil.Process] = []

        def kill() -> None:
            child.append(wait_for_child(first))
            os.kill(first, signal.SIGKILL)

        killer = threading.Thread(target=kill)
        killer.start()
        result = checker.check(endless)
        killer.join()
        assert (result.outcome, result.reason) == (Outcome.ERROR, "crash")
        psutil.wait_procs(child, timeout=5)
        assert not child[0].is_running()
        assert checker.check(good).outcome is Outcome.PASSED
        assert checker.pid != first


def test_nothing_is_left_running_when_the_worker_is_killed(endless: Request, good: Request) -> None:
    program = textwrap.dedent(f"""
        from ckanext.digitalcity.core.check import Checker, Limits, Request
        checker = Checker(Limits(seconds=60))
        checker.check(Request({good.path!r}, "0", "good.csv"))
        print(checker.pid, flush=True)
        checker.check(Request({endless.path!r}, "0", "endless.csv", schema={ENDLESS!r}))
    """)
    worker = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert worker.stdout
    server = psutil.Process(int(worker.stdout.readline()))
    child = wait_for_child(server.pid)
    worker.kill()
    worker.wait()
    worker.stdout.close()
    _, alive = psutil.wait_procs([server, child], timeout=5)
    assert alive == []


def test_a_server_without_work_ends_with_its_worker(good: Request) -> None:
    program = f"""
from ckanext.digitalcity.core.check import Checker, Request
import os, signal
checker = Checker()
checker.check(Request({good.path!r}, "0", "good.csv"))
print(checker.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, check=False)
    _, alive = psutil.wait_procs([psutil.Process(pid)] if psutil.pid_exists(pid := int(done.stdout)) else [], timeout=5)
    assert alive == []


def child_of(checker: Checker) -> list[int]:
    assert checker.pid
    return [child.pid for child in psutil.Process(checker.pid).children()]


def test_files_of_one_source_are_checked_by_one_child_and_those_of_several_by_one_each(good: Request) -> None:
    with Checker(of_one_source=True) as checker:
        assert checker.check(good).outcome is Outcome.PASSED
        first = child_of(checker)
        assert checker.check(good).outcome is Outcome.PASSED
        assert child_of(checker) == first
        assert len(first) == 1
    with Checker() as checker:
        assert checker.check(good).outcome is Outcome.PASSED
        assert child_of(checker) == []


def test_a_child_checks_no_other_file_after_one_that_was_large_or_could_not_be_checked(
    good: Request, tmp_path: Path
) -> None:
    large = tmp_path / "large.csv"
    large.write_text("id,name\n" + "".join(f"{number},Oak\n" for number in range(150_000)))
    with Checker(of_one_source=True) as checker:
        checker.check(good)
        children = [child_of(checker)]
        for path in (str(large), good.path, str(tmp_path / "gone.csv"), good.path):
            checker.check(replace(good, path=path))
            children.append(child_of(checker))
    first, of_large, second, of_gone, third = children
    assert (of_large, of_gone) == ([], [])
    assert len({*first, *second, *third}) == 3


def test_what_ends_a_child_that_has_checked_other_files_is_tried_again_in_a_fresh_one(
    endless: Request, good: Request
) -> None:
    with Checker(Limits(seconds=1.5), of_one_source=True) as checker:
        assert checker.check(good).outcome is Outcome.PASSED
        (child,) = child_of(checker)
        os.kill(child, signal.SIGKILL)
        assert checker.check(good).outcome is Outcome.PASSED
        result = checker.check(endless)
        assert (result.outcome, result.reason) == (Outcome.ERROR, "time-limit")
        assert checker.check(good).outcome is Outcome.PASSED


def test_a_child_is_allowed_processor_time_for_each_file_anew(good: Request, tmp_path: Path) -> None:
    slow = tmp_path / "slow.csv"
    slow.write_text("id,name\n" + "".join(f"{number},Oak\n" for number in range(60_000)))
    with Checker(Limits(seconds=2), of_one_source=True) as checker:
        outcomes = {checker.check(replace(good, path=str(slow))).outcome for _ in range(12)}
        assert outcomes == {Outcome.PASSED}


def test_what_a_child_says_of_a_file_does_not_depend_on_those_before(good: Request, tmp_path: Path) -> None:
    bad, latin, empty = (tmp_path / name for name in ("bad.csv", "latin.csv", "empty.csv"))
    bad.write_text("id,name\n1\n1,Oak,more\n")
    latin.write_bytes("id,name\n1,Llyn T\u00eawd\n".encode("latin-1"))
    empty.write_text("")
    requests = [replace(good, path=str(path), filename=path.name) for path in (bad, latin, empty, Path(good.path))]

    def facts(checker: Checker, request: Request) -> object:
        found = as_json(checker.check(request))
        return [found[key] for key in ("outcome", "reason", "detected", "faults", "findings", "inferred", "method")]

    with Checker() as fresh, Checker(of_one_source=True) as used:
        alone = [facts(fresh, request) for request in requests]
        assert [facts(used, request) for request in requests] == alone
        assert [facts(used, request) for request in reversed(requests)] == alone[::-1]


def test_a_file_that_is_gone_is_an_error(checker: Checker, tmp_path: Path) -> None:
    result = checker.check(Request(str(tmp_path / "gone.csv"), "0" * 64, "gone.csv"))
    assert (result.outcome, result.reason) == (Outcome.ERROR, "unreadable")


FENCED = """
import sys
from ckanext.digitalcity.core import sandbox
from ckanext.digitalcity.core.check import Limits
sandbox.enter(Limits(unpacked=1000))
try:
    {attempt}
except (sandbox.Forbidden, OSError):
    sys.exit(0)
sys.exit(3)
"""


@pytest.mark.parametrize(
    "attempt",
    [
        "import socket; socket.create_connection(('127.0.0.1', 80))",
        "import socket; socket.getaddrinfo('example.org', 80)",
        "import subprocess; subprocess.run(['true'])",
        "import os; os.system('true')",
        "import os; os.fork()",
        "f = open('{folder}/big', 'wb', buffering=0); f.write(b'x' * 1000); f.write(b'x')",
    ],
)
def test_reading_a_file_cannot_reach_the_network_or_start_programs_or_fill_the_disk(
    attempt: str, tmp_path: Path
) -> None:
    program = FENCED.format(attempt=attempt.format(folder=tmp_path))
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode in (0, -signal.SIGXFSZ)


ALONE = """
from pathlib import Path
from ckanext.digitalcity.core.sandbox import leave_network
network = Path("/proc/self/ns/net")
before = network.readlink()
leave_network()
raise SystemExit(before != network.readlink())
"""


def test_the_server_is_in_a_network_of_its_own_where_the_kernel_lets_it(good: Request) -> None:
    may = bool(subprocess.run([sys.executable, "-c", ALONE], check=False).returncode)
    with Checker() as checker:
        assert checker.check(good).outcome == Outcome.PASSED
        theirs, ours = (Path(f"/proc/{pid}/ns/net").readlink() for pid in (checker.pid, "self"))
        assert (theirs != ours) == may
        assert checker.check(good).outcome == Outcome.PASSED


def test_the_server_knows_no_secrets_of_ours(monkeypatch: pytest.MonkeyPatch, good: Request) -> None:
    monkeypatch.setenv("CKAN_SQLALCHEMY_URL", "postgresql://secret")
    with Checker() as checker:
        checker.check(good)
        assert checker.pid
        assert "CKAN_SQLALCHEMY_URL" not in psutil.Process(checker.pid).environ()


def test_a_file_that_was_not_screened_to_its_end_does_not_claim_to_have_been(checker: Checker, tmp_path: Path) -> None:
    path = tmp_path / "people.xml"
    path.write_text("<people><email>jo.bloggs@example.org</email></people>")
    result = checker.check(Request(str(path), "0" * 64, path.name))
    assert (result.outcome, result.reason) == (Outcome.HELD, "cannot-check")
    assert result.method == {}


def test_a_workbook_of_several_sheets_is_not_called_screened(checker: Checker, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["id"])
    book.active.append([1])
    book.create_sheet("people").append(["jo.bloggs@example.org"])
    path = tmp_path / "people.xlsx"
    book.save(path)
    result = checker.check(Request(str(path), "0" * 64, path.name))
    assert (result.outcome, result.reason) == (Outcome.HELD, "several-sheets")
    assert "screen" not in result.method
