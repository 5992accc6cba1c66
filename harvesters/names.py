"""Names of files and formats, from whatever a source calls them."""

from __future__ import annotations

import mimetypes
import re
from pathlib import PurePosixPath
from urllib.parse import unquote

from .urls import split

UNSAFE = re.compile(r"([^A-Za-z0-9._-]|\.\.)+")
EXTENSION = re.compile(r"\.([A-Za-z][A-Za-z0-9]{1,7})")
BY_MEDIA_TYPE = {"text/csv": "CSV", "application/json": "JSON", "application/geo+json": "GEOJSON"}


def safe(name: str, most: int = 80) -> str:
    """A name that any file system takes, without folders; "" if nothing is left of it."""
    return UNSAFE.sub("-", name).strip("-._")[:most].strip("-._")


def format_of(claim: str, url: str) -> str:
    """The format as the source claims it, upper case: its own word first, else the address's extension, else ""."""
    claim = claim.strip().lower()
    if "/" in claim:
        media_type = claim.partition(";")[0].strip()
        guess = BY_MEDIA_TYPE.get(media_type) or (mimetypes.guess_extension(media_type) or "")
        return safe(guess).upper()
    return safe(claim).upper() or extension(url).upper()


def extension(url: str) -> str:
    """The extension of an address's path, lower case, without the dot; "" if it has none."""
    found = EXTENSION.fullmatch(PurePosixPath(unquote(split(url).path)).suffix)
    return found[1].lower() if found else ""


def filename(url: str, key: str, format_: str) -> str:
    """A name for downloads: the address's own if it has an extension, else made of the file's key and format."""
    own = PurePosixPath(unquote(split(url).path))
    stem = safe(own.stem if extension(url) else key) or safe(key) or "file"
    suffix = extension(url) or format_.lower()
    return f"{stem}.{suffix}" if suffix else stem
