"""Several records that were looked at are written in one transaction; if anything is wrong with one, each alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ckan import model
from ckan.lib.search import SearchError, SearchIndexError
from sqlalchemy.exc import IntegrityError, OperationalError

from ckanext.digitalcity.batch import Batch
from ckanext.digitalcity.core.errors import DigitalCityError
from ckanext.digitalcity.harvest import ledger
from ckanext.digitalcity.harvest.ahead import Hand
from ckanext.digitalcity.harvest.work import Bench, Changed, Done, settle
from ckanext.digitalcity.publish import as_portal

# What may be over by the next try: the portal's own database, search index or disk.
PASSING = (OperationalError, IntegrityError, SearchError, SearchIndexError, OSError)


def settle_together(bench: Bench, hands: Sequence[Hand]) -> list[Done]:
    """Brings records to their ends and commits all of them, or nothing.

    Args:
        hands: light ones of one run.

    Returns:
        The endings, in the hands' order; none if each must be dealt with alone.
    """
    with Batch(as_portal()) as batch:
        together = replace(bench, batch=batch)
        try:
            endings = [settle(together, hand.ref, hand.looked.result()) for hand in hands if hand.looked]
            ledger.finish([(hand.taken, ending) for hand, ending in zip(hands, endings, strict=True)])
            batch.commit()
        except (Changed, DigitalCityError, *PASSING):
            model.Session.rollback()
            return []
    return endings
