"""``ckan digitalcity check``: the very same command as ``digitalcity check``."""

from __future__ import annotations

import sys

import click

from ckanext.digitalcity.command import main


@click.command(
    add_help_option=False,  # --help is the other command's as well
    context_settings={"ignore_unknown_options": True},
    short_help="Validate a file and look for personal data in it.",
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def check(arguments: tuple[str, ...]) -> None:
    """Hands everything over."""
    sys.exit(main(["check", *arguments]))
