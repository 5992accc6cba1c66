"""What every test may ask for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def cases() -> Path:
    """The folder of real files, with its INDEX.tsv; the test is skipped where there is none."""
    folder = Path(os.environ.get("DIGITALCITY_CASES") or Path(__file__).parents[2] / "shared" / "cases")
    if not (folder / "INDEX.tsv").is_file():
        pytest.skip(f"no real files in {folder}: set DIGITALCITY_CASES to the folder that holds INDEX.tsv")
    return folder
