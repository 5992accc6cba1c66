"""CKAN's settings and the programs that run it: web server, worker, scheduler, and the demo city's own server."""

from __future__ import annotations

from importlib.resources import files
from string import Template
from urllib.request import ProxyHandler, build_opener

from ckanext.digitalcity.portal import postgres, solr, valkey
from ckanext.digitalcity.portal.folders import Folders
from ckanext.digitalcity.portal.program import Program
from ckanext.digitalcity.portal.settings import Settings
from ckanext.digitalcity.portal.users import own_folder, write_private

TITLE, DEMO_TITLE = "City data", "Aberfal Open Data"
TICK_SECONDS = 60
STEADY_SECONDS = 10  # without its database CKAN ends after some three seconds, on a busy machine later


def site_url(settings: Settings) -> str:
    """The portal's address on this machine."""
    return f"http://127.0.0.1:{settings.ports['site']}"


def write_configuration(folders: Folders, settings: Settings) -> None:
    """Write ``ckan.ini`` from the settings."""
    own = "solr" not in settings.external
    login = f"solr_user = {solr.USER}\nsolr_password = {settings.passwords['solr']}" if own else ""
    values = {
        "secret_key": settings.passwords["secret_key"],
        "site_url": site_url(settings),
        "site_title": DEMO_TITLE if settings.demo else TITLE,
        "postgres": settings.external.get("postgres") or postgres.url(settings),
        "solr": settings.external.get("solr") or solr.url(settings),
        "solr_login": login,
        "redis": settings.external.get("redis") or valkey.url(settings),
        "files": own_folder(folders.files),
        "allowed": f"127.0.0.1:{settings.ports['demo']}" if settings.demo else "",
    }
    template = (files("ckanext.digitalcity.portal") / "ckan.ini.txt").read_text(encoding="utf-8")
    escaped = {name: str(value).replace("%", "%%") for name, value in values.items()}
    write_private(folders.ini, Template(template).substitute(escaped))


def programs(folders: Folders, settings: Settings) -> list[Program]:
    """Everything of CKAN's that the supervisor runs, in the order in which it is started."""
    bin_ = folders.venv / "bin"
    ckan = [str(bin_ / "ckan"), "-c", str(folders.ini)]
    web = [str(bin_ / "gunicorn"), "--config", "python:ckanext.digitalcity.portal.gunicorn_settings"]
    web += ["--bind", f"127.0.0.1:{settings.ports['site']}", "ckanext.digitalcity.portal.wsgi:application"]
    tick = [*ckan, "digitalcity", "harvest", "tick", "--every", str(TICK_SECONDS)]
    found = [
        Program("ckan", web, folders.run, stop_seconds=20, steady_seconds=STEADY_SECONDS),
        # it finishes the record in hand and gives its lease back
        Program("worker", [*ckan, "jobs", "worker"], folders.run, stop_seconds=60, steady_seconds=STEADY_SECONDS),
        Program("scheduler", tick, folders.run, stop_seconds=60, steady_seconds=STEADY_SECONDS),
    ]
    if settings.demo:
        serve = [str(bin_ / "digitalcity"), "demo", "serve", "--port", str(settings.ports["demo"])]
        found.append(Program("demo", serve, folders.run))
    return found


def answers(url: str) -> bool:
    """Whether a web server gives a page at this address; never through a proxy."""
    try:
        with build_opener(ProxyHandler({})).open(url, timeout=20) as answer:
            return bool(answer.status == 200)
    except OSError:  # URLError and HTTPError are of its kind
        return False
