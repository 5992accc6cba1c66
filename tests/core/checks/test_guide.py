"""The guide to the checks says the same as the code, and its examples can be used."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ckanext.digitalcity.core.checks import CHECKS, EXPLAINED, Kind
from ckanext.digitalcity.core.checks.gss_codes import AREAS
from ckanext.digitalcity.core.explain import EXPLANATIONS, explain
from ckanext.digitalcity.core.recipe import read

GUIDE = (Path(__file__).parents[3] / "docs" / "guide" / "checks-beyond.md").read_text("utf-8")
HEAD = "name: a-name\ntitle: A title\nkind: csv-index\naddress: https://www.example.org/\norganisation: council\n"


def section(name: str) -> str:
    return GUIDE.partition(f"\n## `{name}`\n")[2].partition("\n## ")[0]


@pytest.mark.parametrize("kind", CHECKS, ids=lambda kind: kind.name)
def test_the_guide_gives_the_reason_the_source_and_every_setting_of_a_check(kind: Kind) -> None:
    text = section(kind.name)
    assert text.startswith(f"\n{kind.why}\n")
    assert f"\nWhere the rule comes from: {kind.source}.\n" in text
    rows = re.findall(r"^\| `(.+?)` \| (.*?) ?\| (.+) \|$", text, re.M)
    assert [(name, must.strip()) for name, must, _ in rows] == [
        (name, "yes" if setting.required else "") for name, setting in kind.settings.items()
    ]
    for (_, _, says), setting in zip(rows, kind.settings.values(), strict=True):
        assert says.startswith(setting.says)


@pytest.mark.parametrize("kind", CHECKS, ids=lambda kind: kind.name)
def test_every_example_in_the_guide_can_be_used_and_is_about_its_check(kind: Kind) -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", section(kind.name), re.S)
    for checks in read(HEAD + example).checks.values():
        assert {name for check in checks for name in check} == {kind.name}


def test_the_first_example_can_be_used() -> None:
    assert list(read(HEAD + re.findall(r"```yaml\n(.*?)```", GUIDE, re.S)[0]).checks) == ["car-parks"]


@pytest.mark.parametrize("rule", sorted(EXPLAINED))
def test_every_fault_is_explained_in_the_guide_as_in_the_program(rule: str) -> None:
    said = explain(rule)
    text = GUIDE.partition(f"### `{rule}`\n")[2].partition("\n#")[0]
    assert text.strip() == f"**{said.title}.** {said.meaning}\n\n*What to do:* {said.mend}"


def test_the_guide_explains_nothing_that_does_not_exist() -> None:
    assert re.findall(r"^## `(.+)`$", GUIDE, re.M) == [kind.name for kind in CHECKS]
    assert sorted(re.findall(r"^### `(.+)`$", GUIDE, re.M)) == sorted(EXPLAINED)


def test_no_rule_of_ours_has_the_name_of_another_fault() -> None:
    assert not set(EXPLAINED) & set(EXPLANATIONS)


def test_the_guide_says_which_entity_codes_each_kind_of_area_has() -> None:
    for area, codes in AREAS.items():
        assert f"`{area}` {', '.join(codes)}" in GUIDE
