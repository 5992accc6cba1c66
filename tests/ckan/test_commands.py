"""The commands, as a data officer types them."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.cli.cli import ckan

from ckanext.digitalcity.cli.bar import numbers
from ckanext.digitalcity.command import main
from ckanext.digitalcity.harvest.progress import Progress
from ckanext.digitalcity.model import Item, Run, Source

from world import BAD_TOILETS, TOILETS, Council


@pytest.fixture
def recipe(council: Council, portal: Any, tmp_path: Path) -> Path:
    council.publish("toilets", TOILETS)
    council.publish("broken", BAD_TOILETS)
    path = tmp_path / "council.yaml"
    path.write_text(council.recipe())
    return path


def test_run_harvests_a_recipe_and_prints_a_table_and_the_numbers(recipe: Path, cli: Any) -> None:
    result = cli.invoke(ckan, ["digitalcity", "harvest", "run", str(recipe)])
    assert result.exit_code == 0, result.output
    assert "published 1, updated 0, unchanged 0, held 1, errors 0" in result.output
    assert "Toilets" in result.output


def test_run_ends_with_1_if_there_were_errors(recipe: Path, council: Council, cli: Any) -> None:
    council.publish("page", "<!DOCTYPE html><html><body>Sorry</body></html>")
    assert cli.invoke(ckan, ["digitalcity", "harvest", "run", str(recipe)]).exit_code == 1


def test_run_ends_with_2_and_says_why_if_the_source_does_not_answer(recipe: Path, council: Council, cli: Any) -> None:
    council.down = True
    result = cli.invoke(ckan, ["digitalcity", "harvest", "run", str(recipe), "--json"])
    assert result.exit_code == 2
    assert json.loads(result.stdout)["message"]


def test_run_prints_only_json_if_asked(recipe: Path, cli: Any) -> None:
    result = cli.invoke(ckan, ["digitalcity", "harvest", "run", str(recipe), "--json"])
    found = json.loads(result.stdout)
    assert found["counts"]["published"] == 1
    assert {record["change"] for record in found["results"]} == {"published", "held"}


def test_a_dry_run_makes_no_source_no_run_and_no_dataset(recipe: Path, cli: Any) -> None:
    result = cli.invoke(ckan, ["digitalcity", "harvest", "run", str(recipe), "--dry-run"])
    assert result.exit_code == 0, result.output
    assert "published 1" in result.output
    assert "title: Toilets" in result.output
    assert "new file Broken, errors" in " ".join(result.output.split())
    for table in (Source, Run, Item, model.Package):
        assert model.Session.query(table).count() == 0


def test_a_recipe_with_a_slip_is_refused_with_the_line_and_what_to_do(recipe: Path, cli: Any) -> None:
    recipe.write_text(recipe.read_text().replace("kind:", "kinf:"))
    result = cli.invoke(ckan, ["digitalcity", "harvest", "run", str(recipe)])
    assert result.exit_code == 2
    assert "kinf" in result.output
    assert "kind" in result.output


def test_a_source_that_is_not_there_is_named(portal: Any, cli: Any) -> None:
    result = cli.invoke(ckan, ["digitalcity", "harvest", "run", "nowhere"])
    assert result.exit_code == 2
    assert "no such source" in result.output


def test_a_recipe_that_cannot_be_used_is_an_answer_in_json_too(recipe: Path, cli: Any, tmp_path: Path) -> None:
    (tmp_path / "latin.yaml").write_bytes(b"name: caf\xe9")
    for name in ("nowhere.yaml", "latin.yaml"):
        result = cli.invoke(ckan, ["digitalcity", "harvest", "run", str(tmp_path / name), "--json"])
        assert result.exit_code == 2
        assert "Cannot read the recipe" in json.loads(result.stdout)["message"]


def test_a_run_shows_on_the_terminal_what_its_page_shows(recipe: Path, cli: Any) -> None:
    result = cli.invoke(ckan, ["digitalcity", "harvest", "run", str(recipe)])
    assert "found 2, fetched 2, checked 2, published 1, held 1" in " ".join(result.stderr.split())
    standing = Progress(300, 200, 80, {"published": 70, "held": 10}, 240.0, 72, fetched=90, checked=85)
    assert (
        numbers(standing) == "found 300, fetched 90, checked 85, published 70, held 10; 240 a minute, 1 min 12 s left"
    )


def test_list_and_tick_work_on_an_empty_portal(portal: Any, cli: Any) -> None:
    assert cli.invoke(ckan, ["digitalcity", "harvest", "list"]).exit_code == 0
    assert cli.invoke(ckan, ["digitalcity", "harvest", "tick"]).exit_code == 0
    assert cli.invoke(ckan, ["digitalcity", "harvest", "tick", "--every", "-1"]).exit_code == 2


@pytest.mark.parametrize("asks", [signal.SIGTERM, signal.SIGINT])
def test_a_scheduler_that_is_asked_to_stop_ends_its_tick_well_and_leaves_signals_as_they_were(
    portal: Any, cli: Any, asks: signal.Signals
) -> None:
    before, asked = signal.getsignal(asks), []

    def ask(_: Any) -> None:
        if signal.getsignal(asks) != before and not asked:
            asked.append(asks)
            signal.raise_signal(asks)

    sa.event.listen(model.Session, "after_commit", ask)
    try:
        assert cli.invoke(ckan, ["digitalcity", "harvest", "tick", "--every", "3600"]).exit_code == 0
    finally:
        sa.event.remove(model.Session, "after_commit", ask)
    assert asked
    assert signal.getsignal(asks) == before


@pytest.mark.parametrize(("content", "code"), [("id,n\n1,2\n", 0), ("id,n\n1,2,3\n", 1), ("<html><p>x</p></html>", 2)])
def test_check_is_the_same_command_with_and_without_a_portal(
    content: str, code: int, cli: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, one, two = tmp_path / "data.csv", tmp_path / "one.json", tmp_path / "two.json"
    path.write_text(content)
    result = cli.invoke(ckan, ["digitalcity", "check", str(path), "--json", str(one)])
    assert result.exit_code == main(["check", str(path), "--json", str(two)]) == code
    ours, theirs = (json.loads(file.read_text()) for file in (one, two))
    assert ours["digitalcity"]["outcome"] == theirs["digitalcity"]["outcome"]
    assert ours["errors"] == theirs["errors"]
    assert "--reference" in cli.invoke(ckan, ["digitalcity", "check", "--help"]).output
