"""``ckan digitalcity demo``: the demo city Aberfal, harvested for real from its loopback server."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
import click
from ckan import model

from ckanext.digitalcity.cli.harvest import _context, _run
from ckanext.digitalcity.cli.report import summary


@click.group()
def demo() -> None:
    """The demo city, to try everything out."""


@demo.command()
@click.option("--port", type=int, required=True, help="Where `digitalcity demo serve` listens.")
def load(port: int) -> None:
    """Make the demo's sources and harvest each of them."""
    from ckanext.digitalcity.demo.load import recipes

    for text in recipes(port):
        saved: dict[str, Any] = tk.get_action("digitalcity_source_save")(_context(), {"recipe": text})
        click.echo(f"{saved['title']}: {summary(_run(saved['name'], False, quiet=True))}")
        model.Session.remove()
