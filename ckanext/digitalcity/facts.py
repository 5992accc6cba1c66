"""The facts in a piece of evidence, in reading order and plain words (bodies: docs/guide/labels.md)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ckanext.digitalcity.core.explain import N_

# Key of the fact -> what it is called, and how its value is to be read.
NAMES = {
    "outcome": (N_("Result"), "result"),
    "action": (N_("Decision"), "action"),
    "reason": (N_("Reason"), "text"),
    "by": (N_("By"), "text"),
    "at": (N_("When"), "moment"),
    "since": (N_("Since"), "moment"),
    "ok": (N_("The source answers and lists this dataset"), "flag"),
    "waiting": (N_("An update is waiting"), "flag"),
    "message": (N_("What the portal noted"), "text"),
    "rows": (N_("Rows checked"), "number"),
    "errors": (N_("Errors found"), "number"),
    "rejected": (N_("Rows that failed and were left out"), "number"),
    "schema": (N_("Table Schema"), "text"),
    "schema_origin": (N_("Where the schema comes from"), "origin"),
    "schema_repaired": (N_("What was mended in the schema"), "noted"),
    "drift": (N_("Difference from the last version"), "drift"),
    "released": (N_("Released by a person although it did not pass"), "flag"),
    "findings": (N_("Columns with suspected personal data"), "findings"),
    "method": (N_("Method and version"), "text"),
    "stated": (N_("Licence as it is stated"), "text"),
    "spdx": (N_("Licence recognised as (SPDX)"), "text"),
    "organisation": (N_("Organisation"), "text"),
    "name": (N_("Contact"), "text"),
    "email": (N_("E-mail"), "text"),
    "newest": (N_("Newest date in the data itself"), "moment"),
    "modified": (N_("Last change as the publisher states it"), "moment"),
    "frequency": (N_("Promised frequency of updates"), "frequency"),
    "source_url": (N_("Where the file was fetched"), "text"),
    "fetched": (N_("When it was fetched"), "moment"),
    "bytes": (N_("Size"), "size"),
    "sha256": (N_("Fingerprint of the file (SHA-256)"), "code"),
    "fetched_sha256": (N_("Fingerprint of the file as it was fetched (SHA-256)"), "code"),
    "checked_sha256": (N_("Fingerprint of the checked file (SHA-256)"), "code"),
    "published_sha256": (N_("Fingerprint of the published file (SHA-256)"), "code"),
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact: English message id of its name, its value, and how the value is to be read."""

    name: str
    value: Any
    reading: str


def facts(body: dict[str, Any]) -> Iterator[Fact]:
    """All facts of a body that are known by name; where none is stated the page says so."""
    for key, (name, reading) in NAMES.items():
        if key in body:
            yield Fact(name, body[key], reading)
