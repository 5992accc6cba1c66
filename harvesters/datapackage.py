"""Frictionless Data Package, versions 1 and 2 (datapackage.org): one dataset, one file a resource."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from functools import partial
from typing import Any
from urllib.parse import quote, unquote

from ckanext.digitalcity.core.errors import RecipeError, Refused, Skippable
from ckanext.digitalcity.core.model import FileDraft, Json, Recipe, Record, Ref

from .base import Source
from .http import Http
from .inline import as_file
from .names import extension, filename, format_of
from .paging import whole_list
from .text import line, prose
from .urls import join, origin_of, public_url, split
from .zip_folder import ZipFolder

NAME = "datapackage.json"
MOST_BYTES = 20_000_000  # of the descriptor, with what is inline
MOST_SCHEMA = 1_000_000
MOST_FILES = 1_000
CONTACTS = ("contact", "contactpoint", "contactperson", "maintainer")
PACKED = {"zip", "gz"}


class DataPackage(Source):
    """The dataset that a ``datapackage.json`` describes, also in a zip file. It is known by ``id``, else by ``name``.

    Its own Table Schemas come with the files, so that their types and foreign keys are what the gate checks.
    """

    kind = "datapackage"
    title = "Frictionless Data Package"
    options = {
        "other_hosts": "“true” also reads resources and schemas at full addresses on other servers; default: “false”."
    }
    example = "datapackage"

    def __init__(self, recipe: Recipe, http: Http) -> None:
        super().__init__(recipe, http)
        self.other_hosts = recipe.options.get("other_hosts", False)
        if not isinstance(self.other_hosts, bool):
            raise RecipeError(f"“other_hosts” in the recipe “{recipe.name}” makes no sense.", "Write true or false.")
        # members of an archive have addresses below its own, which are never asked for
        self._packed = extension(recipe.address) == "zip"
        self._base = f"{recipe.address.partition('?')[0]}/" if self._packed else recipe.address
        self._archive: ZipFolder | None = None

    def gather(self) -> Iterator[Ref]:
        """Lists the one dataset. Its version covers the descriptor and what the servers say of the files' age."""
        with whole_list():
            package = self._package()
            if package["resources"]:
                yield Ref(self._id(package), self._version(package), self._title(package))

    def fetch(self, ref: Ref, cursor: str | None) -> Record:
        """Reads the descriptor anew, and the Table Schemas that it refers to, each once."""
        package = self._package()
        if self._id(package) != ref.remote_id:
            raise Skippable("The data package has another id by now.", "It is listed anew by the next run.", "other-id")
        resources = package["resources"]
        if len(resources) > MOST_FILES:
            raise Skippable(f"The data package has more than {MOST_FILES} resources.", "Divide it.", "too-many-files")
        schemas: dict[str, Any] = {}
        drafts: dict[str, FileDraft] = {}
        for number, resource in enumerate(resources, 1):
            draft = self._draft(_checked(resource, number), number, schemas)
            if draft.key in drafts:
                raise Skippable(
                    f"Resources of the data package share one name (the second is number {number}).",
                    "Ask the publisher to give each its own “name”.",
                    reason="duplicate-id",
                )
            drafts[draft.key] = draft
        return Record(
            remote_id=ref.remote_id,
            title=self._title(package),
            notes=prose(package.get("description")),
            metadata=_metadata(package, self.recipe.address),
            files=tuple(drafts.values()),
        )

    def _package(self) -> Json:
        # numbers with a fraction stay as they were written: 1.10 in inline data is not 1.1
        if self._packed:
            self._archive = ZipFolder(self.http, self.recipe.address, NAME)
            package = self._archive.value(NAME, MOST_BYTES, _Number)
        else:
            package = self.http.get_json(self.recipe.address, numbers=_Number, limit=MOST_BYTES)
        if not isinstance(package, dict) or not isinstance(package.get("resources"), list):
            raise Skippable(
                "The address answers with JSON that is no data package: it has no list of “resources”.",
                f"Use the address of a {NAME}.",
                reason="not-a-package",
            )
        return package

    def _id(self, package: Json) -> str:
        return line(package.get("id")) or line(package.get("name")) or self.recipe.name

    def _title(self, package: Json) -> str:
        return line(package.get("title")) or line(package.get("name")) or self.recipe.title

    def _version(self, package: Json) -> str | None:
        """A hash of the descriptor and its files' validators; None if a server offers none."""
        facts: list[Any] = [package, self._archive.state() if self._archive else None]
        for number, resource in enumerate(package["resources"][:MOST_FILES], 1):
            if not isinstance(resource, dict):
                continue
            for reference in (resource.get("path"), resource.get("schema")):
                if isinstance(reference, str) and reference:
                    try:
                        url = self._url(reference, number)
                    except Refused:  # fetch says so
                        continue
                    if self._member(url):
                        continue
                    version = self.http.head_version(url)
                    if version is None:
                        return None
                    facts.append(version)
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()

    def _url(self, path: str, number: int) -> str:
        """Where a resource's file or schema is (Data Package v1, Data Resource, URL or Path; v2, the same).

        Raises:
            Refused: the path leaves the package's folder, or its address is on another server and that is not allowed.
        """
        if path.lower().startswith(("http://", "https://")):
            if self.other_hosts or origin_of(path) == origin_of(self.recipe.address):
                return path
            raise Refused(
                f"Resource {number} of the data package is on another server: {split(path).hostname}.",
                "If this is right, set the option “other_hosts: true” in the recipe.",
                reason="other-host",
            )
        plain = unquote(path)
        if ":" in plain.partition("/")[0] or "\\" in plain or plain.startswith("/") or ".." in plain.split("/"):
            raise Refused(
                f"The path of resource {number} leads out of the data package's own folder.",
                "Ask the publisher for paths that are relative and without “..”, as the standard demands.",
                reason="unsafe-path",
            )
        return join(self._base, quote(path, safe="/%!$&'()*+,;=@~"))

    def _member(self, url: str) -> str:
        """The path of what is in the archive; "" if it is elsewhere."""
        return unquote(url.removeprefix(self._base)) if self._packed and url.startswith(self._base) else ""

    def _draft(self, resource: Json, number: int, schemas: dict[str, Any]) -> FileDraft:
        path = resource.get("path") or ""
        url = self._url(path, number) if path else self.recipe.address
        key = line(resource.get("name")) or line(path) or f"resource {number}"
        claim = line(resource.get("format")) or line(resource.get("mediatype"))
        if extension(url) in PACKED:  # the format states what is inside
            claim = extension(url)
        format_ = format_of(claim, url if path else "")
        member = self._member(url)
        read = partial(self._archive.read, member) if self._archive and member else partial(self.http.read, url)
        if not path:
            body, format_ = as_file(resource["data"], format_)
            read = partial(iter, [body])
        return FileDraft(
            key=key,
            name=line(resource.get("title")) or key,
            filename=filename(url if path else "", key, format_),
            url=public_url(self.recipe.address if member else url),
            format=format_,
            read=read,
            description=prose(resource.get("description")),
            schema=self._schema(resource.get("schema"), number, schemas),
        )

    def _schema(self, schema: Any, number: int, schemas: dict[str, Any]) -> Any:
        """The Table Schema as it is, also where the resource only says where it is: the gate says what is wrong."""
        if not isinstance(schema, str):
            return schema
        url = self._url(schema, number) if schema else ""
        if url and url not in schemas:
            member = self._member(url)
            schemas[url] = (
                self._archive.value(member, MOST_SCHEMA)
                if self._archive and member
                else self.http.get_json(url, limit=MOST_SCHEMA)
            )
        return schemas.get(url)


