"""The dataset page with its label, the label page and the evidence behind each line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from bs4 import Tag
from ckan import model
from ckan.tests import factories

from ckanext.digitalcity.model import Item

from pages import main, page, words
from world import BAD_TOILETS, TOILETS, Council

Harvest = Callable[..., dict[str, Any]]


@pytest.fixture
def dataset(council: Council, harvest: Harvest) -> str:
    """Address of a dataset that was checked, passed and published."""
    council.publish("toilets", TOILETS, modified="2026-10-01")
    harvest(council.recipe())
    return f"/dataset/{model.Session.query(Item).one().dataset_id}"


def lines(part: Tag) -> list[Tag]:
    return part.select(".dc-line")


def test_every_line_of_the_panels_says_its_state_in_words_and_with_a_shape(dataset: str, app: Any) -> None:
    found = lines(main(app, dataset))
    assert len(found) == 11
    for line in found:
        assert words(line.select_one(".dc-tag")) in ("Met", "Not met", "Not assessed", "Not applicable")
        assert line.select_one(".dc-tag svg[aria-hidden=true]")
        assert "{" not in words(line)


def test_a_panels_headline_is_its_weakest_line(dataset: str, app: Any) -> None:
    for panel in main(app, dataset).select(".dc-panel"):
        states = {words(line.select_one(".dc-tag")) for line in lines(panel)}
        weakest = next(state for state in ("Not met", "Not assessed", "Met") if state in states)
        assert words(panel.select_one(".dc-panel-head .dc-tag")) == weakest


def test_every_link_to_evidence_leads_to_a_page_and_has_a_name_of_its_own(dataset: str, app: Any) -> None:
    links = main(app, dataset).select(".dc-line a")
    assert len(links) >= 8
    names = [words(link) for link in links]
    assert len(set(names)) == len(names)
    for link in links:
        assert words(main(app, str(link["href"])).find("h1"))


def test_a_line_says_who_checked_it_when_and_until_when_it_counts(dataset: str, app: Any) -> None:
    line = words(main(app, dataset).select_one("#checked"))
    assert "Measured by the portal on" in line
    assert "by frictionless 5." in line
    assert "counts until" in line


def test_each_resource_shows_that_it_was_checked_and_leads_to_its_report(dataset: str, app: Any) -> None:
    checked = main(app, dataset).select_one(".resource-item .dc-checked")
    assert checked is not None
    assert words(checked).startswith("Checked: no errors found")
    link = checked.find("a")
    assert isinstance(link, Tag)
    assert "Validation report" in words(main(app, str(link["href"])).find("h1"))


def test_the_resource_page_leads_to_the_report_too(dataset: str, app: Any) -> None:
    heading = main(app, dataset).select_one(".resource-item a.heading")
    assert heading is not None
    assert page(app, str(heading["href"])).select_one(".dc-checked a[href*='/digitalcity/report/']")


def test_a_dataset_that_was_never_harvested_is_not_assessed_and_nothing_passes(portal: Any, app: Any) -> None:
    dataset = factories.Dataset(owner_org=factories.Organization()["id"])
    resource = factories.Resource(package_id=dataset["id"], url="http://example.org/x.csv")
    part = main(app, f"/dataset/{resource['package_id']}")
    headlines = [words(tag) for tag in part.select(".dc-panel-head .dc-tag")]
    assert headlines == ["Not assessed", "Not assessed"]
    assert "Met" not in [words(line.select_one(".dc-tag")) for line in lines(part)]
    assert "has not been checked" in words(part.select_one(".dc-checked"))


def test_hostile_text_from_a_source_reaches_the_pages_only_as_text(
    council: Council, harvest: Harvest, app: Any
) -> None:
    evil = "<script>alert(1)</script>"
    council.publish("toilets", TOILETS, title=evil, description=evil)
    harvest(council.recipe(contact={"name": evil, "email": "a@b.example"}, title=evil))
    id_ = model.Session.query(Item).one().dataset_id
    for url in (f"/dataset/{id_}", f"/dataset/{id_}/label", "/digitalcity/source/council", "/digitalcity/source/"):
        assert evil not in app.get(url).body


def test_the_label_page_gives_reasons_for_its_questions_and_its_history(
    dataset: str, council: Council, harvest: Harvest, app: Any
) -> None:
    council.publish("toilets", BAD_TOILETS)
    harvest(council.recipe())
    part = main(app, f"{dataset}/label")
    assert "Errors that the check found are listed by row" in words(part)
    assert len(part.select("table tbody tr")) == 2


def test_the_waiting_update_leads_to_the_item_and_the_source_line_to_the_source(dataset: str, app: Any) -> None:
    part = main(app, dataset)
    item = part.select_one("#update-held a")
    source = part.select_one("#reachable a")
    assert item is not None
    assert "/digitalcity/item/" in str(item["href"])
    assert source is not None
    assert "/digitalcity/source/" in str(source["href"])


def test_the_label_of_a_private_dataset_is_closed_to_strangers(portal: Any, app: Any) -> None:
    organization = factories.Organization()
    private = factories.Dataset(private=True, owner_org=organization["id"])
    assert app.get(f"/dataset/{private['id']}/label").status_code in (403, 404)


def test_the_dataset_page_asks_for_its_label_once(dataset: str, app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from ckanext.digitalcity import labels

    asked = []
    real = labels.current

    def current(dataset_id: str) -> Any:
        asked.append(dataset_id)
        return real(dataset_id)

    monkeypatch.setattr(labels, "current", current)
    app.get(dataset)
    assert len(asked) == 1
