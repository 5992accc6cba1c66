"""Log lines that a machine can read, with the ids of runs and no value of any file."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pythonjsonlogger.json import JsonFormatter

from world import TOILETS, Council

Harvest = Callable[..., dict[str, Any]]


@pytest.fixture
def lines() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """What our loggers write with the formatter that the operator's guide names."""
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    handler.setFormatter(JsonFormatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    ours = logging.getLogger("ckanext.digitalcity")
    level = ours.level
    logging.getLogger(
        "ckanext.digitalcity.harvest.worker"
    ).disabled = False  # pytest imports it before CKAN sets logs up
    ours.addHandler(handler)
    ours.setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in text.getvalue().splitlines()]
    ours.removeHandler(handler)
    ours.setLevel(level)


def test_each_record_and_each_end_of_a_run_is_a_line_with_the_id_of_the_run(
    council: Council, harvest: Harvest, lines: Callable[[], list[dict[str, Any]]]
) -> None:
    council.publish("good", TOILETS)
    council.publish("people", "name,email\nSam,sam.jones@example.org\nAlex,alex@example.org\nKim,kim.p@example.net\n")
    run = harvest(council.recipe())
    said = [line for line in lines() if line.get("run") == run["id"]]
    assert [line["message"].split(run["id"])[1] for line in said if "source" in line] == [
        " of council begins",
        " of council finished",
    ]
    assert {line["record"]: line["change"] for line in said if "record" in line} == {
        "good": "published",
        "people": "held",
    }
    assert said[-1]["counts"]["published"] == 1
    assert "sam.jones" not in json.dumps(lines())


def test_a_run_that_failed_is_a_warning_on_one_line(
    council: Council, harvest: Harvest, lines: Callable[[], list[dict[str, Any]]]
) -> None:
    council.down = True
    run = harvest(council.recipe())
    warnings = [line for line in lines() if line["levelname"] == "WARNING" and line.get("run") == run["id"]]
    assert len(warnings) == 1
    assert "council failed" in warnings[0]["message"]
