"""Filling in the form of a source as a browser without JavaScript does."""

from __future__ import annotations

from typing import Any

from bs4 import BeautifulSoup, Tag

from pages import page, words

NEW = "/digitalcity/form/kind/csv-index"
EDIT = "/digitalcity/form/source/council"


def filled(app: Any, url: str) -> dict[str, str]:
    """The fields of the form on a page as a browser would send them."""
    return fields(page(app, url))


def fields(found: BeautifulSoup | Tag) -> dict[str, str]:
    form = found.select_one("form.dc-source-form")
    assert form is not None
    sent = {}
    for field in form.select("input, select, textarea"):
        name = str(field["name"])
        if field.name == "select":
            chosen = field.select_one("option[selected]") or field.select_one("option")
            sent[name] = str(chosen["value"]) if chosen else ""
        elif field.name == "textarea":
            sent[name] = field.get_text()
        elif field.get("type") not in ("radio", "checkbox") or field.has_attr("checked"):
            sent[name] = str(field["value"])
    return sent


def post(app: Any, url: str, **typed: str) -> Any:
    return app.post(url, data={**filled(app, url), "do": "save", **typed}, follow_redirects=False)


def errors(response: Any) -> dict[str, str]:
    """What the page says is wrong, by the field that it leads to."""
    assert response.status_code == 400
    links = BeautifulSoup(response.body, "html.parser").select(".dc-errors a")
    return {str(link["href"]).removeprefix("#field-"): words(link) for link in links}
