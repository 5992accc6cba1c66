"""What a file is, judged by its bytes alone."""

from __future__ import annotations

import codecs
import re
import zipfile
from pathlib import Path

HEAD = 65536
MAGIC = (
    (b"%PDF-", "pdf"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!", "rar"),
    (b"PAR1", "parquet"),
    (b"Obj\x01", "avro"),
    (b"\x89PNG", "image"),
    (b"GIF8", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"version https://git-lfs.github.com/spec/", "lfs-pointer"),
    (b"\x09\x00\x04\x00", "xls"),  # BIFF2 to BIFF4: worksheets from before there were workbooks
    (b"\x09\x02\x06\x00", "xls"),
    (b"\x09\x04\x06\x00", "xls"),
)
SQLITE = b"SQLite format 3\x00"
GEOPACKAGES = (b"GPKG", b"GP10", b"GP11")  # what such a database calls its application (OGC 12-128r19, Requirement 2)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
WORKBOOKS = ("Workbook".encode("utf-16-le"), "Book".encode("utf-16-le"))
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# possessive: a file of many comments must not be tried in every combination
HTML = re.compile(r"\s*(?>(?>(?><!--.*?-->)|<\?xml[^>]*>)\s*)*+<(!doctype\s+html|html|head|body)\b", re.I | re.S)
MARKUP = re.compile(r"\s*<(\?xml|!--|!DOCTYPE|[A-Za-z_][\w.-]*(:[\w.-]+)?[\s/>])")
JSON = re.compile(r"""\s*(\{\s*("|\})|\[\s*([\[{"\]]|-?\d|true\b|false\b|null\b))""")
GEOJSON = re.compile(r'"type"\s*:\s*"(FeatureCollection|Feature)"')
NDJSON = re.compile(r"\s*(\{[^\n]*\}|\[[^\n]*\])[^\S\n]*\n\s*+[{\[]")
CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def sniff(path: Path) -> str:
    """Names what the bytes are: ``text``, ``xlsx``, ``json``, ``html``, ``pdf``, ``zip`` and so on.

    ``text`` is anything readable without markup: a table or prose. ``empty`` is nothing but white space and
    ``binary`` is bytes we know nothing about.
    """
    with path.open("rb") as file:
        head = file.read(HEAD)
    if not head.strip(b" \t\r\n\x00" + codecs.BOM_UTF8):
        return "empty" if path.stat().st_size <= HEAD else "binary"
    for magic, kind in MAGIC:
        if head.startswith(magic):
            return kind
    if head.startswith(SQLITE):
        return "gpkg" if head[68:72] in GEOPACKAGES else "sqlite"
    if head[257:262] == b"ustar":
        return "tar"
    if head.startswith(OLE):
        return "xls" if any(name in path.read_bytes() for name in WORKBOOKS) else "ole"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _in_zip(path)
    return _in_text(head)


def utf16(head: bytes) -> str:
    """The UTF-16 that bytes without a byte order mark are written in, or ``""``: every other byte of them is NUL."""
    half = len(head) // 2
    if half < 2:
        return ""
    even, odd = head[0 : 2 * half : 2].count(0), head[1 : 2 * half : 2].count(0)
    if odd > 0.4 * half and even < 0.05 * half:
        return "utf-16-le"
    return "utf-16-be" if even > 0.4 * half and odd < 0.05 * half else ""


def _in_zip(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 200:
                kind = archive.read("mimetype")
                return "ods" if b"opendocument.spreadsheet" in kind else "zip"
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, ValueError):
        return "broken-zip"
    if any(name.startswith("xl/") for name in names):
        return "xlsx"
    return "zip"


def _in_text(head: bytes) -> str:
    encoding = next((name for bom, name in BOMS if head.startswith(bom)), "") or utf16(head)
    if not encoding and len(CONTROL.findall(head)) > 0.02 * len(head):
        return "binary"
    text = head.decode(encoding or "latin-1", "replace").lstrip("\ufeff")
    if HTML.match(text):
        return "html"
    if MARKUP.match(text):
        return "xml"
    if JSON.match(text):
        if GEOJSON.search(text):
            return "geojson"
        return "ndjson" if NDJSON.match(text) else "json"
    return "text"
