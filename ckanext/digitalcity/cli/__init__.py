"""``ckan digitalcity ...``: everything the pages do, for scripts and for people who like commands."""

from __future__ import annotations

import click

from .check import check
from .demo import demo
from .desk import COMMANDS
from .harvest import harvest
from .health import health
from .login import login
from .moving import move
from .pause import abort, pause, resume

__all__ = ["digitalcity"]


@click.group()
def digitalcity() -> None:
    """Trusted city data: harvest, check, label."""


for command in (pause, resume, abort, move, login, *COMMANDS):
    harvest.add_command(command)
digitalcity.add_command(check)
digitalcity.add_command(harvest)
digitalcity.add_command(health)
digitalcity.add_command(demo)
