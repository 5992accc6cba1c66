"""What anybody may send to the actions of ours: an answer that says what is wrong, never an error of the portal."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from ckan.logic import _actions
from ckan.tests import factories

NAMES = ("id", "dataset_id", "organization_id", "source", "recipe", "language", "version", "host", "until", "limit")
ODD: list[dict[str, Any]] = [
    {},
    dict.fromkeys(NAMES, "no-such-thing"),
    dict.fromkeys(NAMES, 7),
    dict.fromkeys(NAMES, None),
    {name: ["'; --"] for name in NAMES},
    {name: {"a": "\x00"} for name in NAMES},
    dict.fromkeys(NAMES, "\x00" * 3),
]


def ours() -> list[str]:
    """Every action of ours."""
    tk.get_action("status_show")  # which makes CKAN collect them
    return sorted(name for name in _actions if name.startswith("digitalcity_"))


@pytest.mark.usefixtures("portal")
@pytest.mark.parametrize("logged_in", [False, True], ids=["a stranger", "a sysadmin"])
def test_every_action_answers_whatever_it_is_sent(app: Any, logged_in: bool) -> None:
    headers = {"Authorization": factories.SysadminWithToken()["token"]} if logged_in else {}
    answers = {
        (name, number): app.post(f"/api/3/action/{name}", json=sent, headers=headers).status_code
        for name in ours()
        for number, sent in enumerate(ODD)
    }
    assert len(answers) > 20 * len(ODD)
    assert {asked: status for asked, status in answers.items() if status not in (200, 400, 403, 404, 409)} == {}
    assert 403 in answers.values() or logged_in
