"""Forgets old history, and sweeps the stage. Identity, evidence, labels and decisions are never touched by this."""

from __future__ import annotations

import logging
from datetime import timedelta

import sqlalchemy as sa
from ckan import model

from ckanext.digitalcity import config
from ckanext.digitalcity.core.errors import ConfigError
from ckanext.digitalcity.harvest.stage import StorageStage, sweep_temporary
from ckanext.digitalcity.model import Run, now

log = logging.getLogger(__name__)

AT_ONCE = 100  # runs; each may have a hundred thousand records


def clear() -> int:
    """Removes runs that ended long ago, with what became of each record in them, but no source's newest run. Commits.

    Returns:
        How many were removed; the rest is for the next call.
    """
    days = config.keep_run_days()
    if not days:
        return 0
    newest = sa.select(sa.func.max(Run.created)).where(Run.finished.is_not(None)).group_by(Run.source_id)
    old = (
        sa.select(Run.id)
        .where(Run.finished < now() - timedelta(days=days), Run.created.not_in(newest))
        .order_by(Run.finished)
        .limit(AT_ONCE)
    )
    gone = model.Session.execute(
        sa.delete(Run).where(Run.id.in_(old)).execution_options(synchronize_session=False)
    ).rowcount
    model.Session.commit()
    return int(gone)


def sweep() -> int:
    """Removes what killed workers left: unfinished files in the stage, and temporary folders. What is staged stays.

    Returns:
        How many files and folders were removed.
    """
    try:
        return StorageStage(config.stage_storage(), config.file_limit()).sweep() + sweep_temporary()
    except (ConfigError, OSError) as problem:  # everything else that a tick does goes on
        log.warning("the stage could not be swept: %s", problem)
        return 0
