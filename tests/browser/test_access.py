"""Everybody can use every page: axe-core finds nothing serious, nothing sticks out at 320 px, in both languages."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import log_in
from playwright.sync_api import Page

NAMES = (
    "home", "dataset", "resource", "label", "evidence", "report of errors", "report of personal data",
    "report of a file that could not be checked", "item", "sources", "source", "source, some of its records",
    "runs", "run", "about labels", "not found",
)  # fmt: skip
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def serious(page: Page) -> list[str]:
    """What axe-core calls serious or critical on a page, one line each."""
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": LEVELS}})
    return [
        f"{violation['id']}: {node['target']} {node['html'][:160]}"
        for violation in found.response["violations"]
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]


def width(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth"))


@pytest.mark.parametrize("language", ["", "/cy"], ids=["English", "Welsh"])
@pytest.mark.parametrize("name", NAMES)
def test_a_page_has_no_serious_fault_and_fits_the_smallest_screen(
    visitor: Page, addresses: dict[str, str], name: str, language: str
) -> None:
    visitor.goto(language + addresses[name])
    assert serious(visitor) == []
    visitor.set_viewport_size({"width": 320, "height": 640})
    assert width(visitor) <= 320


@pytest.mark.parametrize("language", ["", "/cy"], ids=["English", "Welsh"])
def test_the_pages_of_an_editor_have_no_serious_fault_either(
    visitor: Page, addresses: dict[str, str], language: str
) -> None:
    log_in(visitor)
    pages = (
        "/digitalcity/inbox/", "/digitalcity/recipe/", "/digitalcity/recipe/aberfal-council",
        "/digitalcity/form/", "/digitalcity/form/kind/csv-index", "/digitalcity/form/source/aberfal-council",
        "/digitalcity/source/aberfal-council/delete", "/digitalcity/source/aberfal-council/versions",
        "/digitalcity/source/aberfal-council/versions/1", "/digitalcity/source/aberfal-council/pause",
        "/digitalcity/login/aberfal-council",
    )  # fmt: skip
    for address in (*pages, addresses["item"], addresses["source"], addresses["run"]):
        visitor.goto(language + address)
        visitor.set_viewport_size({"width": 1280, "height": 800})
        assert serious(visitor) == [], address
        visitor.set_viewport_size({"width": 320, "height": 640})
        assert width(visitor) <= 320, address


@pytest.mark.parametrize("language", ["", "/cy"], ids=["English", "Welsh"])
def test_a_preview_and_a_test_of_an_address_have_no_serious_fault_either(
    visitor: Page, work_off: Callable[[], None], language: str
) -> None:
    log_in(visitor)
    visitor.goto(f"{language}/digitalcity/source/aberfal-council")
    visitor.locator("form[action*='/preview/'] button").click()
    waiting = visitor.url
    visitor.goto(f"{language}/digitalcity/form/source/aberfal-council")
    visitor.locator("button[value=test]").click()
    tested = visitor.url
    assert serious(visitor) == []
    work_off()
    for address in (waiting, tested):
        visitor.set_viewport_size({"width": 1280, "height": 800})
        visitor.goto(address)
        assert visitor.locator(".dc-card").count() > 1
        assert serious(visitor) == [], address
        visitor.set_viewport_size({"width": 320, "height": 640})
        assert width(visitor) <= 320, address


def test_text_can_be_spaced_out_without_losing_any(phone: Page, addresses: dict[str, str]) -> None:
    """WCAG 1.4.12."""
    phone.goto(addresses["dataset"])
    phone.add_style_tag(
        content="* {line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important}"
    )
    assert width(phone) <= 320


def test_every_target_of_ours_is_large_enough_to_touch(phone: Page, addresses: dict[str, str]) -> None:
    """WCAG 2.5.8: 24 px, links within a sentence excepted."""
    log_in(phone)
    phone.goto(addresses["item"])
    for target in phone.locator(".dc-form :is(input:not([type=hidden]), textarea, button), .dc-languages a").all():
        box = target.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 24


def test_a_printed_label_is_whole_and_free_of_menus(visitor: Page, addresses: dict[str, str]) -> None:
    visitor.goto(addresses["label"])
    visitor.emulate_media(media="print")
    assert visitor.locator(".dc-panel").count() == 2
    assert all(panel.is_visible() for panel in visitor.locator(".dc-panel").all())
    assert not visitor.locator("#main-navigation-toggle").is_visible()
