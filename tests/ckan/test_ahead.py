"""One record ahead: while one is written, the next is fetched and checked."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from ckan import model

from ckanext.digitalcity import publish
from ckanext.digitalcity.batch import Batch
from ckanext.digitalcity.harvest import work as working
from ckanext.digitalcity.model import Item, Task

from world import BAD_TOILETS, TOILETS, Council, changes

Harvest = Callable[..., dict[str, Any]]


def rows(number: int) -> str:
    return TOILETS + f"Stop {number},ZZ1 1AC,2022-02-02\n"


def test_while_one_record_is_written_the_next_is_fetched(
    council: Council, harvest: Harvest, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(2):
        council.publish(f"set-{number}", rows(number))
    new, seen = publish.new, []

    def slow(*args: Any) -> Any:
        end = time.monotonic() + 120
        while "set-1.csv" not in council.asked and time.monotonic() < end:
            time.sleep(0.01)
        seen.append("set-1.csv" in council.asked)
        return new(*args)

    monkeypatch.setattr(publish, "new", slow)
    assert set(changes(harvest(council.recipe())).values()) == {"published"}
    assert seen == [True, True], "the second file was asked for before the first was written"


def test_what_goes_wrong_with_the_next_record_is_that_records_alone(council: Council, harvest: Harvest) -> None:
    council.publish("first", rows(1))
    council.publish("lost", rows(2))
    council.publish("bad", BAD_TOILETS)
    council.publish("last", rows(3))
    del council.files["lost.csv"]
    found = changes(harvest(council.recipe()))
    assert found == {"first": "published", "lost": "error", "bad": "held", "last": "published"}
    titles = {item.title: item.outcome for item in model.Session.query(Item)}
    assert titles == {"First": "passed", "Lost": "error", "Bad": "failed", "Last": "passed"}


def test_a_decision_made_between_the_look_and_the_writing_counts(
    council: Council, harvest: Harvest, monkeypatch: pytest.MonkeyPatch
) -> None:
    council.publish("held", BAD_TOILETS)
    harvest(council.recipe())
    model.Session.query(Item).update({"version": None})  # the source no longer says whether it changed
    model.Session.commit()
    check = working.check

    def then_rejected(*args: Any) -> Any:
        looked = check(*args)
        item = model.Session.query(Item).one()
        assert looked.judged is None, "these bytes wait already: no second check"
        item.candidate, item.held_since, item.rejected = None, None, ""
        model.Session.commit()
        return looked

    monkeypatch.setattr("ckanext.digitalcity.harvest.ahead.check", then_rejected)
    assert changes(harvest(council.recipe())) == {"held": "held"}, (
        "checked after all, for nothing is known of it any more"
    )
    assert model.Session.query(Item).one().candidate


def test_a_records_ending_is_written_with_what_it_brought_about_or_not_at_all(
    council: Council, harvest: Harvest, monkeypatch: pytest.MonkeyPatch
) -> None:
    council.publish("first", rows(1))
    tried = []

    def broken(*args: Any, **more: Any) -> None:
        tried.append(model.Session.query(Task).filter(Task.finished.is_not(None)).count())
        raise OSError("the disk is gone")

    monkeypatch.setattr(Batch, "commit", broken)
    monkeypatch.setattr(publish, "write", broken)
    monkeypatch.setattr("ckanext.digitalcity.harvest.worker.time.sleep", lambda seconds: None)
    assert changes(harvest(council.recipe())) == {"first": "error"}
    assert tried == [1] * 6, "three times in a batch, then alone: the ending was in the transaction, and went with it"
