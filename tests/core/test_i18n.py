"""The Welsh catalogue is whole: every message of ours, and CKAN's own on the pages that citizens see."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest
from babel.messages.extract import extract

from ckanext.digitalcity.core.label import messages
from ckanext.digitalcity.harvesters.registry import BUILT_IN

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "ckanext" / "digitalcity"
KEYWORDS = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2), "ungettext": (1, 2)}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*\}|%[sd]")

# CKAN's templates that a citizen of a Welsh-speaking council comes across.
CITIZENS = (
    "base.html", "page.html", "header.html", "footer.html", "error_document_template.html",
    "package/base.html", "package/read.html", "package/read_base.html", "package/resource_read.html",
    "package/search.html", "package/snippets/additional_info.html", "package/snippets/info.html",
    "package/snippets/resource_item.html", "package/snippets/resource_view.html", "package/snippets/resources.html",
    "package/snippets/resources_list.html", "package/snippets/search_results.html", "package/snippets/tags.html",
    "snippets/facet_list.html", "snippets/home_breadcrumb_item.html", "snippets/license.html",
    "snippets/package_item.html", "snippets/search_form.html", "snippets/search_result_text.html",
    "organization/index.html", "organization/read.html", "organization/read_base.html",
    "organization/snippets/info.html", "organization/snippets/organization_item.html",
    "user/login.html", "user/logout.html", "user/logout_first.html", "user/snippets/login_form.html",
    "user/request_reset.html",
)  # fmt: skip


def found_in(path: Path) -> Iterator[str]:
    """Message ids in one file; of a plural the singular."""
    from ckan.lib.extract import extract_ckan

    method = extract_ckan if path.suffix == ".html" else "python"
    with path.open("rb") as file:
        for _, message, _, _ in extract(method, file, keywords=KEYWORDS):
            text = message if isinstance(message, str) else message[0]
            if text:
                yield text


@pytest.fixture(scope="module")
def welsh() -> dict[str, polib.POEntry]:
    catalogue = polib.pofile(str(ROOT / "i18n" / "cy" / "LC_MESSAGES" / "ckanext-digitalcity.po"))
    return {entry.msgid: entry for entry in catalogue}


def translations(entry: polib.POEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def test_every_message_of_our_pages_and_actions_is_in_the_welsh_catalogue(welsh: dict[str, polib.POEntry]) -> None:
    files = [*PACKAGE.rglob("*.html"), *PACKAGE.rglob("*.py")]
    wanted = {text for path in files for text in found_in(path)}
    assert len(wanted) > 300
    assert wanted - set(welsh) == set()


def test_every_message_of_the_labels_is_in_the_welsh_catalogue(welsh: dict[str, polib.POEntry]) -> None:
    assert set(messages()) - set(welsh) == set()


def test_every_setting_of_a_kind_of_source_is_in_the_welsh_catalogue(welsh: dict[str, polib.POEntry]) -> None:
    assert {help_ for kind in BUILT_IN for help_ in kind.options.values()} - set(welsh) == set()


def test_every_message_of_ckans_own_pages_for_citizens_is_in_the_welsh_catalogue(
    welsh: dict[str, polib.POEntry],
) -> None:
    import ckan

    templates = Path(next(iter(ckan.__path__))) / "templates"
    wanted = {text for name in CITIZENS for text in found_in(templates / name)}
    assert wanted - set(welsh) == set()


def test_nothing_in_the_welsh_catalogue_is_left_in_english_or_unsure(welsh: dict[str, polib.POEntry]) -> None:
    for entry in welsh.values():
        assert all(translations(entry)), entry.msgid
        assert "fuzzy" not in entry.flags, entry.msgid
        assert not entry.obsolete, entry.msgid


def test_every_translation_keeps_the_placeholders_of_its_message(welsh: dict[str, polib.POEntry]) -> None:
    for entry in welsh.values():
        expected = set(PLACEHOLDER.findall(entry.msgid_plural or entry.msgid))
        for text in translations(entry):
            assert set(PLACEHOLDER.findall(text)) == expected, entry.msgid


def test_the_plural_forms_are_two_so_that_a_catalogue_merged_later_cannot_choose_a_wrong_one() -> None:
    catalogue = polib.pofile(str(ROOT / "i18n" / "cy" / "LC_MESSAGES" / "ckanext-digitalcity.po"))
    assert catalogue.metadata["Plural-Forms"] == "nplurals=2; plural=(n != 1);"
