"""``ckan digitalcity harvest pause|resume|abort``: what stops a source, and what lets it go on."""

from __future__ import annotations

import ckan.plugins.toolkit as tk
import click
from ckan import model

from ckanext.digitalcity.harvest import ledger
from ckanext.digitalcity.logic.action.source import find
from ckanext.digitalcity.model import Run

from .desk import ask


@click.command()
@click.argument("source")
@click.option("--reason", required=True, help="Why; everybody can read it on the source's page.")
def pause(source: str, reason: str) -> None:
    """Pause the schedule of SOURCE. A run that is under way goes on, and you can still run it by hand."""
    ask("digitalcity_source_pause", id=source, reason=reason)
    click.echo(f"The schedule of {source} is paused. Take it up again with: ckan digitalcity harvest resume {source}")


@click.command()
@click.argument("source")
def resume(source: str) -> None:
    """Take the schedule of SOURCE up again."""
    found = ask("digitalcity_source_resume", id=source)
    when = f"It runs next at {found['next_run']}." if found["next_run"] else "It has no schedule in its recipe."
    click.echo(f"The schedule of {source} is taken up again. {when}")


@click.command()
@click.argument("source_or_run")
def abort(source_or_run: str) -> None:
    """Stop the run of a source that is under way. What it has finished stays as it is."""
    run = model.Session.get(Run, source_or_run)
    if run is None:
        try:
            run = ledger.unfinished(find(source_or_run).id)
        except tk.ObjectNotFound as problem:
            raise click.ClickException(f"There is no source and no run “{source_or_run}”.") from problem
    if run is None:
        raise click.ClickException(f"No run of {source_or_run} is under way.")
    found = ask("digitalcity_run_abort", id=run.id)
    done = ", ".join(f"{change} {number}" for change, number in sorted(found["counts"].items()) if number)
    click.echo(f"The run is stopped. By then: {done or 'no record finished'}.")
