"""The migrations make exactly the tables that the code describes, and take them away again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from ckan import model
from sqlalchemy import inspect

from ckanext.digitalcity.harvest import ledger
from ckanext.digitalcity.harvest.worker import work
from ckanext.digitalcity.logic.action.source import find
from ckanext.digitalcity.model import Run, Source, Task

from world import TOILETS, Council, as_admin


@pytest.fixture(autouse=True)
def newest(portal: Any, migrate_db_for: Callable[..., None]) -> Iterator[None]:
    """Whatever becomes of a test, those after it find the tables of today."""
    yield
    model.Session.remove()
    migrate_db_for("digitalcity")


def ours(thing: object, name: str | None, kind: str, *_: object) -> bool:
    return kind != "table" or (str(name).startswith("digitalcity_") and not str(name).endswith("alembic_version"))


def test_the_migrated_tables_are_those_of_the_code(portal: Any) -> None:
    with model.meta.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": ours})
        assert compare_metadata(context, Source.metadata) == []


def test_a_downgrade_leaves_no_table_and_an_upgrade_brings_them_back(
    portal: Any, migrate_db_for: Callable[..., None]
) -> None:
    model.Session.remove()
    migrate_db_for("digitalcity", version="base", forward=False)
    left = [name for name in inspect(model.meta.engine).get_table_names() if name.startswith("digitalcity_")]
    assert left == ["digitalcity_alembic_version"]
    migrate_db_for("digitalcity")
    assert "digitalcity_item" in inspect(model.meta.engine).get_table_names()


def test_a_run_that_an_older_version_began_is_finished_after_the_upgrade(
    council: Council, portal: Any, migrate_db_for: Callable[..., None]
) -> None:
    for number in range(3):
        council.publish(f"set-{number}", TOILETS)
    source = tk.get_action("digitalcity_source_save")(as_admin(), {"recipe": council.recipe()})
    run_id = ledger.open_run(find(source["name"]), "test").id
    assert work(run_id, turn=0.0)
    assert model.Session.query(Task).filter_by(run_id=run_id, finished=None).count() == 3
    model.Session.remove()
    migrate_db_for("digitalcity", version="0007", forward=False)  # its tasks have no lease of their own
    assert "lease_until" not in {
        column["name"] for column in inspect(model.meta.engine).get_columns(Task.__tablename__)
    }
    migrate_db_for("digitalcity")
    assert ledger.abandoned() == [run_id]
    assert work(run_id)
    model.Session.remove()
    run = model.Session.get(Run, run_id)
    assert (run.state, run.counts["published"]) == ("finished", 3)
    assert tk.get_action("package_search")({}, {})["count"] == 3
