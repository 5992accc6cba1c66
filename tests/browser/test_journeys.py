"""What people come to do, done with a keyboard alone or without JavaScript."""

from __future__ import annotations

import re

from conftest import log_in, show
from playwright.sync_api import Page, expect


def tab_to(page: Page, name: str) -> None:
    """Presses Tab until something of that accessible name has the focus, which must be seen."""
    for _ in range(120):
        page.keyboard.press("Tab")
        focused = page.evaluate(
            """() => {
                const e = document.activeElement;
                const label = e.labels && e.labels.length ? e.labels[0].innerText : '';
                return {name: (e.getAttribute('aria-label') || label || e.innerText || '').trim(),
                        outline: getComputedStyle(e).outlineStyle};
            }"""
        )
        if focused["name"] == name:
            assert focused["outline"] != "none", f"the focus on “{name}” cannot be seen"
            return
    raise AssertionError(f"“{name}” cannot be reached with the keyboard")


def test_an_editor_releases_what_is_held_with_the_keyboard_alone(visitor: Page, city: str) -> None:
    items = show(city, "digitalcity_item_list", id="aberfal-council", limit="100")["results"]
    title = next(item["title"] for item in items if item["outcome"] == "failed")
    log_in(visitor)
    visitor.goto("/")
    tab_to(visitor, "Inbox")
    visitor.keyboard.press("Enter")
    expect(visitor.get_by_role("heading", level=1, name="Inbox")).to_be_visible()
    tab_to(visitor, title)
    visitor.keyboard.press("Enter")
    expect(visitor.get_by_role("heading", level=1, name=title)).to_be_visible()

    tab_to(visitor, "Continue")
    visitor.keyboard.press("Enter")
    summary = visitor.get_by_role("alert")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("Write down the reason.")
    expect(visitor).to_have_title(re.compile("^Error: "))

    tab_to(visitor, "Release it")
    visitor.keyboard.press("Space")
    tab_to(visitor, "Reason")
    visitor.keyboard.type("A known slip. The rest is right.")
    tab_to(visitor, "Continue")
    visitor.keyboard.press("Enter")
    expect(visitor.get_by_role("heading", level=1)).to_contain_text("Release")
    tab_to(visitor, "Release it now")
    visitor.keyboard.press("Enter")
    expect(visitor.get_by_text("this version is public now")).to_be_visible()
    expect(visitor.get_by_text("A known slip. The rest is right.")).to_be_visible()


def test_a_citizen_gets_from_the_home_page_to_the_evidence_without_javascript(plain: Page) -> None:
    plain.goto("/")
    plain.get_by_label("What are you looking for?").fill("toilets")
    plain.get_by_role("main").get_by_role("button", name="Search").click()
    plain.get_by_role("link", name=re.compile("ublic toilets")).first.click()
    expect(plain.get_by_role("heading", name="Trust")).to_be_visible()
    plain.get_by_role("link", name="Evidence (Is the data free of errors?)").first.click()
    expect(plain.get_by_role("heading", level=1)).to_contain_text("Evidence")
    plain.get_by_role("link", name="The whole report").click()
    expect(plain.get_by_role("heading", level=1)).to_contain_text("Validation report")


def test_the_menu_and_the_other_language_can_be_reached_without_javascript(plain: Page) -> None:
    plain.goto("/digitalcity/about/")
    expect(plain.get_by_role("navigation").get_by_role("link", name="Sources")).to_be_visible()
    plain.get_by_role("link", name="Cymraeg").first.click()
    expect(plain.get_by_role("heading", level=1)).to_have_text("Sut i ddarllen label")


def test_an_editor_decides_without_javascript(plain: Page, city: str) -> None:
    items = show(city, "digitalcity_item_list", id="aberfal-council", limit="100")["results"]
    item = [item for item in items if item["outcome"] == "held"][-1]
    log_in(plain)
    plain.goto(f"/digitalcity/item/{item['id']}")
    plain.get_by_label("Reject it").check()
    plain.get_by_label("Reason").fill("Not ours to publish.")
    plain.get_by_role("button", name="Continue").click()
    expect(plain.get_by_text("this version will not be published")).to_be_visible()


def test_a_run_started_from_the_source_page_shows_how_far_it_is(visitor: Page) -> None:
    log_in(visitor)
    visitor.goto("/digitalcity/source/llanwern-fach")
    visitor.goto("/digitalcity/source/aberfal-council")
    visitor.get_by_role("button", name="Run now").click()
    expect(visitor.get_by_role("heading", level=1)).to_have_text("Run of Files of Aberfal Council")
    expect(visitor.locator("#progress .dc-tag")).to_be_visible()


def test_every_outcome_of_the_demo_is_on_the_pages(visitor: Page) -> None:
    visitor.goto("/")
    numbers = visitor.locator(".dc-numbers")
    for words in ("public", "held because the data has errors", "a person must decide", "could not be checked"):
        expect(numbers).to_contain_text(words)
