"""The search index shows what was published in groups: a commit of Solr takes as long as all else about a dataset."""

from __future__ import annotations

import logging
import time
from datetime import datetime
from types import TracebackType
from typing import Self
from uuid import uuid4

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from ckan.lib.search import SearchError, SearchIndexError
from ckan.lib.search.common import make_connection
from pysolr import SolrError

from ckanext.digitalcity.harvest.mending import changed, mend
from ckanext.digitalcity.model import Task, now

log = logging.getLogger(__name__)

SETTING = "ckan.search.solr_commit"
OWED = "ckanext.digitalcity.index_owed_since."
EVERY = 10.0  # seconds after which what was published can be found, and at the end


class Together:
    """While it lasts, CKAN's own actions hand datasets to Solr without a commit for each.

    Who is killed meanwhile loses nothing: Solr has the datasets, and whoever ends the run commits and looks.
    """

    def __enter__(self) -> Self:
        self._wanted = bool(tk.config[SETTING])
        tk.config[SETTING] = False
        self._last, self._waits, self._since = time.monotonic(), False, now()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        tk.config[SETTING] = self._wanted
        if self._waits:
            model.Session.rollback()  # whatever ended it may have left the session unusable
            show(self._since)

    def done(self) -> None:
        """Another dataset may have been handed over."""
        self._waits = True
        if time.monotonic() - self._last > EVERY:
            moment = now()
            tk.config[SETTING] = self._wanted
            show(self._since)
            tk.config[SETTING] = False
            self._last, self._waits, self._since = time.monotonic(), False, moment


def show(since: datetime, tasks: sa.ColumnElement[bool] | None = None) -> None:
    """Has Solr show what it was handed. If it does not answer, that is noted for the next run or tick. Commits.

    Args:
        since: nothing that was handed over before is meant.
        tasks: what these changed is looked at, and handed over again if Solr does not show it as it is.
    """
    model.Session.commit()
    if not tk.config[SETTING] or _shown(tasks):  # the operator may leave commits to Solr
        return
    values = {"key": OWED + str(uuid4()), "value": since.isoformat(), "state": "active"}
    model.Session.execute(sa.insert(model.SystemInfo.__table__).values(values))
    model.Session.commit()


def catch_up() -> None:
    """Asks again for what was asked for in vain: Solr may have lost it with its disk or its machine. Commits."""
    notes = sa.select(model.SystemInfo.key, model.SystemInfo.value).where(model.SystemInfo.key.startswith(OWED))
    owed = {key: value for key, value in model.Session.execute(notes)}  # noqa: C416 - a result is not just its rows
    if owed and _shown(Task.finished >= datetime.fromisoformat(min(owed.values()))):
        model.Session.execute(sa.delete(model.SystemInfo).where(model.SystemInfo.key.in_(owed)))
        model.Session.commit()
    model.Session.rollback()


def _shown(tasks: sa.ColumnElement[bool] | None) -> bool:
    try:
        make_connection().commit()
        if tasks is not None:
            mend(changed(tasks))
    except (SolrError, SearchError, SearchIndexError) as problem:
        log.warning("Solr does not show what was published: %s", problem)
        return False
    return True
