"""The search index shows what was published in groups: a commit of Solr takes as long as all else about a dataset."""

from __future__ import annotations

import logging
import time
from types import TracebackType
from typing import Self

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from ckan.lib.search.common import make_connection
from pysolr import SolrError
from sqlalchemy.dialects.postgresql import insert

log = logging.getLogger(__name__)

SETTING = "ckan.search.solr_commit"
OWED = "ckanext.digitalcity.commit_owed"
EVERY = 10.0  # seconds after which what was published can be found, and at the end


class Together:
    """While it lasts, CKAN's own actions hand datasets to Solr without a commit for each.

    Who is killed meanwhile loses nothing: Solr has the datasets, and whoever ends the run commits.
    """

    def __enter__(self) -> Self:
        self._wanted = bool(tk.config[SETTING])
        tk.config[SETTING] = False
        self._last, self._waits = time.monotonic(), False
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        tk.config[SETTING] = self._wanted
        if self._waits:
            model.Session.rollback()  # whatever ended it may have left the session unusable
            show()

    def done(self) -> None:
        """Another dataset may have been handed over."""
        self._waits = True
        if time.monotonic() - self._last > EVERY:
            tk.config[SETTING] = self._wanted
            show()
            tk.config[SETTING] = False
            self._last, self._waits = time.monotonic(), False


def show() -> None:
    """Has Solr show what it was handed. If it does not answer, that is noted for the next run or tick. Commits."""
    if tk.config[SETTING]:  # else the operator leaves commits to Solr
        _note(wanted=not _commit())


def catch_up() -> None:
    """Asks again for a commit that was asked for in vain. Commits."""
    if model.Session.scalar(sa.select(model.SystemInfo.value).where(model.SystemInfo.key == OWED)) and _commit():
        _note(wanted=False)
    model.Session.rollback()


def _commit() -> bool:
    try:
        make_connection().commit()
    except SolrError as problem:
        log.warning("Solr did not commit; what was published cannot be found yet: %s", problem)
        return False
    return True


def _note(*, wanted: bool) -> None:
    if wanted:
        values = {"value": "yes", "state": "active"}
        statement = insert(model.SystemInfo.__table__).values(key=OWED, **values)
        model.Session.execute(statement.on_conflict_do_nothing(index_elements=["key"]))
    else:
        model.Session.execute(sa.delete(model.SystemInfo).where(model.SystemInfo.key == OWED))
    model.Session.commit()
