"""Servers that ask to be left alone, keep failing, or must not be asked too often (reference/faults.md, 11)."""

from __future__ import annotations

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from ckanext.digitalcity.core.errors import Resting, Retriable, Skippable
from ckanext.digitalcity.harvesters import manners as module
from ckanext.digitalcity.harvesters.http import Http, HttpLimits
from ckanext.digitalcity.harvesters.manners import Manners
from ckanext.digitalcity.harvesters.memory import OwnMemory

A, B = "https://a.example", "https://b.example"


class Clock:
    """Time that passes only when somebody waits, or is told to pass."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def time(self) -> float:
        return self.now

    monotonic = time

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    monkeypatch.setattr("ckanext.digitalcity.harvesters.memory.time", clock)
    return clock


@pytest.fixture
def manners(clock: Clock) -> Manners:
    return Manners(failures=3, rest=60)


def test_a_server_that_keeps_failing_is_left_alone_and_no_other_is(manners: Manners) -> None:
    for _ in range(2):
        manners.failed(A)
        manners.before(A)
    manners.failed(A)
    with pytest.raises(Resting, match=r"a\.example") as caught:
        manners.before(A)
    assert caught.value.after == pytest.approx(60)
    manners.before(B)


def test_after_its_rest_one_of_us_tries_and_one_failure_more_is_enough(clock: Clock) -> None:
    memory = OwnMemory()
    one, other = (Manners(memory, failures=3, rest=60) for _ in range(2))
    for _ in range(3):
        one.failed(A)
    clock.now += 61
    one.before(A)
    with pytest.raises(Resting):
        other.before(A)
    one.failed(A)
    with pytest.raises(Resting) as caught:
        other.before(A)
    assert caught.value.after == pytest.approx(60)


def test_who_tries_and_never_tells_does_not_keep_the_others_waiting(manners: Manners, clock: Clock) -> None:
    for _ in range(3):
        manners.failed(A)
    clock.now += 61
    manners.before(A)
    clock.now += module.PROBE + 1
    manners.before(A)


def test_one_success_forgets_the_failures_but_ends_no_rest(manners: Manners) -> None:
    manners.failed(A)
    manners.failed(A)
    manners.worked(A)
    manners.failed(A)
    manners.failed(A)
    manners.before(A)
    manners.failed(A)
    manners.worked(A)
    with pytest.raises(Resting):
        manners.before(A)


def test_a_wish_to_be_left_alone_counts_at_once_and_a_shorter_one_does_not_end_it(
    manners: Manners, clock: Clock
) -> None:
    manners.failed(A, 120)
    manners.failed(A, 5)
    clock.now += 110
    with pytest.raises(Resting) as caught:
        manners.before(A)
    assert caught.value.after == pytest.approx(10)
    clock.now += 7
    before = clock.now
    manners.before(A)
    assert clock.now - before == pytest.approx(3), "the last seconds are waited for"


def test_a_server_that_fails_for_long_is_given_up_until_it_answers(clock: Clock) -> None:
    manners = Manners(failures=1, rest=60, patience=600)
    for _ in range(11):
        manners.failed(A)
        with pytest.raises(Resting):
            manners.before(A)
        clock.now += 60
    manners.failed(A)
    with pytest.raises(Skippable, match="10 minutes") as caught:
        manners.before(A)
    assert caught.value.reason == "unreachable"
    clock.now += 61
    manners.before(A)  # after each rest it is tried all the same
    manners.worked(A)
    manners.failed(A)
    with pytest.raises(Resting):
        manners.before(A)


def test_a_server_is_asked_no_faster_than_agreed_by_all_together(clock: Clock) -> None:
    memory = OwnMemory()
    two = [Manners(memory, rate=10) for _ in range(2)]
    start = clock.now
    for number in range(21):
        two[number % 2].before(A)
    assert 2.0 <= clock.now - start < 3.0
    before = clock.now
    two[0].before(B)
    assert clock.now == before


def _ask(http: Http, url: str) -> bytes:
    return b"".join(http.read(url))


@pytest.fixture
def door() -> Http:
    return Http(["127.0.0.0/8", "::1/128"], limits=HttpLimits(retries=0), manners=Manners(failures=3, rest=60))


def test_a_storm_of_errors_ends_the_asking_for_every_door_that_shares_the_memory(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/").respond_with_data(status=503)
    memory = OwnMemory()
    for _ in range(6):
        http = Http(["127.0.0.0/8"], limits=HttpLimits(retries=0), manners=Manners(memory, failures=3, rest=60))
        with pytest.raises(Retriable):
            _ask(http, httpserver.url_for("/"))
    assert len(httpserver.log) == 3


def test_a_server_that_asked_for_a_pause_is_not_asked_before_its_end(httpserver: HTTPServer, door: Http) -> None:
    httpserver.expect_request("/a").respond_with_data(status=429, headers={"Retry-After": "100"})
    for path in ("/a", "/b"):
        with pytest.raises(Retriable) as caught:
            _ask(door, httpserver.url_for(path))
        assert caught.value.after == pytest.approx(100, abs=3)
    assert len(httpserver.log) == 1


def test_one_broken_file_does_not_keep_us_from_the_others(httpserver: HTTPServer, door: Http) -> None:
    httpserver.expect_request("/broken").respond_with_data(status=500)
    httpserver.expect_request("/sound").respond_with_data("fine")
    for _ in range(9):
        with pytest.raises(Retriable, match="500"):
            _ask(door, httpserver.url_for("/broken"))
    assert _ask(door, httpserver.url_for("/sound")) == b"fine"


def test_a_server_that_only_fails_on_head_is_still_read(httpserver: HTTPServer, door: Http) -> None:
    httpserver.expect_request("/", method="HEAD").respond_with_data(status=503)
    httpserver.expect_request("/", method="GET").respond_with_data("fine")
    assert [door.head_version(httpserver.url_for("/")) for _ in range(9)] == [None] * 9
    assert _ask(door, httpserver.url_for("/")) == b"fine"


def test_answers_that_begin_well_and_break_off_are_failures_too(httpserver: HTTPServer, door: Http) -> None:
    def short(request: Request) -> Response:
        return Response(iter([b"half"]), headers={"Content-Length": "100"}, direct_passthrough=True)

    httpserver.expect_request("/").respond_with_handler(short)
    for _ in range(3):
        with pytest.raises(Retriable, match="broke off"):
            _ask(door, httpserver.url_for("/"))
    with pytest.raises(Resting):
        _ask(door, httpserver.url_for("/"))
