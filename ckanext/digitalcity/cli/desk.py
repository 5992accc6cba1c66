"""``ckan digitalcity harvest show``, ``runs``, ``held``, ``release`` …: what the pages show and do, as commands."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

import ckan.plugins.toolkit as tk
import click
from ckan import model

from ckanext.digitalcity.words import in_order

Found = dict[str, Any]
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON and nothing else.")
reason = click.option("--reason", required=True, help="Why; kept for good, and shown on the label of what is released.")
PART = 100


@click.command()
@click.argument("source")
@as_json
def show(source: str, as_json: bool) -> None:
    """Show how SOURCE stands, and each of its records."""
    found = ask("digitalcity_source_show", id=source)
    items = everything("digitalcity_item_list", id=source)
    if as_json:
        _print({**found, "records": items})
        return
    click.echo(f"{found['title']} ({found['kind']}): {found['health']}")
    click.echo(f"Last read in full: {found['last_good'] or 'never'}. Next run: {found['next_run'] or 'by hand'}.")
    for item in items:
        click.echo(f"{item['id']}  {item['outcome'] or 'not looked at'}  {item['title']}  {item['reason']}".rstrip())


@click.command()
@click.argument("source")
@as_json
def runs(source: str, as_json: bool) -> None:
    """List the runs of SOURCE, the newest first."""
    list_(as_json, everything("digitalcity_run_list", id=source), _run)


@click.command()
@click.argument("run")
@click.option("--change", default="", help="Only records of which this became: held, error, published …")
@as_json
def report(run: str, change: str, as_json: bool) -> None:
    """Show what became of each record in RUN (its id)."""
    found = ask("digitalcity_run_show", id=run, change=change, limit=1)
    records: list[Found] = []
    while part := ask("digitalcity_run_records", id=run, change=change, after=_last(records))["results"]:
        records += part
    if as_json:
        _print({**found, "results": records})
        return
    click.echo(_run(found))
    for record in records:
        click.echo(f"{record['change'] or 'open'}  {record['title']}  {record['reason']}  {record['message']}".rstrip())


@click.command()
@as_json
def held(as_json: bool) -> None:
    """List what waits for a decision in all organisations, what has waited longest first."""
    list_(
        as_json,
        everything("digitalcity_inbox_list"),
        lambda item: f"{item['id']}  {item['held_since']}  {item['source']['name']}: {item['title']}  {item['reason']}",
    )


@click.command()
@click.argument("record")
@reason
def release(record: str, reason: str) -> None:
    """Publish RECORD (its id, see ``held``) although it did not pass."""
    ask("digitalcity_item_release", id=record, reason=reason)
    click.echo("Released. Its label says so, and why.")


@click.command()
@click.argument("record")
@reason
def reject(record: str, reason: str) -> None:
    """Refuse what is held of RECORD; what is public stays."""
    ask("digitalcity_item_reject", id=record, reason=reason)
    click.echo("Rejected. The same content will not be asked about again.")


@click.command()
@click.argument("source")
@as_json
def versions(source: str, as_json: bool) -> None:
    """List the versions of SOURCE's recipe, the newest first."""
    list_(
        as_json,
        everything("digitalcity_version_list", id=source),
        lambda row: f"{row['number']}  {row['state']}  {row['created']}  {row['by']}  {row['reason']}".rstrip(),
    )


@click.command()
@click.argument("source")
@click.argument("number", type=int)
def recipe(source: str, number: int) -> None:
    """Print version NUMBER of SOURCE's recipe. To go back to it: save it to a file, and ``import`` that."""
    click.echo(ask("digitalcity_version_show", id=source, number=number)["recipe"], nl=False)


@click.command()
@click.argument("source")
@click.confirmation_option(prompt="Its datasets stay public, but are no longer updated. Remove the source?")
def remove(source: str) -> None:
    """Remove SOURCE: it is never read again. Its datasets, labels and reports stay."""
    ask("digitalcity_source_delete", id=source)
    click.echo(f"{source} is removed. Importing a recipe of its name brings it back.")


COMMANDS = (show, runs, report, held, release, reject, versions, recipe, remove)


def ask(action: str, **data: Any) -> Any:
    """What an action answers to the portal itself.

    Raises:
        click.ClickException: says what is wrong.
    """
    user = tk.get_action("get_site_user")({"ignore_auth": True}, {})
    context: Any = {"user": user["name"], "auth_user_obj": model.User.get(user["name"])}
    try:
        found = tk.get_action(action)(context, data)
    except tk.ObjectNotFound as problem:
        raise click.ClickException(str(problem)) from problem
    except tk.NotAuthorized as refused:
        model.Session.rollback()
        raise click.ClickException(str(refused)) from refused
    except tk.ValidationError as wrong:
        model.Session.rollback()
        raise click.ClickException(" ".join(wrong.error_summary.values())) from wrong
    return found


def everything(action: str, **data: Any) -> list[Found]:
    """All rows that an action lists, however many parts they come in."""
    rows: list[Found] = []
    while part := ask(action, **data, offset=len(rows), limit=PART)["results"]:
        rows += part
        if len(part) < PART:
            break
    return rows


def _last(records: list[Found]) -> int:
    return int(records[-1]["position"]) if records else -1


def list_(as_json: bool, rows: list[Found], line: Callable[[Found], str]) -> None:
    """Prints rows as JSON, or a line for each."""
    if as_json:
        _print(rows)
        return
    for row in rows:
        click.echo(line(row))
    if not rows:
        click.echo("There is nothing.")


def _print(found: Found | Iterable[Found]) -> None:
    click.echo(json.dumps(found, indent=2))


def _run(run: Found) -> str:
    counts = ", ".join(f"{change} {number}" for change, number in in_order("change", run["counts"]) if number)
    return f"{run['id']}  {run['state']}  {run['created']}  {counts}  {run['message']}".rstrip()
