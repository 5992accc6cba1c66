"""The data folder: where it is, who may use it, when it is refused."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ckanext.digitalcity.portal.errors import PortalError
from ckanext.digitalcity.portal.folders import default_root, existing_root, lock, open_root, unlock

HOLD_THE_LOCK = """
import sys, time
from pathlib import Path
from ckanext.digitalcity.portal.folders import Folders, lock
lock(Folders(Path(sys.argv[1])))
print("held", flush=True)
time.sleep(60)
"""


def test_a_normal_users_data_is_in_the_home_folder() -> None:
    assert default_root({"HOME": "/home/amy"}, uid=1000) == Path("/home/amy/.local/share/ckanext-digitalcity")


def test_roots_data_is_where_the_services_own_user_can_reach_it() -> None:
    assert default_root({"HOME": "/root"}, uid=0) == Path("/var/lib/ckanext-digitalcity")


def test_xdg_data_home_wins_unless_it_is_relative() -> None:
    assert default_root({"HOME": "/root", "XDG_DATA_HOME": "/data"}, uid=0) == Path("/data/ckanext-digitalcity")
    relative = default_root({"HOME": "/home/amy", "XDG_DATA_HOME": "data"}, uid=1000)
    assert relative == Path("/home/amy/.local/share/ckanext-digitalcity")


def test_a_folder_with_somebody_elses_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.odt").write_text("chapter 1")
    with pytest.raises(PortalError, match="is not a portal's data folder"):
        open_root(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.odt"]


@pytest.mark.parametrize(("number", "age"), [("0", "an older"), ("99", "a newer"), ("rubbish", "an older")])
def test_a_folder_of_another_data_format_is_refused(root: Path, number: str, age: str) -> None:
    open_root(root).version.write_text(number)
    with pytest.raises(PortalError, match=f"made by {age} version"):
        open_root(root)


def test_opening_a_folder_again_keeps_what_is_in_it(root: Path) -> None:
    (open_root(root).marks / "venv").write_text("made")
    assert (open_root(root).marks / "venv").read_text() == "made"


def test_a_command_on_a_folder_without_a_portal_says_how_to_start_one(root: Path) -> None:
    with pytest.raises(PortalError, match="Start one with"):
        existing_root(root)


def test_a_folder_that_cannot_be_made_is_said_to_be_unwritable() -> None:
    with pytest.raises(PortalError, match="cannot be written"):
        open_root(Path("/proc/nowhere/data"))


def test_two_commands_cannot_work_on_one_folder_and_a_killed_one_lets_go(root: Path) -> None:
    folders = open_root(root)
    other = subprocess.Popen([sys.executable, "-c", HOLD_THE_LOCK, str(root)], stdout=subprocess.PIPE)
    assert other.stdout and other.stdout.readline() == b"held\n"
    with pytest.raises(PortalError, match=f"process {other.pid}"):
        lock(folders)
    other.kill()
    other.wait()
    other.stdout.close()
    lock(folders)
    assert str(os.getpid()) == folders.lock.read_text()
    unlock()
