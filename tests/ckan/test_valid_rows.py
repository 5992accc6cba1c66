"""A source whose policy is ``valid-rows`` in a real portal, and checks that go beyond the Table Schema."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
from ckan import model

from ckanext.digitalcity.model import Item, Report

from pages import main, words
from world import Council, as_admin, changes

Harvest = Callable[..., dict[str, Any]]
LINES = [f"Stop {number},ZZ1 1AA,2025-03-{number % 28 + 1:02}\n" for number in range(100)]
HEADER = "name,postcode,opened\n"
BAD = [*LINES[:50], "Stop 50,ZZ1 1AA\n", *LINES[51:]]


def publish(council: Council, harvest: Harvest) -> tuple[Item, Report]:
    council.publish("stops", HEADER + "".join(BAD))
    assert changes(harvest(council.recipe(policy="valid-rows"))) == {"stops": "published"}
    return model.Session.query(Item).one(), model.Session.query(Report).one()


def test_the_public_file_lacks_the_rows_that_failed_and_its_label_and_report_say_so(
    council: Council, harvest: Harvest, app: Any
) -> None:
    item, report = publish(council, harvest)
    resource = tk.get_action("package_show")(as_admin(), {"id": item.dataset_id})["resources"][0]
    download = app.get(f"/dataset/{item.dataset_id}/resource/{resource['id']}/download/stops.csv")
    assert download.body == HEADER + "".join(BAD[:50] + BAD[51:])
    label = tk.get_action("digitalcity_label_show")(as_admin(), {"id": item.dataset_id})["label"]
    lines = {line["indicator"]: line for panel in label["panels"] for line in panel["lines"]}
    assert (lines["data-errors"]["state"], lines["data-errors"]["values"]) == ("not met", {"rejected": 1, "rows": 100})
    assert "left out" in lines["data-errors"]["sentence"]
    assert (lines["provenance"]["state"], "without the rows" in lines["provenance"]["sentence"]) == ("met", True)
    text = words(main(app, f"/digitalcity/report/{report.id}"))
    assert "Published without the rows that failed" in text
    assert "1 row failed and was left out of the published file" in text
    assert "Checked: rows that failed were left out" in words(main(app, f"/dataset/{item.dataset_id}"))


def test_the_file_as_it_was_fetched_is_kept_for_editors_only(
    council: Council, harvest: Harvest, app: Any, editor: dict[str, Any]
) -> None:
    _, report = publish(council, harvest)
    address = f"/digitalcity/report/{report.id}/file"
    app.get(address, status=403)
    answer = app.get(address, headers={"Authorization": editor["token"]}, status=200)
    assert answer.body == HEADER + "".join(BAD)


def test_the_same_file_again_writes_nothing(council: Council, harvest: Harvest) -> None:
    publish(council, harvest)
    assert changes(harvest(council.recipe(policy="valid-rows"))) == {}
    assert model.Session.query(Report).count() == 1


def test_what_a_check_of_the_recipe_finds_is_explained_apart_from_the_schema(
    council: Council, harvest: Harvest, app: Any
) -> None:
    council.publish("stops", HEADER + "".join(LINES) + "Stop 100,ZZ1 1AA,2199-01-01\n")
    checks = {"stops": [{"not-in-future": {"column": "opened"}}]}
    assert changes(harvest(council.recipe(checks=checks))) == {"stops": "held"}
    report = model.Session.query(Report).one()
    text = words(main(app, f"/digitalcity/report/{report.id}"))
    assert "What the checks of this source found" in text
    assert "No errors were found in" not in text
    assert "102 opened" in text
    assert "time-in-future,102,3,opened" in app.get(f"/digitalcity/report/{report.id}.csv").body
