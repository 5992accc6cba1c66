"""Several records that were looked at are written in one transaction; if anything is wrong with one, each alone."""

from __future__ import annotations

from collections.abc import Sequence

from ckan import model
from ckan.lib.search import SearchError, SearchIndexError
from ckan.logic import ValidationError
from sqlalchemy.exc import IntegrityError, OperationalError

from ckanext.digitalcity.batch import Batch
from ckanext.digitalcity.core.errors import DigitalCityError
from ckanext.digitalcity.core.model import Outcome
from ckanext.digitalcity.harvest import ledger
from ckanext.digitalcity.harvest.ahead import Hand
from ckanext.digitalcity.harvest.fresh import Fresh, published
from ckanext.digitalcity.harvest.work import Bench, Done, items, stand
from ckanext.digitalcity.model import Item
from ckanext.digitalcity.publish import as_portal

# What may be over by the next try: the portal's own database, search index or disk.
PASSING = (OperationalError, IntegrityError, SearchError, SearchIndexError, OSError)


class Changed(Exception):
    """Something is not as it was when the records were looked at, or all are twins: each must be dealt with alone."""


def settle_together(bench: Bench, hands: Sequence[Hand]) -> list[tuple[Hand, Done]]:
    """Brings records to their ends and commits all of them, or nothing.

    Args:
        hands: light ones of one run.

    Returns:
        Each with its ending; the others must be dealt with alone.
    """
    with Batch(as_portal()) as batch:
        try:
            known = items(bench.source_id, [hand.ref for hand in hands])
            new = [hand for hand in hands if hand.ref.remote_id not in known and _passed(hand)]
            twins = _twins(bench.source_id, new)
            rest = [hand for hand in hands if hand not in twins]
            if not rest:
                raise Changed
            fresh = Fresh(bench, batch, [hand.seen.candidate for hand in new if hand not in twins])
            done = [(hand, _settle(fresh, known.get(hand.ref.remote_id), hand)) for hand in rest]
            ledger.finish([(hand.taken, ending) for hand, ending in done])  # before Solr hears of any
            batch.commit(meanwhile=fresh.flush)
        except (Changed, DigitalCityError, ValidationError, *PASSING):
            model.Session.rollback()
            return []
    return done


def _settle(fresh: Fresh, item: Item | None, hand: Hand) -> Done:
    looked = hand.seen
    if item is None and looked.judged:
        return fresh.settle(hand.ref, looked.candidate, *looked.judged)
    if item and (done := stand(item, hand.ref, looked.candidate)):
        return done
    raise Changed


def _passed(hand: Hand) -> bool:
    return hand.seen.judged is not None and hand.seen.judged[0].outcome is Outcome.PASSED


def _twins(source_id: str, hands: Sequence[Hand]) -> list[Hand]:
    """Those that may be a record with another id: their first file is public already, or also another's of these."""
    first = [(hand, hand.seen.candidate.files[0].sha256) for hand in hands if hand.seen.candidate.files]
    seen = published(source_id, [sha256 for _, sha256 in first])
    found = []
    for hand, sha256 in first:
        if sha256 in seen:
            found.append(hand)
        seen.add(sha256)
    return found
