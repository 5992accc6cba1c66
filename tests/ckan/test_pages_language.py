"""Welsh is offered, complete and linked from every page, although CKAN itself has no Welsh."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ckan import model

from ckanext.digitalcity.model import Item

from pages import main, page, words
from world import TOILETS, Council

Harvest = Callable[..., dict[str, Any]]


def test_every_page_links_to_itself_in_the_other_language(portal: Any, app: Any) -> None:
    link = page(app, "/digitalcity/about/").select_one(".dc-languages-header a")
    assert link is not None
    assert (words(link), link["lang"], link["href"]) == ("Cymraeg", "cy", "/cy/digitalcity/about/")
    back = page(app, "/cy/digitalcity/about/").select_one(".dc-languages-header a")
    assert back is not None
    assert (words(back), back["lang"]) == ("English", "en")


def test_a_welsh_page_says_that_it_is_welsh(portal: Any, app: Any) -> None:
    assert page(app, "/cy/").select_one("html[lang=cy]")


def test_ckans_own_words_are_welsh_too(portal: Any, app: Any) -> None:
    text = words(page(app, "/cy/dataset/"))
    assert "Setiau data" in text
    assert "Sefydliadau" in text
    assert "Organizations" not in text


def test_labels_dates_and_numbers_are_welsh(council: Council, harvest: Harvest, app: Any) -> None:
    council.publish("toilets", TOILETS)
    harvest(council.recipe())
    text = words(main(app, f"/cy/dataset/{model.Session.query(Item).one().dataset_id}/label"))
    assert "Ymddiriedaeth" in text
    assert "Wedi’i fodloni" in text
    months = [
        "Ionawr",
        "Chwefror",
        "Mawrth",
        "Ebrill",
        "Mai",
        "Mehefin",
        "Gorffennaf",
        "Awst",
        "Medi",
        "Hydref",
        "Tachwedd",
        "Rhagfyr",
    ]
    assert any(month in text for month in months)


@pytest.mark.parametrize(("number", "expected"), [(1, "1 o"), (2, "2 o setiau data"), (3, "3 o setiau data")])
def test_welsh_numbers_take_the_right_form(portal: Any, app: Any, number: int, expected: str) -> None:
    from ckan.common import ungettext

    with app.flask_app.test_request_context(environ_overrides={"CKAN_LANG": "cy"}):
        text = ungettext("{number} dataset found", "{number} datasets found", number).format(number=number)
    assert (expected in text) == (number != 1)


def test_times_are_those_of_the_council(portal: Any, app: Any) -> None:
    import ckan.plugins.toolkit as tk

    with app.flask_app.test_request_context():
        shown = str(tk.h.digitalcity_moment("2026-07-01T11:30:00+00:00"))
    assert shown == '<time datetime="2026-07-01T12:30:00+01:00">1 July 2026, 12:30 BST</time>'
