"""Which system user runs the services. PostgreSQL refuses to run as root, and nothing else should."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
from pathlib import Path
from typing import Any

from ckanext.digitalcity.portal.errors import PortalError

SERVICE_USER = "digitalcity"


def run_as() -> dict[str, Any]:
    """Arguments for :class:`subprocess.Popen` that make a child run as the service user; none unless root."""
    if os.geteuid() != 0:
        return {}
    entry = _service_entry()
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def become_service_user() -> None:
    """Give up root's rights for good in this process (nothing to do unless root)."""
    if os.geteuid() == 0:
        entry = _service_entry()
        os.setgroups([])
        os.setgid(entry.pw_gid)
        os.setuid(entry.pw_uid)


def service_user() -> str | None:
    """The name of the user that the services run as, where it is not the caller."""
    return _service_entry().pw_name if os.geteuid() == 0 else None


def check_reachable(path: Path) -> None:
    """Check that the service user can get to a folder (nothing to do unless root).

    Raises:
        PortalError: a folder above it is closed to other users.
    """
    if os.geteuid() != 0:
        return
    closed = [str(step) for step in [path, *path.parents] if not step.stat().st_mode & stat.S_IXOTH]
    if closed:
        raise PortalError(
            f"The services run as the user {SERVICE_USER!r}, who cannot enter {closed[-1]}.",
            "Give a folder that everybody can reach with --data, such as one under /srv or /var/lib.",
        )


def give(path: Path) -> Path:
    """Hand a file or folder to the service user (nothing to do unless root)."""
    if os.geteuid() == 0:
        entry = _service_entry()
        os.chown(path, entry.pw_uid, entry.pw_gid)
    return path


def own_folder(path: Path, mode: int = 0o700) -> Path:
    """Make a folder that belongs to the service user."""
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(mode)
    return give(path)


def write_private(path: Path, text: str, *, for_services: bool = True) -> Path:
    """Write a file that only the service user (or only the caller) can read, never to be seen half done."""
    temporary = path.with_name(path.name + ".new")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
        handle.write(text)
    if for_services:
        give(temporary)
    return temporary.replace(path)


def _service_entry() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(SERVICE_USER)
    except KeyError:
        command = shutil.which("useradd") or "/usr/sbin/useradd"
        arguments = ["--system", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin"]
        try:
            subprocess.run([command, *arguments, SERVICE_USER], check=True, capture_output=True, text=True)
        except (OSError, subprocess.CalledProcessError) as error:
            raise PortalError(
                f"The services must not run as root, and the system user {SERVICE_USER!r} could not be made.",
                f"Make it with 'useradd --system {SERVICE_USER}', or run this as a normal user.",
            ) from error
        return pwd.getpwnam(SERVICE_USER)
