"""A worker that falls silent in the middle of a transaction, as with its machine, is cut off when its lease is over.

PostgreSQL would wait for it for hours, with all that it has locked; nobody else could finish the run.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from ckan import model

from ckanext.digitalcity.harvest import ledger

SET = "digitalcity: silence is limited"


def limit_silence() -> None:
    """Every connection to the database that this process uses from here on ends after a lease's time of silence."""
    if not sa.event.contains(model.meta.engine, "checkout", _limit):
        sa.event.listen(model.meta.engine, "checkout", _limit)


def _limit(connection: Any, record: Any, proxy: object) -> None:
    if SET not in record.info:
        with connection.cursor() as cursor:
            milliseconds = int(ledger.LEASE.total_seconds() * 1000)
            cursor.execute("SET idle_in_transaction_session_timeout = %s", [milliseconds])
        connection.commit()
        record.info[SET] = True
