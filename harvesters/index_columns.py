"""Which column of an index means what: as the recipe says, else by names that councils commonly use."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ckanext.digitalcity.core.errors import Fatal

FIELDS = {
    "id": ("id", "identifier", "dataset id", "resource id", "uid", "ref", "reference"),
    "url": ("url", "file", "file url", "download url", "access url", "link", "href", "path", "address"),
    "title": ("title", "name", "dataset title", "dataset name"),
    "description": ("description", "notes", "summary", "abstract"),
    "format": ("format", "file format", "file type", "filetype"),
    "licence": ("licence", "license", "licence id", "license id"),
    "modified": ("modified", "last modified", "date modified", "modified at", "updated", "last updated"),
    "keywords": ("keywords", "keyword", "tags"),
    "frequency": ("frequency", "update frequency", "accrual periodicity"),
    "schema": (),  # only if the recipe says so: indexes have columns of that name that hold other things
    "dataset": (),  # only if the recipe says so: it makes one dataset of several rows
    "dataset_title": (),
    "dataset_description": (),
}


def columns(header: Sequence[str], wanted: Mapping[str, str]) -> dict[str, int]:
    """Where each of our fields stands in a row.

    Args:
        header: the index's first row.
        wanted: the recipe's ``fields``, our name to the column's.

    Raises:
        Fatal: a column that the recipe names is not there, or no column holds addresses.
    """
    found: dict[str, int] = {}
    exact = {name.strip(): position for position, name in reversed(list(enumerate(header)))}
    plain = {_plain(name): position for position, name in reversed(list(enumerate(header)))}
    for field, usual in FIELDS.items():
        if field in wanted:
            position = exact.get(wanted[field].strip(), plain.get(_plain(wanted[field])))
            if position is None:
                raise Fatal(
                    f"The index has no column “{wanted[field]}”, which the recipe names for “{field}”.",
                    f"Its columns are: {_listed(header)}.",
                )
            found[field] = position
        else:
            position = next((plain[name] for name in usual if name in plain), None)
            if position is not None and position not in found.values():
                found[field] = position
    if "url" not in found:
        raise Fatal(
            "No column of the index could be recognised as the address of the files.",
            f"Name it in the recipe under fields, as “url”. The columns are: {_listed(header)}.",
        )
    return found


def _plain(name: str) -> str:
    """``Dataset_ID`` and ``dataset.id`` are the same."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return " ".join(re.split(r"[\W_]+", spaced.casefold())).strip()


def _listed(header: Sequence[str]) -> str:
    names = [f"“{' '.join(name.split())[:40]}”" for name in header[:20]]
    return ", ".join(names) + (" and more" if len(header) > len(names) else "")
