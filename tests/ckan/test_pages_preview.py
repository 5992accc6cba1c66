"""Previews and tests of addresses: what a worker found, shown before anything is saved."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from ckan import model
from ckan.lib import jobs
from ckan.tests import factories

from ckanext.digitalcity.harvest import preview_work, schedule
from ckanext.digitalcity.model import File, Item, Preview, PreviewRecord, Report, Run, Source, now

from forms import EDIT, NEW, errors, fields, post
from pages import log_in, main, send, token, words
from world import BAD_TOILETS, TOILETS, Council, as_admin

Harvest = Callable[..., dict[str, Any]]

MORE = TOILETS + "Quay,ZZ1 1AC,2022-03-04\n"
LISTED = "name,email\nSam,sam.jones@example.org\nAlex,alex@example.org\nKim,kim.p@example.net\n"


def work_off() -> None:
    jobs.Worker().work(burst=True)
    model.Session.remove()


def where(response: Any) -> str:
    """The page that a preview has been asked for on."""
    assert response.status_code == 302, response.body
    url = str(response.headers["Location"])
    assert "/digitalcity/preview/" in url
    return "/digitalcity/preview/" + url.rpartition("/")[2]


def records(app: Any, url: str) -> dict[str, str]:
    cards = main(app, url).select("section.dc-card")
    return {words(card.find(["h2", "h3"])): words(card) for card in cards}


def kept() -> tuple[int, ...]:
    return tuple(model.Session.query(table).count() for table in (Source, Item, Report, File, Run, model.Package))


def test_a_preview_shows_each_record_as_a_run_would_leave_it_and_changes_nothing(
    council: Council, harvest: Harvest, editor: dict[str, Any], app: Any
) -> None:
    for id_, text in {"same": TOILETS, "grows": TOILETS, "breaks": TOILETS, "goes": TOILETS}.items():
        council.publish(id_, text)
    harvest(council.recipe())
    council.publish("grows", MORE, title="Grown up", licence="CC-BY-4.0")
    council.publish("breaks", BAD_TOILETS)
    council.publish("people", LISTED)
    council.publish("fresh", TOILETS)
    council.publish("lost", "", file="none.csv")
    del council.files["none.csv"]
    council.withdraw("goes")
    before = kept()
    log_in(app, editor)
    url = where(send(app, "/digitalcity/source/council", "preview/source/council"))
    assert "Waiting to start" in words(main(app, url))
    work_off()
    shown = records(app, url)
    assert set(shown) == {"Grown up", "Breaks", "People", "Fresh", "Lost", "Goes"}
    assert "Would be updated" in shown["Grown up"]
    assert "Title Grows Grown up" in shown["Grown up"]
    assert "Licence uk-ogl cc-by" in shown["Grown up"]
    assert "2 rows" in shown["Grown up"]
    assert "3 rows" in shown["Grown up"]
    assert "Would be held" in shown["Breaks"]
    assert "Row 3" in shown["Breaks"]
    assert "31/02/2021" not in shown["Breaks"]
    assert "looks as if it held personal data" in shown["People"]
    assert "sam.jones" not in shown["People"]
    assert "New: would be published" in shown["Fresh"]
    assert "Error" in shown["Lost"]
    assert "No longer listed" in shown["Goes"]
    assert "Unchanged 1" in words(main(app, url).select_one(".dc-counts"))
    titles = [words(cell) for cell in main(app, url).select("section:first-of-type tbody th")]
    assert titles[:1] == ["Title"]
    assert kept() == before
    assert "Run it for real" in words(main(app, url))
    assert send(app, url, "/run").status_code == 302
    work_off()
    outcomes = {item.remote_id: item.outcome for item in model.Session.query(Item)}
    assert outcomes["grows"] == outcomes["fresh"] == "passed"
    assert outcomes["people"] == "held"


def test_a_changed_recipe_is_previewed_before_it_takes_effect_and_used_from_there(
    council: Council, harvest: Harvest, editor: dict[str, Any], app: Any
) -> None:
    council.publish("good", TOILETS)
    harvest(council.recipe())
    council.publish("bad", BAD_TOILETS)
    log_in(app, editor)
    url = where(post(app, EDIT, title="New title", policy="warn", do="preview"))
    work_off()
    assert model.Session.query(Source).one().title == "Council files"
    assert "New: would be published" in records(app, url)["Bad"]
    assert send(app, url, "/use", do="run").status_code == 302
    assert model.Session.query(Source).one().title == "New title"
    assert model.Session.query(Run).filter_by(finished=None).count() == 1


def test_a_preview_says_where_a_run_would_not_withdraw_what_is_no_longer_listed(
    council: Council, harvest: Harvest, editor: dict[str, Any], app: Any
) -> None:
    council.publish("good", TOILETS)
    harvest(council.recipe())
    council.withdraw("good")
    log_in(app, editor)
    url = where(send(app, "/digitalcity/source/council", "preview/source/council"))
    work_off()
    assert "A run would withdraw none of them until somebody allows it." in words(main(app, url))


def test_a_new_source_is_previewed_before_it_is_there(council: Council, editor: dict[str, Any], app: Any) -> None:
    council.publish("good", TOILETS)
    log_in(app, editor)
    address = council.server.url_for("/index.csv")
    url = where(
        post(app, NEW, title="Council", address=address, organisation="aberfal", field_url="file", do="preview")
    )
    work_off()
    assert model.Session.query(Source).count() == 0
    assert "New: would be published" in records(app, url)["Good"]
    form = main(app, f"{url}/form")
    assert fields(form)["title"] == "Council"
    assert send(app, url, "/use", do="save").status_code == 302
    assert model.Session.query(Source).one().name == "council"


def test_somebody_elses_change_since_the_preview_is_said(
    council: Council, harvest: Harvest, editor: dict[str, Any], app: Any
) -> None:
    harvest(council.recipe())
    log_in(app, editor)
    url = where(post(app, EDIT, title="Mine", do="preview"))
    tk.get_action("digitalcity_source_save")(as_admin(), {"recipe": council.recipe(title="Theirs")})
    work_off()
    assert "Somebody has saved another recipe" in words(main(app, url))


def test_a_source_that_cannot_be_read_is_said_in_its_preview(
    council: Council, harvest: Harvest, editor: dict[str, Any], app: Any
) -> None:
    harvest(council.recipe())
    council.down = True
    log_in(app, editor)
    url = where(send(app, "/digitalcity/source/council", "preview/source/council"))
    work_off()
    text = words(main(app, url))
    assert "Could not be done" in text
    assert "Nothing would change" not in text


def test_a_preview_looks_at_no_more_records_than_the_portal_allows(
    council: Council, harvest: Harvest, portal: Any, editor: dict[str, Any], app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    harvest(council.recipe())
    for number in range(4):
        council.publish(f"file-{number}", TOILETS)
    monkeypatch.setitem(portal, "ckanext.digitalcity.preview.records", 3)
    log_in(app, editor)
    url = where(send(app, "/digitalcity/source/council", "preview/source/council"))
    work_off()
    assert len(records(app, url)) == 3
    assert "Not looked at in this preview 1" in words(main(app, url).select_one(".dc-counts"))


def test_the_progress_tells_the_page_to_load_again_at_the_end(
    council: Council, harvest: Harvest, editor: dict[str, Any], app: Any
) -> None:
    harvest(council.recipe())
    log_in(app, editor)
    url = where(send(app, "/digitalcity/source/council", "preview/source/council"))
    assert "HX-Refresh" not in app.get(f"{url}/progress").headers
    work_off()
    assert app.get(f"{url}/progress").headers["HX-Refresh"] == "true"


def test_a_preview_is_for_its_people_only(council: Council, harvest: Harvest, editor: dict[str, Any], app: Any) -> None:
    harvest(council.recipe())
    log_in(app, editor)
    url = where(send(app, "/digitalcity/source/council", "preview/source/council"))
    test = where(post(app, NEW, address=council.server.url_for("/index.csv"), do="test"))
    stranger = factories.UserWithToken()
    factories.Organization(name="harbour", users=[{"name": stranger["name"], "capacity": "editor"}])
    for visitor in (None, stranger):
        app.client = app.test_client()
        if visitor:
            log_in(app, visitor)
        for page in (url, f"{url}/progress", f"{url}/form", test):
            assert app.get(page).status_code == 403
        sent = {"_csrf_token": token(app, "/digitalcity/source/"), "do": "save"}
        for page in (f"{url}/use", "/digitalcity/preview/source/council"):
            assert app.post(page, data=sent).status_code == 403
    log_in(app, editor)
    assert app.post(f"{url}/use", data={"do": "save"}).status_code == 400


def test_the_test_of_an_address_needs_nothing_else_and_proposes_schemas_from_the_data(
    council: Council, editor: dict[str, Any], app: Any
) -> None:
    from importlib.resources import files

    text = (files("ckanext.digitalcity.schemas") / "table" / "trees" / "valid.csv").read_text("utf-8")
    council.publish("our-trees", text)
    council.publish("toilets", TOILETS)
    council.publish("lost", "", file="none.csv")
    del council.files["none.csv"]
    for number in range(4):
        council.publish(f"more-{number}", TOILETS)
    log_in(app, editor)
    address = council.server.url_for("/index.csv")
    url = where(post(app, NEW, address=address, field_url="file", do="test"))
    work_off()
    shown = records(app, url)
    assert len(shown) == 5
    assert "The schema “Trees” knows" in shown["Our Trees"]
    assert "postcode" in shown["Toilets"]
    assert "Harbour Street" not in shown["Toilets"]
    assert "404" in shown["Lost"] or "not" in shown["Lost"]
    form = fields(main(app, f"{url}/form?schemas=yes"))
    assert form["address"] == address
    assert (form["schema_file_0"], form["schema_name_0"]) == ("our-trees", "trees")
    assert model.Session.query(Source).count() == model.Session.query(Item).count() == 0


def test_the_test_of_an_address_that_is_none_is_refused_beside_it_and_a_forbidden_one_by_the_worker(
    council: Council, editor: dict[str, Any], app: Any
) -> None:
    log_in(app, editor)
    assert set(errors(post(app, NEW, address="nowhere", do="test"))) == {"address"}
    url = where(post(app, NEW, address="http://10.0.0.1/index.csv", do="test"))
    work_off()
    assert "Could not be done" in words(main(app, url))


def test_nobody_can_keep_the_workers_busy_with_tests(council: Council, editor: dict[str, Any], app: Any) -> None:
    log_in(app, editor)
    for number in (1, 1, 2, 3):
        where(post(app, NEW, address=f"https://example.org/{number}", do="test"))
    assert "several already" in errors(post(app, NEW, address="https://example.org/4", do="test"))["address"]
    assert model.Session.query(Preview).count() == 3


def test_a_preview_that_takes_too_long_is_stopped_to_make_room(
    council: Council, harvest: Harvest, editor: dict[str, Any], app: Any
) -> None:
    harvest(council.recipe())
    log_in(app, editor)
    begun = [where(post(app, NEW, address=f"https://example.org/{number}", do="test")) for number in range(3)]
    refused = send(app, "/digitalcity/source/council", "preview/source/council")
    assert refused.headers["Location"].endswith("/digitalcity/source/council")
    assert "several already" in app.get("/digitalcity/source/council").body
    assert send(app, begun[0], "/stop").status_code == 302
    where(send(app, "/digitalcity/source/council", "preview/source/council"))


def test_a_preview_whose_worker_died_is_begun_again_but_not_for_ever(
    council: Council, harvest: Harvest, editor: dict[str, Any], app: Any
) -> None:
    council.publish("good", TOILETS)
    harvest(council.recipe())
    council.publish("good", MORE)
    log_in(app, editor)
    where(send(app, "/digitalcity/source/council", "preview/source/council"))
    row = model.Session.query(Preview).one()
    row.state, row.tries, row.busy_until = "working", 1, now() + timedelta(minutes=1)
    model.Session.add(PreviewRecord(preview_id=row.id, position=0, change="error", body={}))
    model.Session.commit()
    assert not preview_work.work(row.id)
    row.busy_until = now() - timedelta(minutes=1)
    model.Session.commit()
    assert schedule.tick()["resumed"] >= 1
    work_off()
    row = model.Session.query(Preview).one()
    assert (row.state, row.counts) == ("finished", {"updated": 1})
    assert model.Session.query(PreviewRecord).one().change == "updated"
    row.state, row.finished, row.tries = "working", None, 3
    row.busy_until = now() - timedelta(minutes=1)
    model.Session.commit()
    preview_work.work(row.id)
    assert model.Session.query(Preview).one().state == "failed"


def test_ticks_do_not_fill_the_queue_with_jobs_of_a_preview_that_waits_its_turn(
    council: Council, harvest: Harvest, editor: dict[str, Any], app: Any
) -> None:
    harvest(council.recipe())
    log_in(app, editor)
    where(send(app, "/digitalcity/source/council", "preview/source/council"))
    waiting = [[model.Session.query(Preview).one().id]]
    for _ in range(2):
        schedule.tick()
    assert [job.args for job in jobs.get_queue().jobs] == waiting
    jobs.get_queue().empty()  # Redis loses it
    schedule.tick()
    assert [job.args for job in jobs.get_queue().jobs] == waiting


def test_old_previews_are_forgotten(council: Council, harvest: Harvest, editor: dict[str, Any], app: Any) -> None:
    harvest(council.recipe())
    log_in(app, editor)
    where(send(app, "/digitalcity/source/council", "preview/source/council"))
    work_off()
    model.Session.query(Preview).one().created = now() - timedelta(days=31)
    model.Session.commit()
    schedule.tick()
    assert model.Session.query(Preview).count() == 0
