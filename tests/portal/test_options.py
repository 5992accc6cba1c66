"""The command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from ckanext.digitalcity.portal import options


@pytest.mark.parametrize("place", [["--data", "/d", "status"], ["status", "--data", "/d"]])
def test_the_data_folder_can_be_given_before_or_after_the_command(place: list[str]) -> None:
    assert options.data_root(options.parse(place)) == Path("/d")


def test_everything_after_ckan_goes_to_ckan_untouched() -> None:
    args = options.parse(["--data", "/d", "ckan", "user", "add", "--help", "--data", "x"])
    assert (args.command, args.rest) == ("ckan", ["user", "add", "--help", "--data", "x"])


def test_ckan_can_also_be_an_ordinary_word() -> None:
    args = options.parse(["test", "ckan"])
    assert (args.command, args.names, args.rest) == ("test", ["ckan"], [])
    assert options.parse(["logs", "ckan", "-f"]).name == "ckan"


def test_options_after_the_name_of_a_measurement_are_its_own() -> None:
    args = options.parse(["bench", "harvest", "--backlog", "2000", "--json", "/f", "--data", "/d"])
    assert (args.name, args.rest, args.data) == ("harvest", ["--backlog", "2000", "--json", "/f"], "/d")


def test_no_other_command_takes_an_option_that_it_does_not_know(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        options.parse(["status", "--backlog", "2000"])
    assert "unrecognized arguments: --backlog 2000" in capsys.readouterr().err


def test_tests_never_use_the_portal_of_the_person_who_runs_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(options.DATA, raising=False)
    own = options.data_root(options.parse(["up"]))
    for command in (["test"], ["bench", "gate"]):
        assert options.data_root(options.parse(command)) == own.with_name(own.name + "-test")


def test_the_demo_city_is_left_as_it_was_unless_asked() -> None:
    asked = {words: options.parse(["up", *words.split()]).demo for words in ("", "--demo", "--no-demo")}
    assert asked == {"": None, "--demo": True, "--no-demo": False}
