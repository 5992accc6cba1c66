"""Pausing a source's schedule, and stopping a run that is under way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from ckan import model
from ckan.cli.cli import ckan
from ckan.tests import factories
from werkzeug import Request, Response

from ckanext.digitalcity.harvest import ledger
from ckanext.digitalcity.harvest.schedule import tick
from ckanext.digitalcity.harvest.worker import work
from ckanext.digitalcity.logic.action.source import find
from ckanext.digitalcity.model import Item, Run, now

from pages import log_in, main, send, words
from world import TOILETS, Council, as_admin, changes

Harvest = Callable[..., dict[str, Any]]


def saved(council: Council, **changes: Any) -> None:
    tk.get_action("digitalcity_source_save")(as_admin(), {"recipe": council.recipe(**changes)})


def due() -> None:
    find("council").next_run = now() - timedelta(hours=1)
    model.Session.commit()


def test_a_paused_source_is_not_started_by_the_schedule_until_it_is_taken_up_again(
    council: Council, portal: Any
) -> None:
    saved(council, schedule="every hour")
    due()
    tk.get_action("digitalcity_source_pause")(as_admin(), {"id": "council", "reason": "The server moves"})
    assert tick()["started"] == 0
    tk.get_action("digitalcity_source_resume")(as_admin(), {"id": "council"})
    assert find("council").next_run > now()
    assert tick()["started"] == 0
    due()
    assert tick()["started"] == 1


def test_a_paused_source_stays_paused_when_its_recipe_changes_and_when_it_is_run_by_hand(
    council: Council, harvest: Harvest
) -> None:
    council.publish("toilets", TOILETS)
    saved(council, schedule="every hour")
    tk.get_action("digitalcity_source_pause")(as_admin(), {"id": "council", "reason": "The server moves"})
    assert changes(harvest(council.recipe(schedule="every 15 minutes"))) == {"toilets": "published"}
    assert find("council").next_run is None


def test_an_editor_pauses_with_a_reason_that_everybody_can_read_and_takes_it_up_again(
    council: Council, editor: dict[str, Any], app: Any
) -> None:
    saved(council, schedule="every hour")
    log_in(app, editor)
    page = "/digitalcity/source/council"
    assert "There is a problem" in send(app, f"{page}/pause", "/pause", reason=" ").body
    assert send(app, f"{page}/pause", "/pause", reason="The server <b>moves</b>").status_code == 302
    shown = main(app, page)
    assert "The server <b>moves</b>" in words(shown)
    assert "Paused" in words(shown)
    assert "None: the schedule is paused" in words(shown)
    assert "Paused" in words(main(app, "/digitalcity/source/"))
    assert send(app, page, "/resume").status_code == 302
    assert "Paused" not in words(main(app, page))


def test_somebody_who_does_not_edit_for_the_organization_neither_pauses_nor_stops(
    council: Council, harvest: Harvest, app: Any
) -> None:
    council.publish("toilets", TOILETS)
    run = harvest(council.recipe(schedule="every hour"))
    stranger = factories.UserWithToken()
    login = {"Authorization": stranger["token"]}
    for action, data in (
        ("digitalcity_source_pause", {"id": "council", "reason": "x"}),
        ("digitalcity_source_resume", {"id": "council"}),
        ("digitalcity_run_abort", {"id": run["id"]}),
    ):
        app.post(f"/api/3/action/{action}", json=data, headers=login, status=403)
    app.get("/digitalcity/source/council/pause", headers=login, status=403)


def stop_at(council: Council, name: str) -> list[str]:
    """Somebody stops the run while this file is being fetched. Gives a list that will hold the run's id."""
    stopped: list[str] = []
    answer = council._file

    def file(request: Request) -> Response:
        if request.method == "GET" and request.args["name"] == name and not stopped:
            stopped.append(model.Session.query(Run).one().id)
            model.Session.remove()
            tk.get_action("digitalcity_run_abort")(as_admin(), {"id": stopped[0]})
            model.Session.remove()
        return answer(request)

    council.server.clear_all_handlers()
    council.server.expect_request("/index.csv").respond_with_handler(council._index)
    council.server.expect_request("/files").respond_with_handler(file)
    return stopped


def test_a_run_that_is_stopped_leaves_what_it_finished_and_nothing_half_done(
    council: Council, harvest: Harvest
) -> None:
    for name in ("a", "b", "c"):
        council.publish(name, TOILETS)
    stopped = stop_at(council, "c.csv")  # while c is fetched b is written: it may have been finished, or not
    run = harvest(council.recipe())
    assert stopped == [run["id"]]
    done = sorted(id_ for id_, change in changes(run).items() if change == "published")
    assert done in (["a"], ["a", "b"])
    assert (run["state"], run["counts"]["published"]) == ("aborted", len(done))
    assert changes(run)["c"] == ""
    assert find("council").last_good is None
    public = model.Session.query(Item.remote_id).filter(Item.published.is_not(None))
    assert sorted(id_ for (id_,) in public) == done
    assert work(run["id"]) is False
    assert ledger.abandoned() == []
    again = harvest(council.recipe())
    assert changes(again) == dict.fromkeys({"a", "b", "c"} - set(done), "published")


def test_a_run_is_stopped_with_a_button_and_only_once(council: Council, editor: dict[str, Any], app: Any) -> None:
    saved(council)
    run_id = ledger.open_run(find("council"), "test").id
    log_in(app, editor)
    page = f"/digitalcity/run/{run_id}"
    assert send(app, page, "/abort").status_code == 302
    text = words(main(app, page))
    assert "Stopped by a person" in text
    assert "Stop this run" not in text
    with pytest.raises(tk.ValidationError):
        tk.get_action("digitalcity_run_abort")(as_admin(), {"id": run_id})


def test_the_commands_do_what_the_buttons_do_and_say_so(council: Council, portal: Any, cli: Any) -> None:
    saved(council, schedule="every hour")
    said = cli.invoke(ckan, ["digitalcity", "harvest", "pause", "council", "--reason", "The server moves"])
    assert (said.exit_code, "is paused" in said.output) == (0, True)
    assert "paused since" in cli.invoke(ckan, ["digitalcity", "harvest", "list"]).output
    assert "It runs next at" in cli.invoke(ckan, ["digitalcity", "harvest", "resume", "council"]).output
    nothing = cli.invoke(ckan, ["digitalcity", "harvest", "abort", "council"])
    assert (nothing.exit_code, "No run of council is under way" in nothing.output) == (1, True)
    ledger.open_run(find("council"), "test")
    assert "The run is stopped" in cli.invoke(ckan, ["digitalcity", "harvest", "abort", "council"]).output
    unknown = cli.invoke(ckan, ["digitalcity", "harvest", "pause", "nobody", "--reason", "x"])
    assert (unknown.exit_code, "no such source" in unknown.output) == (1, True)
