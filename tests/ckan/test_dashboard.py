"""The list of sources as a dashboard: who needs somebody first, what to do next, and finding one among many."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model
from ckan.tests import factories

from ckanext.digitalcity.model import Source, now

from pages import log_in, main, words
from world import BAD_TOILETS, TOILETS, Council, as_admin

Harvest = Callable[..., dict[str, Any]]
LIST = "/digitalcity/source/"


def source(name: str, **facts: Any) -> None:
    """A source in the ledger that nobody reads."""
    organization = model.Group.get("aberfal") or model.Group.get(factories.Organization(name="aberfal")["id"])
    row = Source(name=name, title=name.title(), kind="file", recipe="name: x", organization_id=organization.id)
    for key, value in facts.items():
        setattr(row, key, value)
    model.Session.add(row)
    model.Session.commit()


def steps() -> dict[str, str]:
    found = tk.get_action("digitalcity_source_list")(as_admin(), {})
    return {each["name"]: each["next_step"] for each in found["results"]}


def test_sources_that_fail_come_first_then_those_that_hold_something(
    council: Council, harvest: Harvest, app: Any
) -> None:
    council.publish("bad", BAD_TOILETS)
    harvest(council.recipe(name="zebra", title="Zebra"))
    source("apple", last_good=now())
    source("yew", failing_since=now())
    assert [words(title) for title in main(app, LIST).select("h2")] == ["Yew", "Zebra", "Apple"]


def test_each_source_says_what_to_do_next(council: Council, harvest: Harvest) -> None:
    council.publish("bad", BAD_TOILETS)
    council.publish("good", TOILETS)
    harvest(council.recipe())
    source("shrunk", last_good=now(), last_message="5 of 5 datasets are no longer listed by the source.")
    source("broken", failing_since=now())
    source("fresh")
    source("asleep", last_good=now(), next_run=now() - timedelta(hours=2))
    source("resting", last_good=now(), paused=now())
    source("fine", last_good=now(), next_run=now() + timedelta(hours=2))
    assert steps() == {
        "council": "decide",
        "shrunk": "allow",
        "broken": "mend",
        "fresh": "run",
        "asleep": "wake",
        "resting": "resume",
        "fine": "",
    }


def test_only_editors_read_what_to_do_next(portal: Any, editor: dict[str, Any], app: Any) -> None:
    source("broken", failing_since=now())
    assert "the portal keeps trying" not in words(main(app, LIST))
    log_in(app, editor)
    assert "the portal keeps trying" in words(main(app, LIST))


def test_the_list_leads_to_where_it_is_done_and_to_the_sources_of_one_organization(
    council: Council, harvest: Harvest, editor: dict[str, Any], app: Any
) -> None:
    council.publish("bad", BAD_TOILETS)
    harvest(council.recipe())
    log_in(app, editor)
    card = main(app, LIST).select_one(".dc-card")
    assert card is not None
    step = card.select_one(".dc-note a")
    assert step and step["href"] == "/digitalcity/inbox/"
    organization = next(link for link in card.select("a") if "organization=aberfal" in str(link["href"]))
    shown = main(app, str(organization["href"]))
    assert "Only sources of one organisation are shown." in words(shown)
    assert [words(title) for title in shown.select("h2")] == ["Council files"]


def test_sources_are_found_by_name_organization_and_health(portal: Any, app: Any) -> None:
    for number in range(25):
        source(f"river-{number:02}", last_good=now())
    source("road", failing_since=now())
    page = main(app, LIST)
    assert (
        words(page.select_one("nav[aria-label='Sources by how they stand']")) == "All sources 26 Failing 1 Working 25"
    )
    assert len(page.select("h2")) == 20
    failing = main(app, f"{LIST}?health=failing")
    assert [words(title) for title in failing.select("h2")] == ["Road"]
    rivers = main(app, f"{LIST}?q=RIVER")
    following = rivers.select_one(".dc-pages a[rel=next]")
    assert following is not None
    assert len(main(app, LIST + str(following["href"])).select("h2")) == 5
    assert not main(app, f"{LIST}?organization=nosuch").select("h2")
    assert "No source is like that" in words(main(app, f"{LIST}?q=100%25_"))


def test_the_last_runs_are_links_that_say_how_each_ended(council: Council, harvest: Harvest, app: Any) -> None:
    council.publish("good", TOILETS)
    harvest(council.recipe())
    council.publish("bad", BAD_TOILETS)
    harvest(council.recipe())
    council.down = True
    last = harvest(council.recipe())
    runs = main(app, LIST).select(".dc-trend a")
    said = [words(run).split(": ", 1)[1] for run in runs]
    assert said == ["Finished", "Finished, Held 1", "Could not be done"]
    assert str(runs[-1]["href"]).endswith(last["id"])
    assert all("<" not in str(run["title"]) and not run.find_all(string=lambda text: '">' in text) for run in runs)
