"""Data folders that the launcher's services can reach, whoever runs the tests."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ckanext.digitalcity.portal import settings
from ckanext.digitalcity.portal.folders import Folders, open_root
from ckanext.digitalcity.portal.settings import Settings, inner_port
from ckanext.digitalcity.portal.supervise import stop_strays


@pytest.fixture
def root() -> Iterator[Path]:
    """A folder that does not exist yet. Not below pytest's own, which other users cannot enter."""
    above = Path(tempfile.mkdtemp(prefix="digitalcity-", dir="/var/tmp"))
    above.chmod(0o755)
    yield above / "data"
    shutil.rmtree(above)


@pytest.fixture
def folders(root: Path) -> Iterator[Folders]:
    """An opened data folder whose environment is the one that the tests run in."""
    opened = open_root(root)
    opened.venv.symlink_to(sys.prefix)
    yield opened
    stop_strays(opened, settings.load(opened))


@pytest.fixture
def known(folders: Folders) -> Settings:
    """Saved settings with a port for the supervisor."""
    made = settings.load(folders)
    inner_port(made, "supervisor")
    settings.save(folders, made)
    return made
