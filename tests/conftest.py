"""What every test may ask for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from pytest_httpserver import HTTPServer

from apart import set_apart

set_apart(os.environ)

# The same examples every time, so that a change is never blamed for what chance found; at night others each time.
settings.register_profile("same", derandomize=True, deadline=None)
settings.load_profile("default" if "DIGITALCITY_DIFFERENTIAL_CASES" in os.environ else "same")


@pytest.fixture(scope="session")
def cases() -> Path:
    """The folder of real files, with its INDEX.tsv; the test is skipped where there is none."""
    folder = Path(os.environ.get("DIGITALCITY_CASES") or Path(__file__).parents[2] / "shared" / "cases")
    if not (folder / "INDEX.tsv").is_file():
        pytest.skip(f"no real files in {folder}: set DIGITALCITY_CASES to the folder that holds INDEX.tsv")
    return folder


@pytest.fixture
def httpserver(httpserver: HTTPServer) -> Iterator[HTTPServer]:
    """The server that all tests of a process share; whoever needs one to be gone stops one of their own."""
    yield httpserver
    assert httpserver.is_running(), "This test stopped the server of every test after it."
