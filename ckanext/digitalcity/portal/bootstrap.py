"""What ``./portal`` does before its environment exists: make it, then become the launcher inside it.

Standard library only; needs nothing but the checkout.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from ckanext.digitalcity.portal import folders as data
from ckanext.digitalcity.portal import install, options
from ckanext.digitalcity.portal.children import expected_faults
from ckanext.digitalcity.portal.errors import PortalError
from ckanext.digitalcity.portal.steps import STARTED, Steps

CHECKOUT = "DIGITALCITY_CHECKOUT"


def main(argv: list[str], checkout: Path) -> int:
    """Run one command of ``./portal``; only comes back if something is wrong."""
    args = options.parse(argv)
    os.umask(0o022)  # the services may run as another user, who must be able to read what is not secret
    root = options.data_root(args)
    steps = Steps()
    try:
        with expected_faults(root):
            if args.command in options.BUILDING:
                folders = data.open_root(root)
                data.lock(folders)
                tests = args.command in options.FOR_TESTS
                install.environment(folders, checkout, steps, tests=tests)
            else:
                folders = data.existing_root(root)
            _become(folders, argv, checkout, steps)
    except PortalError as error:
        return complain(error)
    return 0


def complain(error: PortalError) -> int:
    """Tell a person what happened and what to do; the exit code says that it went wrong."""
    sys.stderr.write(f"\n{error.message}\n{error.hint}\n" if error.hint else f"\n{error.message}\n")
    return 1


def _become(folders: data.Folders, argv: list[str], checkout: Path, steps: Steps) -> None:
    environ = dict(os.environ)
    for name in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"):
        environ.pop(name, None)
    environ[options.DATA] = str(folders.root)
    environ[CHECKOUT] = str(checkout)
    environ[STARTED] = str(steps.started)
    environ["PYTHONDONTWRITEBYTECODE"] = "1"
    # -P: the current folder may hold a folder called ckanext, which must not hide the installed one
    command = [str(folders.python), "-P", "-W", "ignore", "-m", "ckanext.digitalcity.portal", *argv]
    os.execve(command[0], command, environ)
