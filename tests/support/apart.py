"""Processes that test on CKAN beside each other have a database, a search index, a queue and files of their own."""

from __future__ import annotations

from collections.abc import MutableMapping

OTHERS = 2  # Redis's first databases: that of an ordinary portal, and that of tests in one process


def set_apart(environ: MutableMapping[str, str]) -> None:
    """Leads a worker of pytest-xdist to what ``./portal test`` has made for it, before CKAN reads its settings."""
    worker = environ.get("PYTEST_XDIST_WORKER", "")
    if not worker or "CKAN_SQLALCHEMY_URL" not in environ:
        return
    environ["CKAN_SQLALCHEMY_URL"] += f"_{worker}"
    environ["CKAN_SOLR_URL"] += f"_{worker}"
    redis = environ["CKAN_REDIS_URL"].rpartition("/")[0]
    environ["CKAN_REDIS_URL"] = f"{redis}/{OTHERS + int(worker.removeprefix('gw'))}"
    environ["CKAN_STORAGE_PATH"] += f"/{worker}"
