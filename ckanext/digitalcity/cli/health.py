"""``ckan digitalcity health``: is everything there that the portal needs?"""

from __future__ import annotations

import json

import click

from ckanext.digitalcity import health as parts


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def health(as_json: bool) -> None:
    """Say whether database, search, queue, workers and scheduler work. Ends with 1 if any does not."""
    found = parts.parts()
    if as_json:
        click.echo(json.dumps(found, indent=2))
    else:
        for part, wrong in found.items():
            click.echo(f"{part}: {wrong or 'well'}")
    raise SystemExit(1 if any(found.values()) else 0)
