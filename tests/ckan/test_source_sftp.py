"""A drop folder from its login to the published dataset, on a real SFTP server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
import yaml
from ckan.tests import factories
from sftp_server import Drop

from ckanext.digitalcity.harvest import ledger
from ckanext.digitalcity.harvest.worker import work
from ckanext.digitalcity.logic.action.source import find

from world import TOILETS, as_admin, changes

Harvest = Callable[..., dict[str, Any]]


@pytest.fixture
def drop(portal: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ckan_config: Any) -> Iterator[Drop]:
    monkeypatch.setitem(ckan_config, "ckanext.digitalcity.http.allowed", ["127.0.0.0/8"])
    factories.Organization(name="aberfal")
    with Drop(tmp_path / "drop") as found:
        found.folder.mkdir()
        key = found.user_key.export_private_key("openssh").decode()
        server = f"sftp://127.0.0.1:{found.port}"
        facts = {"organization": "aberfal", "server": server, "user": "council", "value": key}
        tk.get_action("digitalcity_secret_save")(as_admin(), facts)
        yield found


def recipe(drop: Drop, **options: Any) -> str:
    facts = {
        "name": "drop", "title": "Drop", "kind": "sftp", "address": f"sftp://127.0.0.1:{drop.port}/",
        "organisation": "aberfal", "frequency": "ANNUAL", "licence": "OGL-UK-3.0",
        "contact": {"name": "Open data team", "email": "opendata@aberfal.example"},
        "options": {"host_key": drop.fingerprint, **options},
    }  # fmt: skip
    return yaml.safe_dump(facts)


def test_files_put_into_the_folder_are_published_and_left_alone_when_they_stay_the_same(
    drop: Drop, harvest: Harvest
) -> None:
    drop.put("toilets.csv", TOILETS)
    run = harvest(recipe(drop))
    assert changes(run) == {"toilets.csv": "published"}
    dataset = tk.get_action("package_show")(as_admin(), {"id": run["results"][0]["dataset_id"]})
    assert [resource["format"] for resource in dataset["resources"]] == ["CSV"]
    assert drop.host_key.export_private_key().decode() not in str(dataset)
    assert harvest(recipe(drop))["counts"]["unchanged"] == 1
    drop.put("toilets.csv", TOILETS + "Castle Hill,ZZ1 1AC,2022-01-01\n")
    assert changes(harvest(recipe(drop))) == {"toilets.csv": "updated"}


def test_a_file_that_is_still_being_uploaded_waits_in_the_ledger_without_a_worker(drop: Drop) -> None:
    drop.put("toilets.csv", TOILETS)
    drop.put("late.csv", TOILETS, age=0)
    source = tk.get_action("digitalcity_source_save")(as_admin(), {"recipe": recipe(drop)})
    run_id = ledger.open_run(find(source["name"]), "test").id
    assert work(run_id)
    assert work(run_id) is False  # nobody waits for it
    run = tk.get_action("digitalcity_run_show")(as_admin(), {"id": run_id})
    assert run["state"] == "working"
    assert [row["change"] for row in run["results"] if row["remote_id"] == "toilets.csv"] == ["published"]


def test_a_server_with_another_key_ends_the_run_and_says_which(drop: Drop, harvest: Harvest) -> None:
    drop.put("toilets.csv", TOILETS)
    run = harvest(recipe(drop, host_key="SHA256:uNiVztksCsDhcc0u9e8BrM3uZk1nEaQaK9EwVhR0pVY"))
    assert (run["state"], drop.logins) == ("failed", [])
    assert drop.fingerprint in run["message"]
