"""Cells of observations, whatever a sensor says."""

from __future__ import annotations

from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from ckanext.digitalcity.harvesters.observations import iso

TIMES = st.datetimes(timezones=st.timezones() | st.none()).map(datetime.isoformat)
DIGITS = st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z?", fullmatch=True)


@given(TIMES | DIGITS | st.text(max_size=30))
def test_a_time_is_written_as_python_reads_it_and_what_is_none_stays_as_it_is(text: str) -> None:
    try:
        expected = datetime.fromisoformat(text).isoformat().replace("+00:00", "Z") if "T" in text.upper() else text
    except ValueError:
        expected = text
    assert iso(text) == expected


@given(TIMES | DIGITS)
def test_a_time_that_was_written_once_is_not_changed_by_writing_it_again(text: str) -> None:
    assert iso(iso(text)) == iso(text)
