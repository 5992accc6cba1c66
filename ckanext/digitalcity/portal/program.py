"""A program that the supervisor keeps running."""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from ckanext.digitalcity.portal.folders import Folders
from ckanext.digitalcity.portal.settings import Settings

MARK = "DIGITALCITY_PORTAL"  # in the environment of every process of a portal, so that strays can be found
DROPPED = ("CKAN_", "PG", "PYTHON", "DIGITALCITY_", "VIRTUAL_ENV", "SUPERVISOR_")


@dataclass(frozen=True)
class Program:
    """One child of the supervisor.

    Attributes:
        stop_signal: what asks it to end in good order.
        stop_seconds: how long it may take before its whole process group is killed.
        steady_seconds: it counts as started after running this long.
    """

    name: str
    command: list[str]
    folder: Path
    stop_signal: str = "TERM"
    stop_seconds: int = 10
    steady_seconds: int = 2


def environment(folders: Folders, settings: Settings) -> dict[str, str]:
    """The environment of every child: the caller's, less what would change how CKAN or PostgreSQL behave."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(DROPPED)}
    return kept | {
        "HOME": str(folders.run),
        "LANG": "C.UTF-8",
        "PATH": f"{folders.venv / 'bin'}:{os.environ.get('PATH', os.defpath)}",
        "PYTHONDONTWRITEBYTECODE": "1",
        "CKAN_INI": str(folders.ini),
        **library_paths(),
        MARK: settings.passwords["mark"],
    }


def library_paths() -> dict[str, str]:
    """Where python-magic finds libmagic and its data: in the ``pylibmagic`` wheel."""
    spec = find_spec("pylibmagic")
    if spec is None or spec.origin is None:
        return {}
    folder = Path(spec.origin).parent
    before = os.environ.get("LD_LIBRARY_PATH")
    return {
        "LD_LIBRARY_PATH": f"{folder}:{before}" if before else str(folder),
        "MAGIC": str(folder / "magic.mgc"),
    }
