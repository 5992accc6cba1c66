"""Real worker processes that share a test's portal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def ini(portal: Any, tmp_path: Path) -> Path:
    """A configuration for child processes that share this test's portal."""
    prefix = "ckan.files.storage.digitalcity_stage"
    lines = ["[app:main]", f"use = config:{ROOT / 'test.ini'}"]
    lines += [f"{prefix}.{key} = {portal[f'{prefix}.{key}']}" for key in ("type", "path", "initialize")]
    path = tmp_path / "worker.ini"
    path.write_text("\n".join(lines) + "\n")
    return path
