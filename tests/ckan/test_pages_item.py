"""The inbox and the decision about what is held, without JavaScript."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ckan import model
from ckan.tests import factories

from ckanext.digitalcity.model import Decision, Item

from pages import log_in, main, page, send, token, words
from world import BAD_TOILETS, TOILETS, Council

Harvest = Callable[..., dict[str, Any]]


@pytest.fixture
def item(council: Council, harvest: Harvest) -> str:
    """Address of an item that waits."""
    council.publish("toilets", BAD_TOILETS)
    harvest(council.recipe())
    return f"/digitalcity/item/{model.Session.query(Item).one().id}"


def test_the_inbox_asks_a_visitor_to_log_in_and_comes_back(portal: Any, app: Any) -> None:
    response = app.get("/digitalcity/inbox/", follow_redirects=False)
    assert response.status_code == 302
    assert "/user/login" in response.headers["Location"]
    assert "digitalcity" in response.headers["Location"]


def test_an_empty_inbox_says_what_it_is_for(editor: dict[str, Any], app: Any) -> None:
    log_in(app, editor)
    assert "Nothing waits for you" in words(main(app, "/digitalcity/inbox/"))


def test_the_inbox_lists_what_waits_with_the_reason_in_words(item: str, editor: dict[str, Any], app: Any) -> None:
    log_in(app, editor)
    text = words(main(app, "/digitalcity/inbox/"))
    assert "1 record waits for a decision." in text
    assert "The data does not follow the rules of its schema." in text


def test_a_long_inbox_has_pages(council: Council, harvest: Harvest, editor: dict[str, Any], app: Any) -> None:
    for number in range(21):
        council.publish(f"toilets-{number}", f"{BAD_TOILETS}Place {number},ZZ1 1AC,2021-01-01,extra\n")
    harvest(council.recipe())
    log_in(app, editor)
    assert len(main(app, "/digitalcity/inbox/").select("tbody tr")) == 20
    assert len(main(app, "/digitalcity/inbox/?page=2").select("tbody tr")) == 1
    assert len(main(app, "/digitalcity/inbox/?page=nonsense").select("tbody tr")) == 20


def test_the_menu_shows_the_inbox_only_to_editors(editor: dict[str, Any], app: Any) -> None:
    assert not page(app, "/digitalcity/source/").select("header a[href*='/digitalcity/inbox']")
    log_in(app, factories.UserWithToken())
    assert not page(app, "/digitalcity/source/").select("header a[href*='/digitalcity/inbox']")
    log_in(app, editor)
    assert page(app, "/digitalcity/source/").select("header a[href*='/digitalcity/inbox']")


def test_the_public_sees_why_something_is_held_but_no_form(item: str, app: Any) -> None:
    part = main(app, item)
    assert "No version of this is public." in words(part)
    assert not part.select("form")


def test_an_empty_decision_is_told_by_field_with_the_focus_on_the_summary(
    item: str, editor: dict[str, Any], app: Any
) -> None:
    log_in(app, editor)
    response = send(app, item, "/decide", action="release", reason="   ")
    assert response.status_code == 400
    summary = response.body.split("dc-errors", 1)[1][:1500]
    assert "autofocus" in summary
    assert 'href="#field-reason"' in summary
    assert 'aria-invalid="true"' in response.body
    assert 'value="release" checked' in response.body


def test_what_was_written_is_kept_when_something_else_is_wrong(item: str, editor: dict[str, Any], app: Any) -> None:
    log_in(app, editor)
    response = send(app, item, "/decide", reason="Known slip in row 3")
    assert response.status_code == 400
    assert "Known slip in row 3</textarea>" in response.body


def test_a_release_is_confirmed_on_a_page_of_its_own_and_then_done(item: str, editor: dict[str, Any], app: Any) -> None:
    log_in(app, editor)
    confirm = send(app, item, "/decide", action="release", reason="Known slip")
    assert confirm.status_code == 200
    assert "Known slip" in confirm.body
    assert model.Session.query(Decision).count() == 0
    fields = {"_csrf_token": token(app, item), "action": "release", "reason": "Known slip"}
    back = app.post(f"{item}/decide", data={**fields, "confirmed": "no"})
    assert "Known slip</textarea>" in back.body
    done = app.post(f"{item}/decide", data={**fields, "confirmed": "yes"}, follow_redirects=True)
    assert "this version is public now" in done.body
    assert "Known slip" in words(main(app, item).select_one(".dc-reason"))


def test_a_rejection_is_done_at_once_and_leaves_the_public_version(
    council: Council, harvest: Harvest, editor: dict[str, Any], app: Any
) -> None:
    council.publish("toilets", TOILETS)
    harvest(council.recipe())
    council.publish("toilets", BAD_TOILETS)
    harvest(council.recipe())
    item = f"/digitalcity/item/{model.Session.query(Item).one().id}"
    log_in(app, editor)
    assert send(app, item, "/decide", action="reject", reason="Wrong month").status_code == 302
    text = words(main(app, item))
    assert "Wrong month" in text
    assert "The dataset “Toilets”" in text


def test_what_could_not_be_checked_offers_no_release(
    council: Council, harvest: Harvest, editor: dict[str, Any], app: Any
) -> None:
    council.publish("toilets", "<!DOCTYPE html><html><body>Sorry</body></html>")
    harvest(council.recipe())
    item = f"/digitalcity/item/{model.Session.query(Item).one().id}"
    log_in(app, editor)
    assert not main(app, item).select("input[value=release]")
    assert send(app, item, "/decide", action="release", reason="Please").status_code == 400


def test_a_stranger_who_sends_the_form_is_refused(item: str, editor: dict[str, Any], app: Any) -> None:
    log_in(app, factories.UserWithToken())
    fields = {"_csrf_token": token(app, "/digitalcity/source/"), "reason": "I want to"}
    for action in ("release", "reject"):
        assert app.post(f"{item}/decide", data={**fields, "action": action}).status_code == 403
    assert model.Session.query(Decision).count() == 0


def test_a_form_without_its_token_is_refused_even_after_ckan_exempted_its_view(
    item: str, editor: dict[str, Any], app: Any
) -> None:
    urls = [f"{item}/decide", *(f"/digitalcity/{path}" for path in ("source/council/run", "recipe/", "recipe/council"))]
    fields = {"action": "reject", "reason": "x", "recipe": "name: x"}
    for url in urls:
        app.post(url, data=fields)  # an anonymous visitor: from now on CKAN exempts this view
    log_in(app, editor)
    for url in urls:
        response = app.post(url, data=fields)
        assert response.status_code == 400, url
        assert "reload the page and send it again" in response.body
    assert model.Session.query(Decision).count() == 0
