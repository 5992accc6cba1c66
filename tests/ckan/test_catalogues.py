"""Catalogues from end to end: a dataset of each kind is gathered, checked, published and changed on a real portal."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
import yaml
from pytest_httpserver import HTTPServer

from pages import main, words
from world import as_admin, changes

Harvest = Callable[..., dict[str, Any]]
TREES = "name,height\r\nOak,20\r\nAsh,25\r\n"
TURTLE = """@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
<urn:trees> a dcat:Dataset; dct:title "Street trees"; dct:isPartOf [ dct:title "Nature of Aberfal" ];
  dct:license <https://creativecommons.org/licenses/by/4.0/>;
  dcat:distribution [ dct:title "Trees"; dcat:downloadURL <%s>; dct:format "CSV" ] ."""


def data_json(url: str) -> str:
    entry = {
        "identifier": "urn:trees", "title": "Street trees", "isPartOf": "Nature of Aberfal",
        "license": "https://creativecommons.org/licenses/by/4.0/",
        "distribution": [{"downloadURL": url, "title": "Trees", "mediaType": "text/csv"}],
    }  # fmt: skip
    return json.dumps({"dataset": [entry]})


CATALOGUES: dict[str, Callable[[str], str]] = {"data-json": data_json, "dcat": lambda url: TURTLE % url}


@pytest.mark.parametrize("kind", CATALOGUES)
def test_a_dataset_of_a_catalogue_is_published_and_follows_its_source(
    kind: str, portal: Any, harvest: Harvest, app: Any, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/catalogue").respond_with_data(CATALOGUES[kind](httpserver.url_for("/trees.csv")))
    file = httpserver.expect_request("/trees.csv")
    file.respond_with_data(TREES, headers={"ETag": '"1"'})
    recipe = yaml.safe_dump(
        {
            "name": "catalogue", "title": "Catalogue", "kind": kind, "address": httpserver.url_for("/catalogue"),
            "organisation": "aberfal", "organisation_title": "Aberfal Council", "options": {"formats": ["CSV"]},
        }
    )  # fmt: skip
    assert changes(harvest(recipe)) == {"urn:trees": "published"}
    dataset = tk.get_action("package_show")(as_admin(), {"id": "street-trees"})
    extras = {extra["key"]: extra["value"] for extra in dataset["extras"]}
    assert (dataset["license_id"], extras["isPartOf"]) == ("cc-by", "Nature of Aberfal")
    assert [resource["name"] for resource in dataset["resources"]] == ["Trees"]
    assert "Part of the collection Nature of Aberfal" in words(main(app, "/dataset/street-trees"))

    assert harvest(recipe)["counts"]["unchanged"] == 1
    file.respond_with_data(TREES + "Elm,30\r\n", headers={"ETag": '"2"'})
    assert changes(harvest(recipe)) == {"urn:trees": "updated"}