class _Number(float):
    """A number that still knows how it was written."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __str__(self) -> str:
        return self.text


def _checked(resource: Any, number: int) -> Json:
    """A resource that has exactly one file.

    Raises:
        Skippable: it has none, or several that make one table (multipart).
    """
    path = resource.get("path") if isinstance(resource, dict) else None
    if isinstance(path, list):
        raise Skippable(
            f"Resource {number} of the data package is divided into several files, which this portal does not join.",
            "Ask the publisher for one file, or for one resource a file.",
            reason="multipart",
        )
    inline = isinstance(resource, dict) and resource.get("data") is not None
    if not inline and not (isinstance(path, str) and path):
        raise Skippable(
            f"Resource {number} of the data package has neither a path nor data.",
            "Ask the publisher to correct it.",
            reason="no-address",
        )
    return dict(resource)


def _metadata(package: Json, address: str) -> Json:
    """What the package states, by DCAT term. Authors and other people are left out.

    ``licenses`` → license, ``keywords`` → keyword, ``created`` → issued, ``homepage`` → landingPage,
    ``contributors`` → publisher and contact.
    """
    people = _contributors(package)
    publisher = next((person for roles, person in people if "publisher" in roles), {})
    contact = next((person for roles, person in people if roles & set(CONTACTS)), {})
    homepage = join(address, line(package.get("homepage"), most=2_000)) if package.get("homepage") else ""
    keywords = package.get("keywords") if isinstance(package.get("keywords"), list) else []
    stated = {
        "license": _licence(package),
        "keyword": list(dict.fromkeys(filter(None, map(line, keywords or ())))),
        "issued": line(package.get("created")),
        "landingPage": public_url(homepage) if origin_of(homepage)[0] in ("http", "https") else "",
        "publisher": line(publisher.get("organization")) or line(publisher.get("title")),
        "contact_name": line(contact.get("organization")) or line(contact.get("title")),
        "contact_email": line(contact.get("email")),
    }
    return {term: value for term, value in stated.items() if value}


def _licence(package: Json) -> str:
    """As the publisher wrote it. Several are all named: which of them counts is not for us to say."""
    listed = package.get("licenses") if isinstance(package.get("licenses"), list) else [package.get("license")]
    names = [
        next(filter(None, (line(entry.get(member)) for member in ("name", "path", "title"))), "")
        if isinstance(entry, dict)
        else line(entry)
        for entry in listed or ()
    ]
    return "; ".join(dict.fromkeys(filter(None, names)))


def _contributors(package: Json) -> list[tuple[set[str], Json]]:
    """Contributors with their roles: one in ``role`` (v1), a list in ``roles`` (v2)."""
    listed = package.get("contributors")
    found = []
    for person in listed if isinstance(listed, list) else ():
        if isinstance(person, dict):
            roles = person.get("roles") if isinstance(person.get("roles"), list) else [person.get("role")]
            found.append(({line(role).lower() for role in roles or ()}, person))
    return found
