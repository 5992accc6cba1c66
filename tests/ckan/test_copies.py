"""Files that did not change are not sent again, and what is published is still just what the source has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from ckan.tests import factories
from werkzeug import Request, Response

from ckanext.digitalcity.harvest.door import StagedCopies

from world import TOILETS, Council, changes, forget_servers

Harvest = Callable[..., dict[str, Any]]
MORE = TOILETS + "Old Station,ZZ1 1AC,2024-05-01\n"


@pytest.fixture
def answers(council: Council) -> list[int]:
    """How each request for a file's bytes was answered."""
    given: list[int] = []

    def hand_out(request: Request) -> Response:
        response = council._file(request)
        if request.method == "GET":
            given.append(response.status_code)
        return response

    council.server.clear()
    council.server.expect_request("/index.csv").respond_with_handler(council._index)
    council.server.expect_request("/files").respond_with_handler(hand_out)
    return given


def test_a_record_that_changes_without_its_file_is_updated_and_the_file_is_not_sent_again(
    council: Council, harvest: Harvest, answers: list[int], app: Any
) -> None:
    council.publish("one", TOILETS)
    harvest(council.recipe())
    council.publish("one", TOILETS, description="Where they are.")
    assert changes(harvest(council.recipe())) == {"one": "updated"}
    assert answers == [200, 304]
    (dataset,) = tk.get_action("package_search")({}, {})["results"]
    assert dataset["notes"] == "Where they are."
    assert app.get(dataset["resources"][0]["url"]).data == TOILETS.encode()
    council.publish("one", MORE, description="Where they are.")
    assert changes(harvest(council.recipe())) == {"one": "updated"}
    assert answers == [200, 304, 200]


def test_what_was_forgotten_or_belongs_to_another_organization_is_sent_again(
    council: Council, harvest: Harvest, answers: list[int]
) -> None:
    council.publish("one", TOILETS)
    harvest(council.recipe())
    factories.Organization(name="elsewhere")
    harvest(council.recipe(name="other", organisation="elsewhere"))
    assert answers == [200, 200]
    forget_servers()
    council.publish("one", TOILETS, description="Where they are.")
    harvest(council.recipe())
    assert answers == [200, 200, 200]


def test_a_copy_that_is_no_longer_staged_is_none(portal: Any) -> None:
    from ckanext.digitalcity import config
    from ckanext.digitalcity.harvest.door import SharedMemory
    from ckanext.digitalcity.harvest.stage import StorageStage

    with StorageStage(config.stage_storage(), config.file_limit()) as stage:
        copies = StagedCopies(SharedMemory(), stage, "some")
        copies.keep("https://a.example/x", {"If-None-Match": '"x"'}, "0" * 64)
        assert copies.find("https://a.example/x") is None
        kept = stage.put([b"one"])
        copies.keep("https://a.example/x", {"If-None-Match": '"x"'}, kept.sha256)
        found = copies.find("https://a.example/x")
        assert found
        assert b"".join(found.read()) == b"one"
        copies.forget("https://a.example/x")
        assert copies.find("https://a.example/x") is None
