"""Runs inside CKAN's own process: brings the database up to date and makes the administrator.

``python -m ckanext.digitalcity.portal.prepare`` reads the password for a new administrator from standard input
and writes the name of the one it made, or nothing, to the file named by its argument.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click
from ckan import model
from ckan.cli import db, load_config
from ckan.config.middleware import make_app
from ckan.plugins import toolkit as tk

ADMINISTRATOR = "admin"


def main(password: str, answer: Path) -> None:
    """Do it all in one process: loading CKAN takes longer than the work itself."""
    app = make_app(load_config(os.environ["CKAN_INI"]))
    click.Context(db.upgrade).invoke(db.upgrade, version="head", plugin="", skip_core=False, skip_plugins=False)
    with app._wsgi_app.test_request_context():
        site_user = tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"]
        known = model.Session.query(model.User).filter_by(sysadmin=True, state="active")
        made = known.filter(model.User.name != site_user).first() is None
        if made:
            _make_administrator(site_user, password)
        model.Session.remove()
    answer.write_text(ADMINISTRATOR if made else "", encoding="utf-8")


def _make_administrator(site_user: str, password: str) -> None:
    if model.User.get(ADMINISTRATOR) is None:
        facts = {"name": ADMINISTRATOR, "fullname": "Administrator", "email": "admin@localhost.example"}
        tk.get_action("user_create")({"ignore_auth": True, "user": site_user}, {**facts, "password": password})
    user = model.User.get(ADMINISTRATOR)
    user.password, user.sysadmin, user.state = password, True, "active"
    model.Session.commit()


if __name__ == "__main__":
    main(sys.stdin.read(), Path(sys.argv[1]))
