"""Addresses of ours that lead to nothing: a page that says so, never an error of the portal."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from ckan.tests import factories

ODD = ["no-such-thing", "0", "00000000-0000-4000-8000-000000000000", "'; --", "ü" * 300, "a\0b"]


def addresses(app: Any, name: str) -> list[str]:
    """Every address of ours that takes a name, with this one in its place."""
    rules = [rule for rule in app.flask_app.url_map.iter_rules() if rule.endpoint.startswith("digitalcity")]
    named = {rule.rule: rule.arguments for rule in rules if rule.arguments and "GET" in rule.methods}
    made = []
    for path, arguments in named.items():
        for argument in arguments:
            converters = [f"<{argument}>", *(f"<{kind}:{argument}>" for kind in ("path", "string", "uuid"))]
            for converter in converters:
                path = path.replace(converter, quote(name))
        if "<" not in path:
            made.append(path)
    return made


@pytest.mark.usefixtures("portal")
@pytest.mark.parametrize("name", ODD)
def test_a_name_that_nothing_has_gets_a_page_that_says_so(app: Any, name: str) -> None:
    login = {"Authorization": factories.SysadminWithToken()["token"]}
    asked = addresses(app, name)
    assert len(asked) > 10
    answers = {path: app.get(path, headers=login, follow_redirects=False).status_code for path in asked}
    assert {path: status for path, status in answers.items() if status not in (200, 302, 308, 400, 404)} == {}
    assert 404 in answers.values()


@pytest.mark.usefixtures("portal")
def test_to_somebody_without_a_login_such_addresses_say_nothing_more(app: Any) -> None:
    answers = {path: app.get(path, follow_redirects=False).status_code for path in addresses(app, "no-such-thing")}
    assert {path: status for path, status in answers.items() if status not in (200, 302, 308, 400, 401, 403, 404)} == {}
