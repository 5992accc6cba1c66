"""Records that a source no longer lists: marked first, withdrawn after the days of grace."""

from __future__ import annotations

from datetime import timedelta

from ckan import model

from ckanext.digitalcity import labels, publish
from ckanext.digitalcity.core.model import Outcome, Ref
from ckanext.digitalcity.harvest.work import Bench, Done, item_for
from ckanext.digitalcity.model import now


def miss(bench: Bench, ref: Ref, grace_days: int) -> Done:
    """Takes note that a record is missing, or withdraws it if it has been missing for long enough. Commits."""
    item = item_for(bench.source_id, ref)
    if item.missing_since is None:
        item.missing_since = now()
    if now() - item.missing_since < timedelta(days=grace_days):
        model.Session.flush()
        labels.remember(item.dataset_id)
        until = f"Stays public until {item.missing_since + timedelta(days=grace_days):%d %B %Y}."
        done = Done(Outcome(item.outcome), "missing", "missing", until, item.title)
        bench.end(done)
        model.Session.commit()
        return done
    item.outcome, item.reason, item.version, item.content = Outcome.WITHDRAWN, "missing", None, ""
    item.candidate, item.held_since = None, None
    model.Session.flush()
    labels.remember(item.dataset_id)
    done = Done(Outcome.WITHDRAWN, "withdrawn", "missing", title=item.title)
    bench.end(done)
    publish.withdraw(item)
    return done
