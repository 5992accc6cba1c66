"""Where one portal keeps everything: a single data folder outside the checkout. Standard library only."""

from __future__ import annotations

import fcntl
import os
from dataclasses import dataclass
from pathlib import Path

from ckanext.digitalcity.portal.errors import PortalError

NAME = "ckanext-digitalcity"
LOCKED = "DIGITALCITY_LOCKED"  # process and file handle of the lock, for when that process becomes another program
FORMAT = 1  # raise it when an existing data folder can no longer be used as it is


@dataclass(frozen=True)
class Folders:
    """Names of everything inside one data folder."""

    root: Path

    @property
    def venv(self) -> Path:
        return self.root / "venv"

    @property
    def python(self) -> Path:
        return self.venv / "bin" / "python"

    @property
    def marks(self) -> Path:
        """One file for each finished step; written only after the step succeeded."""
        return self.root / "done"

    @property
    def settings(self) -> Path:
        return self.root / "settings.json"

    @property
    def version(self) -> Path:
        return self.root / "VERSION"

    @property
    def lock(self) -> Path:
        return self.root / "lock"

    @property
    def jars(self) -> Path:
        return self.root / "jars"

    @property
    def postgres(self) -> Path:
        return self.root / "postgres"

    @property
    def valkey(self) -> Path:
        return self.root / "valkey"

    @property
    def solr(self) -> Path:
        return self.root / "solr"

    @property
    def files(self) -> Path:
        """What CKAN stores: uploads, staged files, built assets."""
        return self.root / "files"

    @property
    def supervisor(self) -> Path:
        """The supervisor's configuration. It may act as root, so the services must not be able to write it."""
        return self.root / "supervisor"

    @property
    def tmp(self) -> Path:
        return self.root / "tmp"

    @property
    def run(self) -> Path:
        """Generated configuration of CKAN, and the services' home; rewritten by every ``up``."""
        return self.root / "run"

    @property
    def of_the_portal(self) -> tuple[Path, ...]:
        """What a portal consists of, without the installed software."""
        services = (self.postgres, self.valkey, self.solr)
        return (*services, self.files, self.run, self.supervisor, self.logs, self.tmp)

    @property
    def ini(self) -> Path:
        return self.run / "ckan.ini"

    @property
    def logs(self) -> Path:
        return self.root / "log"


def default_root(environ: dict[str, str] | None = None, uid: int | None = None) -> Path:
    """The data folder used when none is given.

    Root's home is closed to the system user that runs the services, so root gets a folder under ``/var/lib``.
    """
    env = dict(os.environ) if environ is None else environ
    base = env.get("XDG_DATA_HOME", "")
    if base.startswith("/"):  # the XDG specification: a relative value is to be ignored
        return Path(base) / NAME
    if (os.geteuid() if uid is None else uid) == 0:
        return Path("/var/lib") / NAME
    return Path(env.get("HOME") or Path("~").expanduser()) / ".local" / "share" / NAME


def open_root(root: Path) -> Folders:
    """Make the data folder, or check that it is one this version can use.

    Raises:
        PortalError: not writable, not ours, or of another data format.
    """
    folders = Folders(root.expanduser().resolve())
    try:
        if not folders.root.exists():
            folders.root.mkdir(parents=True)
            # root's services run as another user and must get through; everything secret has a mode of its own
            folders.root.chmod(0o755 if os.geteuid() == 0 else 0o700)
        if not folders.version.exists():
            if any(path.name != "lock" for path in folders.root.iterdir()):
                raise PortalError(
                    f"The folder {folders.root} is not empty and is not a portal's data folder.",
                    "Give an empty or new folder with --data.",
                )
            folders.version.write_text(f"{FORMAT}\n")
        folders.marks.mkdir(exist_ok=True)
    except OSError as error:
        _refuse(folders.root, error)
    check_format(folders)
    return folders


def existing_root(root: Path) -> Folders:
    """The data folder of a portal that has been set up.

    Raises:
        PortalError: there is none here.
    """
    folders = Folders(root.expanduser().resolve())
    if not (folders.marks / "project").exists():
        raise PortalError(f"No portal has been set up in {folders.root}.", "Start one with: ./portal up")
    check_format(folders)
    return folders


def check_format(folders: Folders) -> None:
    """Refuse a data folder that another version of this program made in another format."""
    text = folders.version.read_text().strip()
    if text == str(FORMAT):
        return
    age = "a newer" if text.isdigit() and int(text) > FORMAT else "an older"
    raise PortalError(
        f"The data folder {folders.root} was made by {age} version of this portal (data format {text[:20]!r}, "
        f"this one reads {FORMAT}).",
        "Use the version that made it, or give another folder with --data.",
    )


def _refuse(root: Path, error: OSError | None = None) -> None:
    why = f": {error.strerror}" if error and error.strerror else ""
    raise PortalError(
        f"The data folder {root} cannot be written{why}.",
        "Free some space or change its permissions, or give another folder with --data.",
    )


def lock(folders: Folders) -> None:
    """Hold the data folder until this process and what it becomes have ended, however they end.

    Raises:
        PortalError: another command holds it.
    """
    if lock_handles():
        return  # already held by what this process was before
    handle = os.open(folders.lock, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        owner = os.read(handle, 20).decode() or "unknown"
        os.close(handle)
        raise PortalError(
            f"Another command (process {owner}) is working on {folders.root}.",
            "Wait until it has finished, then run this again.",
        ) from None
    os.truncate(handle, 0)
    os.write(handle, str(os.getpid()).encode())
    os.set_inheritable(handle, True)
    os.environ[LOCKED] = f"{os.getpid()}:{handle}"


def lock_handles() -> list[int]:
    """The file handle that holds the lock, if this process holds it."""
    owner, _, handle = os.environ.get(LOCKED, "").partition(":")
    return [int(handle)] if owner == str(os.getpid()) else []


def unlock() -> None:
    """Let other commands work on the data folder again."""
    for handle in lock_handles():
        os.close(handle)
    os.environ.pop(LOCKED, None)
