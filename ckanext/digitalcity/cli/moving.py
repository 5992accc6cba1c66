"""``ckan digitalcity harvest move``: takes over the sources of ckanext-harvest."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import ckan.plugins.toolkit as tk
import click
from ckan import model

from ckanext.digitalcity.core.errors import Fatal
from ckanext.digitalcity.harvest.moving import move as moves

WORDS = {"moved": "moved", "there": "moved before", "left": "left alone"}


@click.command()
@click.option("--dry-run", is_flag=True, help="Change nothing; show what would be moved.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, recipes included.")
def move(dry_run: bool, as_json: bool) -> None:
    """Take over the sources of ckanext-harvest with their datasets. Nothing of theirs is changed.

    Moved sources are paused: look at a preview of each, then take its schedule up.
    """
    user = tk.get_action("get_site_user")({"ignore_auth": True}, {})
    context: Any = {"user": user["name"], "auth_user_obj": model.User.get(user["name"])}
    try:
        found = [asdict(one) for one in moves(context, dry_run=dry_run)]
    except Fatal as problem:
        raise click.ClickException(str(problem)) from problem
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    for one in found:
        state = "would be moved" if dry_run and one["state"] == "moved" else WORDS[one["state"]]
        kept = f", {one['records']} datasets keep their id" if one["state"] == "moved" else ""
        click.echo(f"{one['name']} ({one['type']}): {state}{kept}. {one['why']}".strip())
        for note in one["notes"]:
            click.echo(f"  {note}")
    if not found:
        click.echo("ckanext-harvest has no active source here.")
