"""Frictionless's verdict on a CSV file, faster: accept fast, reject exactly (docs/adr/010-fast-screen.md).

The screen reads blocks of the file with vectorised code that can only say "certainly valid" or "not sure" of a row.
Frictionless itself then validates the table, but is handed only the rows that are not sure, with their true numbers.
"""

from .engine import validate, validate_table

__all__ = ["validate", "validate_table"]
