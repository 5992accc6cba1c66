"""What tests of the core may ask for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ckanext.digitalcity.core.check import Checker, Limits, Request
from ckanext.digitalcity.core.check_server import judge
from ckanext.digitalcity.core.model import CheckResult

Examine = Callable[..., CheckResult]


@pytest.fixture(scope="session")
def checker() -> Iterator[Checker]:
    """One server for all tests that do not try to break it."""
    with Checker() as one:
        yield one


@pytest.fixture
def check_bytes(tmp_path: Path) -> Examine:
    """Examines bytes in this very process, without limits: for tests of what is found, not of how it is fenced in."""

    def run(
        content: bytes | str, filename: str = "data.csv", limits: Limits | None = None, **facts: Any
    ) -> CheckResult:
        path = tmp_path / "staged"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return judge(Request(str(path), "0" * 64, filename, **facts), limits or Limits())

    return run
