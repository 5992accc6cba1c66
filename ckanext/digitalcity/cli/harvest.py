"""``ckan digitalcity harvest``: run a source, tick the schedule, list sources."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
import click
from ckan import model
from rich.console import Console

from ckanext.digitalcity.cli.bar import RunBar, errors
from ckanext.digitalcity.cli.desk import everything
from ckanext.digitalcity.cli.report import as_table, summary
from ckanext.digitalcity.core.errors import DigitalCityError, Fatal
from ckanext.digitalcity.harvest import ledger, preview, schedule
from ckanext.digitalcity.harvest.stopping import hearing
from ckanext.digitalcity.harvest.worker import work
from ckanext.digitalcity.logic.action.run import refuse_unfit
from ckanext.digitalcity.logic.action.source import find
from ckanext.digitalcity.words import word

HEALTH = {"failing": "failing", "new": "not run yet"}


@click.group()
def harvest() -> None:
    """Bring datasets in from their sources, checked before they are published."""


@harvest.command()
@click.argument("recipe_or_source")
@click.option("--dry-run", is_flag=True, help="Change nothing; show what a run would do.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON and nothing else.")
@click.option("--allow-withdrawals", is_flag=True, help="Withdraw what the source no longer lists, however much.")
def run(recipe_or_source: str, dry_run: bool, as_json: bool, allow_withdrawals: bool) -> None:
    """Harvest a source now. Give the source's name, or a recipe file (which is saved as a source first).

    Ends with 0 if all went well (held datasets included), 1 if there were errors, 2 if it could not run at all.
    """
    try:
        if dry_run:
            result = preview.preview(_recipe_text(recipe_or_source))
        else:
            result = _run(_source(recipe_or_source), allow_withdrawals, quiet=as_json)
    except (DigitalCityError, tk.ValidationError, tk.ObjectNotFound) as problem:
        model.Session.rollback()
        _stop(problem, as_json)
    if as_json:
        click.echo(json.dumps(result, indent=2))
    else:
        Console().print(as_table(result))
        click.echo(summary(result))
    if result["state"] == "failed":
        raise SystemExit(2)
    raise SystemExit(1 if result["counts"].get("error") else 0)


@harvest.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_(as_json: bool) -> None:
    """List all sources, how they stand and what to do next; those that need somebody come first."""
    sources = everything("digitalcity_source_list")
    if as_json:
        click.echo(json.dumps({"count": len(sources), "results": sources}, indent=2))
        return
    for source in sources:
        state = HEALTH.get(source["health"], "well")
        state += f" since {source['failing_since']}" if source["failing_since"] else ""
        state += f", paused since {source['paused']['since']}" if source["paused"] else ""
        click.echo(f"{source['name']}: {source['title']} ({source['kind']}), {state}")
        if source["next_step"]:
            click.echo(f"  {word('next', source['next_step']).text}")
    if not sources:
        click.echo("There is no source yet.")


@harvest.command()
@click.option("--every", type=click.IntRange(min=0), default=0, help="Go on, once in so many seconds, until stopped.")
def tick(every: int) -> None:
    """Start what is due, resume what was abandoned, refresh labels. For cron, systemd or the launcher."""
    with hearing(signal.SIGTERM, signal.SIGINT) as stop:
        while True:
            done = schedule.tick()
            model.Session.remove()
            if any(done.values()):
                click.echo(", ".join(f"{number} {what}" for what, number in done.items()))
            if not every or stop.wait(every):
                return


@harvest.command("import")
@click.argument("file", type=click.Path(dir_okay=False))
@click.option("--reason", default="", help="Why; kept with the version.")
def import_(file: str, reason: str) -> None:
    """Save a recipe file as a source, or as the next version of the source of its name. Nothing is run."""
    try:
        saved = tk.get_action("digitalcity_source_save")(_context(), {"recipe": _read(Path(file)), "reason": reason})
    except (DigitalCityError, tk.ValidationError, tk.NotAuthorized) as problem:
        model.Session.rollback()
        _stop(problem, as_json=False)
    click.echo(f"{saved['name']}: {'waits for approval' if saved['proposed'] else 'saved'}")


@harvest.command()
@click.argument("source")
def export(source: str) -> None:
    """Print the recipe of a source, as it is in force."""
    try:
        text = find(source).recipe
    except tk.ObjectNotFound as problem:
        _stop(problem, as_json=False)
    if not text:
        _stop(Fatal(f"No recipe of “{source}” is in force.", "See its `versions`."), as_json=False)
    click.echo(text, nl=False)


def _run(name: str, allow_withdrawals: bool, *, quiet: bool) -> dict[str, Any]:
    source = find(name)
    refuse_unfit(source)
    row = ledger.open_run(source, "command line", allow_withdrawals=allow_withdrawals)
    run_id = row.id
    with RunBar(run_id, quiet=quiet) as bar:
        work(run_id, bar.tell)
        _watch(run_id, bar)
    return _result(run_id)


def _watch(run_id: str, bar: RunBar) -> None:
    """Shows how other workers go on with the run until it's finished; takes over what they leave."""
    while True:
        bar.tell()
        model.Session.rollback()
        if bar.ended:
            return
        if not work(run_id, bar.tell):
            time.sleep(1)


def _result(run_id: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    records: list[Any] = []
    while not found or len(records) < found["count"]:
        query = {"id": run_id, "offset": len(records), "limit": 100}
        found = tk.get_action("digitalcity_run_show")(_context(), query)
        records += found["results"]
        if not found["results"]:
            break
    return {**found, "results": records, "dry_run": False}


def _recipe_text(recipe_or_source: str) -> str:
    path = Path(recipe_or_source)
    if path.suffix in (".yaml", ".yml"):
        return _read(path)
    return str(find(recipe_or_source).recipe)


def _source(recipe_or_source: str) -> str:
    path = Path(recipe_or_source)
    if path.suffix in (".yaml", ".yml"):
        saved = tk.get_action("digitalcity_source_save")(_context(), {"recipe": _read(path)})
        if saved["proposed"]:
            raise Fatal("The recipe is saved as a proposal.", "A second person must approve it first.")
        return str(saved["name"])
    return recipe_or_source


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError as problem:
        raise Fatal(f"Cannot read the recipe {path}: {problem.strerror}.") from problem
    except UnicodeDecodeError as problem:
        raise Fatal(f"Cannot read the recipe {path}: it is no text in UTF-8.") from problem


def _context() -> Any:
    user = tk.get_action("get_site_user")({"ignore_auth": True}, {})
    return {"user": user["name"], "auth_user_obj": model.User.get(user["name"])}


def _stop(problem: Exception, as_json: bool) -> None:
    text = "; ".join(problem.error_summary.values()) if isinstance(problem, tk.ValidationError) else str(problem)
    if as_json:
        click.echo(json.dumps({"state": "failed", "message": text}))
    else:
        errors.print(f"[bold red]Stopped.[/] {text}", highlight=False)
    raise SystemExit(2)
