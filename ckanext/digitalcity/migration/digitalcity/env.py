"""Alembic environment: only our own tables, with a version table of our own."""

from __future__ import annotations

from alembic import context
from ckan.model.meta import metadata
from sqlalchemy import engine_from_config, pool

NAME = "digitalcity"


def ours(name: str | None, kind: str, *_: object) -> bool:
    """Leaves CKAN's and other extensions' tables alone."""
    return kind != "table" or str(name).startswith(f"{NAME}_")


def include_object(thing: object, name: str | None, kind: str, *_: object) -> bool:
    return ours(name, kind)


settings = context.config.get_section(context.config.config_ini_section) or {}
engine = engine_from_config(settings, prefix="sqlalchemy.", poolclass=pool.NullPool)
with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        version_table=f"{NAME}_alembic_version",
        include_object=include_object,
    )
    with context.begin_transaction():
        context.run_migrations()
