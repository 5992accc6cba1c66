"""Messages: one a run, only when something changed, to the source's own people; nothing is lost on the way."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from ckan import model
from ckan.tests import factories
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from ckanext.digitalcity.harvest import outbox, schedule
from ckanext.digitalcity.model import Message, now

from pages import log_in, main, send, words
from post_office import PostOffice
from world import BAD_TOILETS, TOILETS, Council

Harvest = Callable[..., dict[str, Any]]

ATOM = "{http://www.w3.org/2005/Atom}"


def subjects(office: PostOffice) -> list[str]:
    outbox.deliver()
    return [str(letter["Subject"]) for letter in office.letters]


def later() -> None:
    """Everything that waits for another try is due."""
    for message in model.Session.query(Message).filter(Message.due.is_not(None)):
        message.due = now() - timedelta(seconds=1)
    model.Session.commit()


def test_the_sources_people_hear_of_a_change_of_state_once(
    council: Council, harvest: Harvest, editor: dict[str, Any], post_office: PostOffice
) -> None:
    factories.UserWithToken()  # edits for nobody
    council.publish("good", TOILETS)
    harvest(council.recipe())
    assert subjects(post_office) == []
    council.publish("bad", BAD_TOILETS)
    harvest(council.recipe())
    harvest(council.recipe())
    assert subjects(post_office) == ["Council files: something waits for your decision"]
    letter = post_office.letters[0]
    assert editor["email"] in str(letter["To"])
    text = letter.get_content()
    assert "Held: 1" in text
    assert "/digitalcity/inbox/" in text
    assert "/digitalcity/source/council" in text
    council.down = True
    harvest(council.recipe())
    harvest(council.recipe())
    assert subjects(post_office)[1:] == ["Council files: the source cannot be read"]
    council.down = False
    harvest(council.recipe())
    assert subjects(post_office)[2:] == ["Council files: the source can be read again"]


def test_people_hear_once_that_withdrawals_wait_for_them(
    council: Council, harvest: Harvest, editor: dict[str, Any], post_office: PostOffice
) -> None:
    council.publish("good", TOILETS)
    harvest(council.recipe())
    council.withdraw("good")
    harvest(council.recipe())
    harvest(council.recipe())
    assert subjects(post_office) == ["Council files: many datasets are no longer listed"]
    assert "Nothing was withdrawn" in post_office.letters[0].get_content()


def test_a_letter_is_in_the_language_that_its_reader_has_chosen(
    council: Council, harvest: Harvest, editor: dict[str, Any], post_office: PostOffice, app: Any
) -> None:
    login = {"Authorization": editor["token"]}
    choose = "/api/3/action/digitalcity_letter_save"
    assert "cy" in app.post(choose, json={"language": "cy"}, headers=login).json["result"]["language"]
    council.publish("bad", BAD_TOILETS)
    harvest(council.recipe())
    assert subjects(post_office) == ["Council files: mae rhywbeth yn aros am eich penderfyniad"]
    wrong = app.post(choose, json={"language": "tlh"}, headers=login, status=409).json["error"]
    assert wrong["language"] == ["Choose a language from the list."]
    assert app.post(choose, json={"language": ""}, headers=login).json["result"]["language"] == ""
    council.down = True
    harvest(council.recipe())
    assert subjects(post_office)[1:] == ["Council files: the source cannot be read"]
    app.post(choose, json={"language": "cy"}, status=403)


def test_the_language_of_letters_is_chosen_on_a_page_that_the_inbox_leads_to(editor: dict[str, Any], app: Any) -> None:
    log_in(app, editor)
    assert "/digitalcity/letters/" in str(main(app, "/digitalcity/inbox/"))
    assert send(app, "/digitalcity/letters/", "/digitalcity/letters/", language="cy").status_code == 302
    page = main(app, "/cy/digitalcity/letters/")
    assert "Iaith eich e-byst" in words(page)
    assert page.find("option", selected=True)["value"] == "cy"
    refused = send(app, "/digitalcity/letters/", "/digitalcity/letters/", language="xx")
    assert refused.status_code == 400
    assert "Choose a language" in refused.get_data(as_text=True)
    assert app.post("/digitalcity/letters/", data={"language": "en"}).status_code in (302, 400, 403)


def test_letters_are_in_the_portals_language(portal: Any) -> None:
    from ckanext.digitalcity.harvest.letter import letter

    body = {"events": ["failing"], "source": {"name": "a", "title": "A"}, "run": "1", "counts": {}, "message": ""}
    assert letter(body, "cy")[0] == "A: ni ellir darllen y ffynhonnell"
    assert letter(body, "en")[0] == "A: the source cannot be read"


def test_a_letter_that_the_mail_server_refuses_is_sent_later(
    council: Council, harvest: Harvest, editor: dict[str, Any], post_office: PostOffice
) -> None:
    post_office.closed = True
    council.publish("bad", BAD_TOILETS)
    harvest(council.recipe())
    assert subjects(post_office) == []
    row = model.Session.query(Message).one()
    assert (row.tries, row.sent) == (1, None)
    assert row.due > now()
    assert subjects(post_office) == []
    post_office.closed = False
    later()
    assert len(subjects(post_office)) == 1
    later()
    assert len(subjects(post_office)) == 1


def test_a_message_that_can_never_be_delivered_is_given_up(
    council: Council, harvest: Harvest, editor: dict[str, Any], post_office: PostOffice
) -> None:
    post_office.closed = True
    council.publish("bad", BAD_TOILETS)
    harvest(council.recipe())
    for _ in range(outbox.TRIES):
        later()
        outbox.deliver()
    assert model.Session.query(Message).one().due is None


def test_a_webhook_gets_each_message_signed_and_again_if_it_failed(
    council: Council, harvest: Harvest, portal: Any, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    got: list[Request] = []

    def answer(request: Request) -> Response:
        request.get_data()
        got.append(request)
        return Response(status=500 if len(got) == 1 else 204)

    httpserver.expect_request("/hook", method="POST").respond_with_handler(answer)
    monkeypatch.setitem(portal, "ckanext.digitalcity.webhook.url", httpserver.url_for("/hook"))
    monkeypatch.setitem(portal, "ckanext.digitalcity.webhook.secret", "only-for-tests")
    council.publish("bad", BAD_TOILETS)
    harvest(council.recipe())
    assert schedule.tick()["sent"] == 0
    later()
    assert schedule.tick()["sent"] == 1
    first, second = got
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    signed = f"{second.headers['webhook-id']}.{second.headers['webhook-timestamp']}.".encode() + second.get_data()
    expected = base64.b64encode(hmac.new(b"only-for-tests", signed, hashlib.sha256).digest()).decode()
    assert second.headers["webhook-signature"] == f"v1,{expected}"
    data = json.loads(second.get_data())["data"]
    assert data["events"] == ["held"]
    assert data["source"]["name"] == "council"


@pytest.mark.parametrize(("when", "letters"), [("always", 2), ("never", 0)])
def test_an_operator_may_want_a_message_of_every_run_or_of_none(
    council: Council, harvest: Harvest, editor: dict[str, Any], post_office: PostOffice, portal: Any,
    monkeypatch: pytest.MonkeyPatch, when: str, letters: int,
) -> None:  # fmt: skip
    monkeypatch.setitem(portal, "ckanext.digitalcity.notify.when", when)
    council.publish("bad", BAD_TOILETS)
    harvest(council.recipe())
    harvest(council.recipe())
    assert len(subjects(post_office)) == letters


def test_without_a_mail_server_nothing_is_kept(council: Council, harvest: Harvest, editor: dict[str, Any]) -> None:
    council.publish("bad", BAD_TOILETS)
    harvest(council.recipe())
    assert model.Session.query(Message).count() == 0


def test_the_runs_of_a_source_are_an_atom_feed(council: Council, harvest: Harvest, app: Any) -> None:
    council.publish("good", TOILETS, modified="2026-10-01")
    run = harvest(council.recipe())
    harvest(council.recipe())
    response = app.get("/digitalcity/source/council/feed.atom")
    assert response.headers["Content-Type"].startswith("application/atom+xml")
    feed = ElementTree.fromstring(response.body)
    entries = feed.findall(f"{ATOM}entry")
    assert [entry.findtext(f"{ATOM}id") for entry in entries] == [f"urn:uuid:{run['id']}"]
    assert entries[0].findtext(f"{ATOM}title") == "Published: 1"
    link = entries[0].find(f"{ATOM}link")
    assert link is not None
    assert link.attrib["href"].endswith(f"/digitalcity/run/{run['id']}")
