"""New records, written together: what nobody knows needs no asking for, and all rows go in at the end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from ckan import model

from ckanext.digitalcity import labels, publish
from ckanext.digitalcity.batch import Batch
from ckanext.digitalcity.core.model import CheckResult, Outcome, Ref, Verdict
from ckanext.digitalcity.core.pipeline import Candidate, as_published
from ckanext.digitalcity.harvest import evidence
from ckanext.digitalcity.harvest.work import (
    Bench,
    Done,
    facts_of,
    make_public,
    new_item,
    put_aside,
    report_of,
)
from ckanext.digitalcity.model import File, Item, Source, now


class Fresh:
    """New records of one source, as they are put together. Nothing of ours is written before ``flush``.

    Args:
        batch: takes the datasets.
        candidates: the records, whose datasets get names and tags.
    """

    def __init__(self, bench: Bench, batch: Batch, candidates: Sequence[Candidate]) -> None:
        self._bench, self._batch = bench, batch
        self._source = model.Session.get(Source, bench.source_id)
        self._names = publish.Names(publish.wanted_name(candidate) for candidate in candidates)
        publish.hold_tags(candidates)
        self._items, self._others = list[Item](), list[Any]()

    def settle(self, ref: Ref, candidate: Candidate, verdict: Verdict, results: Sequence[CheckResult]) -> Done:
        """Brings one record to its end, like ``work.settle``.

        Raises:
            ckan.logic.ValidationError: CKAN refuses its metadata, and has rolled everything back.
        """
        passed = verdict.outcome is Outcome.PASSED
        candidate = as_published(candidate, results) if passed else candidate
        item = new_item(self._bench.source_id, ref)
        item.title, item.version, item.modified = candidate.title, ref.version, now()
        self._items.append(item)
        checks = []
        for file, result in zip(candidate.files, results, strict=True):
            report = report_of(item, file.key, file.name, result)
            self._others.append(report)
            checks.append((file, result, report.id))
        if not passed:
            return put_aside(item, candidate, checks, verdict)
        moment = now()
        make_public(item, candidate, verdict, moment)
        known = evidence.rows(item.dataset_id, facts_of(self._bench, candidate, checks, moment))
        label = labels.first(item, self._source, [evidence.as_value(row) for row in known])
        package, files = publish.new(item, self._bench.recipe, self._bench.owner_org, candidate, checks, self._names)
        self._others += [*known, label, *files]
        self._batch.create(package)
        return Done(Outcome.PASSED, "published", verdict.reason, title=item.title)

    def flush(self) -> None:
        """Writes all rows, a statement for each table."""
        for rows in (self._items, self._others):  # what they belong to before what belongs to them
            model.Session.bulk_save_objects(rows, preserve_order=False)


def published(source_id: str, hashes: Iterable[str]) -> set[str]:
    """Which of these hashes files have that the source has published."""
    query = sa.select(File.sha256).join(Item, Item.id == File.item_id)
    public = query.where(Item.source_id == source_id, Item.published.is_not(None), File.sha256.in_(set(hashes)))
    return set(model.Session.scalars(public))
