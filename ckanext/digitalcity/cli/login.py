"""``ckan digitalcity harvest login``: logins of an organization for servers that let nobody in without one."""

from __future__ import annotations

import click

from .desk import as_json, ask, list_


@click.group()
def login() -> None:
    """Keep logins for servers that sources are read from. None is ever shown again."""


@login.command("list")
@click.argument("organization")
@as_json
def listed(organization: str, as_json: bool) -> None:
    """List the servers for which ORGANIZATION has a login."""
    rows = ask("digitalcity_secret_list", organization=organization)
    list_(as_json, rows, lambda row: f"{row['id']}  {row['server']}  {row['header']}  {row['modified']}  {row['by']}")


@login.command("set")
@click.argument("organization")
@click.argument("server")
@click.option("--user", default="", help="Name, if the server asks for name and password.")
@click.option("--header", default="Authorization", help="Header that carries it, such as X-API-Key.")
@click.password_option("--value", prompt="Password, token or key", help="Asked for, unseen, if left out.")
def set_(organization: str, server: str, user: str, header: str, value: str) -> None:
    """Keep what SERVER (such as https://files.example.org) wants to be told by the sources of ORGANIZATION."""
    saved = ask(
        "digitalcity_secret_save", organization=organization, server=server, user=user, header=header, value=value
    )
    click.echo(f"The login for {saved['server']} is kept. Only sources of {organization} send it, and only there.")


@login.command()
@click.argument("id_", metavar="ID")
def remove(id_: str) -> None:
    """Forget a login (its ID, see ``list``)."""
    ask("digitalcity_secret_delete", id=id_)
    click.echo("The login is removed.")
