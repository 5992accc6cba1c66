"""The runs of a source as an Atom feed, for whoever follows it."""

from __future__ import annotations

import ckan.plugins.toolkit as tk
from feedgen.feed import FeedGenerator
from flask import Blueprint, make_response
from werkzeug.wrappers import Response

from ckanext.digitalcity import words

from .ask import ask

feed = Blueprint("digitalcity_feed", __name__, url_prefix="/digitalcity/source")

ENTRIES = 50


@feed.route("/<id>/feed.atom")
def atom(id: str) -> Response:  # noqa: A002
    """The last runs in which anything happened (RFC 4287)."""
    source = ask("digitalcity_source_show", id=id)
    runs = ask("digitalcity_run_list", id=source["id"], limit=ENTRIES)["results"]
    found = FeedGenerator()
    found.id(f"urn:uuid:{source['id']}")
    found.title(source["title"])
    found.link(href=_url("digitalcity_source.read", source["name"]), rel="alternate")
    found.link(href=_url("digitalcity_feed.atom", source["name"]), rel="self")
    found.author({"name": source["organization"]["title"] or source["title"]})
    found.updated(max((run["finished"] for run in runs if run["finished"]), default=source["modified"]))
    for run in runs:
        told = words.in_order("change", run["counts"])
        counts = {change: number for change, number in told if number and change in SHOWN}
        if not run["finished"] or not (counts or run["state"] == "failed"):
            continue
        said = [f"{tk._(words.word('change', change).text)}: {number}" for change, number in counts.items()]
        entry = found.add_entry(order="append")
        entry.id(f"urn:uuid:{run['id']}")
        entry.title(", ".join(said) or tk._(words.word("run", run["state"]).text))
        entry.link(href=_url("digitalcity_run.read", run["id"]))
        entry.updated(run["finished"])
        entry.summary("".join(sign for sign in run["message"] if sign.isprintable()) or ", ".join(said))
    response = make_response(found.atom_str(pretty=True))
    response.headers["Content-Type"] = "application/atom+xml; charset=utf-8"
    return response


# Changes that are worth an entry: that all is as it was is none.
SHOWN = ("published", "updated", "held", "failed", "error", "missing", "withdrawn")


def _url(endpoint: str, id_: str) -> str:
    return str(tk.url_for(endpoint, id=id_, qualified=True))
