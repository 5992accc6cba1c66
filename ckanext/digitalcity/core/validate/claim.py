"""What a source says a file is, and whether the bytes bear that out."""

from __future__ import annotations

from pathlib import PurePosixPath

from ..reasons import MaybeReason, Reason

# Each claim as sources write it -> the kinds of bytes it fits. Publishers say XLS for every Excel file.
EXCEL = frozenset({"xlsx", "xls"})
GEOPACKAGE = frozenset({"gpkg", "sqlite"})
FITS = {
    "csv": frozenset({"text"}),
    "tsv": frozenset({"text"}),
    "tab": frozenset({"text"}),
    "txt": frozenset({"text"}),
    "text": frozenset({"text"}),
    "xls": EXCEL,
    "xlsx": EXCEL,
    "xlsm": EXCEL,
    "excel": EXCEL,
    "ods": frozenset({"ods"}),
    "json": frozenset({"json", "geojson", "ndjson"}),
    "geojson": frozenset({"geojson"}),
    "ndjson": frozenset({"ndjson", "json"}),
    "jsonl": frozenset({"ndjson", "json"}),
    "xml": frozenset({"xml", "html"}),
    "kml": frozenset({"xml"}),
    "gml": frozenset({"xml"}),
    "gpx": frozenset({"xml"}),
    "rdf": frozenset({"xml", "text"}),
    "html": frozenset({"html", "xml"}),
    "htm": frozenset({"html", "xml"}),
    "pdf": frozenset({"pdf"}),
    "zip": frozenset({"zip", "xlsx", "ods"}),
    "shp": frozenset({"zip", "binary"}),
    "gz": frozenset({"gzip"}),
    "gzip": frozenset({"gzip"}),
    "parquet": frozenset({"parquet"}),
    "gpkg": GEOPACKAGE,
    "geopackage": GEOPACKAGE,
    "geopackage+sqlite3": GEOPACKAGE,
    "avro": frozenset({"avro"}),
}
# What no claim fits, and no table is in.
NOTHING: dict[str, Reason] = {"empty": "empty", "lfs-pointer": "lfs-pointer", "broken-zip": "unreadable"}


def claims(filename: str, format_: str) -> tuple[str, ...]:
    """The claims we understand: the stated format first, then the file name's ending. Others are no claim."""
    stated = format_.strip().lower().lstrip(".").rpartition("/")[2]
    ending = PurePosixPath(filename).suffix.lower().lstrip(".")
    return tuple(dict.fromkeys(claim for claim in (stated, ending) if claim in FITS))


def contradicts(made: tuple[str, ...], kind: str) -> MaybeReason:
    """Why the bytes are not what was claimed, as a reason's name, or ``""`` if some claim fits or none was made."""
    if kind in NOTHING:
        return NOTHING[kind]
    if not made or any(kind in FITS[claim] for claim in made):
        return ""
    return "html-page" if kind == "html" else "format-mismatch"
