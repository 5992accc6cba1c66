"""Which version of the Data Package standard a schema follows, said where Frictionless asks: at the table it is for.

By itself a table follows version 1, whatever its schema says, and Frictionless would then refuse rules of version 2
(``exclusiveMinimum``, missing values with labels) in a schema that states version 2 as it should.
"""

from __future__ import annotations

from frictionless import Schema

VERSION_2 = "https://datapackage.org/profiles/2.0/dataresource.json"  # only a name: nothing is fetched


def profile_of(schema: Schema | None) -> str | None:
    """The profile of a table with this schema; None where the schema states none and so follows version 1."""
    stated = schema.to_descriptor().get("$schema") if schema else None
    return VERSION_2 if stated and "datapackage.org/profiles/1." not in stated else None
