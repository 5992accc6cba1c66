"""The migrations make exactly the tables that the code describes, and take them away again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from ckan import model
from sqlalchemy import inspect

from ckanext.digitalcity.model import Source


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
