"""Datasets on their way to the search index: CKAN opens a connection to Solr for each, here all go in one request."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ckan.lib.search import SearchIndexError, index
from pysolr import Solr, SolrError

from ckanext.digitalcity.core.model import Json


class Basket:
    """Stands in for CKAN's connection to Solr: keeps what is to be added, and does all else at once."""

    def __init__(self, connection: Solr) -> None:
        self._connection = connection
        self._docs: list[Json] = []
        self._commit = False

    def add(self, docs: list[Json], *, commit: bool) -> None:
        """Keeps documents until ``empty``."""
        self._docs += docs
        self._commit |= commit

    def empty(self) -> None:
        """Hands all documents over.

        Raises:
            SearchIndexError: Solr does not take them, or does not answer; it may have taken some.
        """
        if not self._docs:
            return
        try:
            self._connection.add(self._docs, commit=self._commit)
        except (SolrError, OSError) as problem:
            raise SearchIndexError(f"Solr did not take {len(self._docs)} datasets: {str(problem)[:1000]}") from problem

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


@contextmanager
def basket() -> Iterator[Basket]:
    """What this thread has CKAN index meanwhile is not handed to Solr, but kept.

    CKAN's way to index a dataset has no part that only puts its document together, so its connection is replaced.
    """
    connect, here = index.make_connection, threading.get_ident()
    kept = Basket(connect())
    index.make_connection = lambda: kept if threading.get_ident() == here else connect()
    try:
        yield kept
    finally:
        index.make_connection = connect
