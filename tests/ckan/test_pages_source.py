"""Sources, runs, recipes, the home page and the page about labels."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from bs4 import BeautifulSoup
from ckan import model
from ckan.tests import factories

from ckanext.digitalcity.helpers import digitalcity_rhythm
from ckanext.digitalcity.model import Run, Source
from ckanext.digitalcity.views import ask

from pages import log_in, main, page, send, words
from world import BAD_TOILETS, TOILETS, Council

Harvest = Callable[..., dict[str, Any]]

PEOPLE = "name,email\nSam,sam.jones@example.org\nAlex,alex@example.org\nKim,kim.p@example.net\n"
WEB_PAGE = "<!DOCTYPE html><html><body>Sorry, an error occurred</body></html>"


def all_outcomes(council: Council) -> None:
    for id_, content in {"good": TOILETS, "bad": BAD_TOILETS, "people": PEOPLE, "page": WEB_PAGE}.items():
        council.publish(id_, content)


def test_a_source_page_shows_every_record_with_its_outcome_and_why(
    council: Council, harvest: Harvest, app: Any
) -> None:
    all_outcomes(council)
    harvest(council.recipe())
    rows = {words(row.find("th")): words(row) for row in main(app, "/digitalcity/source/council").select("tbody tr")}
    assert "Passed" in rows["Good"]
    assert "Dataset (Good)" in rows["Good"]
    assert "Held: the data has errors" in rows["Bad"]
    assert "Held: a person must decide" in rows["People"]
    assert "Could not be checked" in rows["Page"]
    assert "A web page came instead of the data" in rows["Page"]


def test_the_records_of_a_source_can_be_looked_at_by_how_they_stand(
    council: Council, harvest: Harvest, app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ask, "PAGE", 1)
    all_outcomes(council)
    council.publish("worse", BAD_TOILETS)
    harvest(council.recipe())
    nav = main(app, "/digitalcity/source/council").select_one("nav[aria-label='Which records']")
    assert words(nav) == "All of them 5 Passed 1 Held: the data has errors 2 Held: a person must decide 1 " \
        "Could not be checked 1"  # fmt: skip
    assert nav
    link = next(str(link["href"]) for link in nav.select("a") if "errors" in words(link))
    first = main(app, link)
    assert words(first.select_one("tbody th")) == "Bad"
    assert words(first.select_one("nav [aria-current]")) == "Held: the data has errors"
    after = first.select_one("a[rel=next]")
    assert after
    second = main(app, f"/digitalcity/source/council{after['href']}")
    assert words(second.select_one("tbody th")) == "Worse"
    assert "Page 2 of 2" in words(second)
    assert "No record of this source stands like this" in words(
        main(app, "/digitalcity/source/council?outcome=pending")
    )


def test_a_source_says_its_schedule_in_words_and_when_it_runs_next(
    council: Council, harvest: Harvest, app: Any
) -> None:
    council.publish("good", TOILETS)
    harvest(council.recipe(schedule="30 4 * * 1,4", blackout="every day 04:00-05:00"))
    facts = {words(row.find("dt")): row for row in main(app, "/digitalcity/source/council").select(".dc-facts > div")}
    assert words(facts["Schedule"].find("dd")) == "Every Monday, every Thursday at 04:30"
    times = [datetime.fromisoformat(str(time["datetime"])) for time in facts["Next runs"].select("time")]
    assert [time.astimezone(ZoneInfo("Europe/London")).strftime("%H:%M") for time in times] == ["05:00"] * 3
    assert {time.strftime("%a") for time in times} == {"Mon", "Thu"}
    assert times[0] < times[1] < times[2]
    welsh = words(main(app, "/cy/digitalcity/source/council").select_one(".dc-facts"))
    assert "Bob dydd Llun, bob dydd Iau am 04:30" in welsh


@pytest.mark.parametrize(
    ("schedule", "said"),
    [
        ("every 15 minutes", "Every 15 minutes"),
        ("0 * * * *", "Every hour"),
        ("every month on the 1st at 03:00", "On day 1 of every month at 03:00"),
        ("0 6,18 * * 1-5", "Every weekday (Monday to Friday) at 06:00, 18:00"),
        ("30 4 l * *", "By the cron expression 30 4 l * *"),
    ],
)
def test_schedules_have_words(test_request_context: Any, schedule: str, said: str) -> None:
    with test_request_context():
        assert digitalcity_rhythm(schedule) == said


def test_a_source_that_fails_says_since_when_and_what_happened(council: Council, harvest: Harvest, app: Any) -> None:
    council.publish("good", TOILETS)
    harvest(council.recipe())
    council.down = True
    harvest(council.recipe())
    text = words(main(app, "/digitalcity/source/council"))
    assert "Failing since" in text
    assert "Failing" in words(main(app, "/digitalcity/source/"))


def test_a_run_page_shows_what_became_of_each_record(council: Council, harvest: Harvest, app: Any) -> None:
    all_outcomes(council)
    run = harvest(council.recipe())
    rows = [words(row) for row in main(app, f"/digitalcity/run/{run['id']}").select("tbody tr")]
    assert len(rows) == 4
    assert any(row.startswith("Good Published") for row in rows)


def test_a_run_in_which_nothing_had_changed_says_so(council: Council, harvest: Harvest, app: Any) -> None:
    council.publish("good", TOILETS, modified="2026-10-01")
    harvest(council.recipe())
    run = harvest(council.recipe())
    page_ = main(app, f"/digitalcity/run/{run['id']}")
    assert "Unchanged" in words(page_.select_one(".dc-counts")) or "Nothing had changed" in words(page_)


def test_an_unfinished_run_shows_how_far_it_is_and_asks_again_by_itself(
    council: Council, harvest: Harvest, app: Any
) -> None:
    council.publish("good", TOILETS)
    run = harvest(council.recipe())
    row = model.Session.get(Run, run["id"])
    row.state, row.finished = "working", None
    model.Session.commit()
    progress = main(app, f"/digitalcity/run/{run['id']}").select_one("#progress")
    assert progress is not None
    assert progress["hx-get"] == f"/digitalcity/run/{run['id']}/progress"
    assert "1 of 1 records done" in words(progress)
    assert progress.select_one("progress")
    assert progress.select_one(f"a[href='/digitalcity/run/{run['id']}']")
    assert "HX-Refresh" not in app.get(str(progress["hx-get"])).headers


def test_the_progress_of_a_finished_run_tells_the_page_to_load_again(
    council: Council, harvest: Harvest, app: Any
) -> None:
    council.publish("good", TOILETS)
    run = harvest(council.recipe())
    response = app.get(f"/digitalcity/run/{run['id']}/progress")
    assert response.headers["HX-Refresh"] == "true"
    assert "hx-get" not in response.body


def test_an_editor_starts_a_run_from_the_source_page(
    council: Council, harvest: Harvest, editor: dict[str, Any], app: Any
) -> None:
    council.publish("good", TOILETS)
    harvest(council.recipe())
    log_in(app, editor)
    response = send(app, "/digitalcity/source/council", "/run")
    assert response.status_code == 302
    newest = model.Session.query(Run).order_by(Run.created.desc()).first()
    assert response.headers["Location"].endswith(f"/digitalcity/run/{newest.id}")
    assert newest.started_by == editor["name"]


def test_only_editors_are_offered_a_run_or_a_change(council: Council, harvest: Harvest, app: Any) -> None:
    council.publish("good", TOILETS)
    harvest(council.recipe())
    assert not main(app, "/digitalcity/source/council").select("form")
    assert app.get("/digitalcity/recipe/council").status_code == 403
    assert app.get("/digitalcity/recipe/").status_code == 403


def test_a_run_that_held_withdrawals_offers_to_allow_them(
    council: Council, harvest: Harvest, editor: dict[str, Any], app: Any
) -> None:
    council.publish("good", TOILETS)
    harvest(council.recipe())
    council.withdraw("good")
    run = harvest(council.recipe())
    url = f"/digitalcity/run/{run['id']}"
    assert not main(app, url).select("form")
    log_in(app, editor)
    assert "Run again and allow withdrawals" in words(main(app, url).find("form"))
    assert send(app, url, "/run").status_code == 302
    assert model.Session.query(Run).order_by(Run.created.desc()).first().allow_withdrawals is True


def test_an_editor_adds_a_source_and_mistakes_are_shown_beside_the_text(
    council: Council, editor: dict[str, Any], app: Any
) -> None:
    log_in(app, editor)
    wrong = send(app, "/digitalcity/recipe/", "recipe/", recipe="name: [")
    assert wrong.status_code == 400
    assert "There is a problem" in wrong.body
    assert "name: [</textarea>" in wrong.body
    several = send(app, "/digitalcity/recipe/", "recipe/", recipe=council.recipe(kind="ftp", policy="sell"))
    faults = BeautifulSoup(several.body, "html.parser").select(".dc-errors li")
    assert len([fault for fault in faults if "Line" in words(fault)]) == 2
    right = send(app, "/digitalcity/recipe/", "recipe/", recipe=council.recipe())
    assert right.status_code == 302
    assert model.Session.query(Source).one().name == "council"
    changed = send(app, "/digitalcity/recipe/council", "recipe/council", recipe=council.recipe(title="New title"))
    assert changed.status_code == 302
    assert words(main(app, "/digitalcity/source/council").find("h1")) == "New title"


def test_the_recipe_page_shows_the_shipped_examples(editor: dict[str, Any], app: Any) -> None:
    log_in(app, editor)
    assert "sensorthings" in words(main(app, "/digitalcity/recipe/"))


def test_the_history_of_runs_has_pages(council: Council, harvest: Harvest, app: Any) -> None:
    council.publish("good", TOILETS)
    harvest(council.recipe())
    source = model.Session.query(Source).one()
    model.Session.add_all(
        [Run(source_id=source.id, state="finished", finished=source.created, counts={}) for _ in range(25)]
    )
    model.Session.commit()
    assert "All 26 runs" in words(main(app, "/digitalcity/source/council"))
    assert len(main(app, "/digitalcity/source/council/runs?page=2").select("tbody tr")) == 6


def test_the_home_page_says_what_the_portal_is_for_and_how_things_stand(
    council: Council, harvest: Harvest, app: Any
) -> None:
    all_outcomes(council)
    harvest(council.recipe())
    part = main(app, "/")
    numbers = words(part.select_one(".dc-numbers"))
    assert "1 dataset is public" in numbers
    assert "1 is held because the data has errors" in numbers
    assert "1 is held because a person must decide" in numbers
    assert "1 could not be checked" in numbers
    assert part.select_one("form[role=search] input[name=q]")


def test_the_about_page_explains_every_question_of_the_labels(portal: Any, app: Any) -> None:
    from ckanext.digitalcity.core.label import indicators

    text = words(main(app, "/digitalcity/about/"))
    for panel in ("trust", "privacy"):
        for indicator in indicators(panel):
            assert indicator.question in text


def test_pages_need_nothing_from_other_servers(council: Council, harvest: Harvest, app: Any) -> None:
    council.publish("good", TOILETS)
    harvest(council.recipe())
    for url in ("/", "/digitalcity/source/council", "/digitalcity/about/"):
        for element in page(app, url).select("script[src], img[src], link[href], iframe[src]"):
            address = str(element.get("src") or element.get("href"))
            assert not address.startswith(("http", "//")), element


def test_a_page_that_a_stranger_may_not_see_says_so_usefully(portal: Any, app: Any) -> None:
    log_in(app, factories.UserWithToken())
    response = app.get("/digitalcity/recipe/")
    assert response.status_code == 403
    assert "Only editors of an organization may add a source." in response.body
