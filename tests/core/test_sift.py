"""Taking rejected rows out of a table changes nothing else."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.digitalcity.core.errors import Skippable
from ckanext.digitalcity.core.validate.encoding import detect_encoding
from ckanext.digitalcity.core.validate.sift import sift
from ckanext.digitalcity.core.validate.sniff import sniff
from ckanext.digitalcity.core.validate.source import text_layout

CELLS = st.text(st.characters(codec="cp1252", exclude_characters="\0"), max_size=8)
ROWS = st.lists(st.lists(CELLS, min_size=2, max_size=4), min_size=1, max_size=12)
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp1252"]


def detected(encoding: str) -> dict[str, object]:
    return {"encoding": encoding, "dialect": {"delimiter": ",", "skipInitialSpace": False}}


@given(
    rows=ROWS,
    rejected=st.sets(st.integers(2, 12)),
    encoding=st.sampled_from(ENCODINGS),
    end=st.sampled_from(["\n", "\r\n"]),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
)
def test_what_is_left_are_the_other_rows_as_they_were_written(
    rows: list[list[str]],
    rejected: set[int],
    encoding: str,
    end: str,
    quoting: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator=end, quoting=quoting).writerows(rows)  # type: ignore[arg-type]
    content = out.getvalue().encode(encoding)
    path = tmp_path_factory.mktemp("sift") / "t.csv"
    path.write_bytes(content)
    left = b"".join(sift(path, detected(encoding), rejected)).decode(encoding)
    read = list(csv.reader(io.StringIO(out.getvalue(), newline="")))
    kept = [row for number, row in enumerate(read, start=1) if number not in rejected]
    assert list(csv.reader(io.StringIO(left, newline=""))) == kept
    assert b"".join(sift(path, detected(encoding), set())) == content


def test_a_mark_of_big_endian_text_stays(tmp_path: Path) -> None:
    content = b"\xfe\xff" + "a,b\n1,2\n3,4\n".encode("utf-16-be")
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    assert b"".join(sift(path, detected("utf-16"), {2})) == b"\xfe\xff" + "a,b\n3,4\n".encode("utf-16-be")


@pytest.mark.parametrize("folder", ["council_csv", "sensor_csv"])
def test_real_files_stay_byte_for_byte_when_nothing_is_rejected(cases: Path, folder: str) -> None:
    sifted = 0
    for path in sorted((cases / folder).rglob("*.csv")):
        if sniff(path) == "text" and path.stat().st_size < 2_000_000:
            try:
                facts = text_layout(path, detect_encoding(path), "", 0, ",").described()
            except Skippable:
                continue  # held as a whole
            assert b"".join(sift(path, facts, ())) == path.read_bytes(), path
            sifted += 1
    assert sifted > 10
