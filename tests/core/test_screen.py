"""What is personal data and what only looks like it. Every name and number here is made up or set aside for fiction."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.gb import nhs

from ckanext.digitalcity.core.model import CheckResult, Finding, Outcome
from ckanext.digitalcity.core.screen import Column, Screen

Examine = Callable[..., CheckResult]


def screen(header: list[str], *rows: Sequence[object]) -> tuple[Finding, ...]:
    one = Screen([Column(name, number, name) for number, name in enumerate(header, start=1)])
    for number, row in enumerate(rows, start=2):
        one.see(number, row)
    return one.findings()


def personal(header: list[str], *rows: Sequence[object]) -> set[str]:
    return {finding.rule for finding in screen(header, *rows) if finding.level == "personal"}


def column(name: str, *values: object) -> set[str]:
    return personal(["id", name], *([number, value] for number, value in enumerate(values, start=1)))


def valid_nhs(number: int) -> str:
    """The first valid NHS number that begins with nine digits, or with the next nine."""
    found = [f"{number:09}{digit}" for digit in range(10) if nhs.is_valid(f"{number:09}{digit}")]
    return found[0] if found else valid_nhs(number + 1)


NHS = [valid_nhs(400_000_000 + step * 7919) for step in range(40)]

PERSONAL = [
    ("email", "contact", ["jo.bloggs@example.org"]),
    ("email", "notes", ["please write to j.smith@council.gov.uk about it"]),
    ("email", "contact", ["bloggs@example.org"]),
    ("email", "contact", ["bloggs@example.org", "smith@example.org", "jones@example.org"]),
    ("email", "contact", ["jo.bloggs@example.org"] * 9),
    ("email", "url", ["mailto:jo.bloggs@example.org"]),
    ("uk-telephone", "Telephone", ["01632 960001", "01202 000111"]),
    ("uk-telephone", "mobile", ["07700900001", "7700 900002", "07700900003"]),
    ("uk-telephone", "ContactTelNo", ["07700900001"]),
    ("uk-telephone", "comments", ["ring 07700 900123 after six", "no reply"]),
    ("uk-telephone", "comments", ["(020) 7946 0018 is best"]),
    ("uk-telephone", "details", [f"0770090{n:04}" for n in range(10, 20)]),
    ("uk-telephone", "reference", ["+44 7700 900123"]),
    ("postcode-address", "address", ["12 High Street, Anytown, LS1 4AP"]),
    ("postcode-address", "Location", ["Flat 3, 9a Church Lane\nAnytown\nsw1a 1aa"]),
    ("ni-number", "NI number", ["QQ123456C".replace("QQ", "AB")]),
    ("ni-number", "notes", ["his number is AB 12 34 56 C"]),
    ("ni-number", "staff", ["AB123456C"]),
    ("nhs-number", "NHS No", [NHS[0]]),
    ("nhs-number", "notes", [f"NHS {NHS[1][:3]} {NHS[1][3:6]} {NHS[1][6:]}"]),
    ("nhs-number", "patient_id", NHS),
]


@pytest.mark.parametrize(("rule", "name", "values"), PERSONAL)
def test_personal_data_is_found(rule: str, name: str, values: list[str]) -> None:
    assert rule in column(name, *values)


CLEAN = [
    ("office addresses", "contact", ["planning@anytown.gov.uk", "info@example.org", "enquiries@example.org"]),
    ("office abbreviations", "contact", ["foi@anytown.gov.uk", "odc@communities.gov.uk", "cs.team@anytown.gov.uk"]),
    ("one mailbox for all", "report to", ["toilets@anytown.example"] * 5),
    ("an organisation's own box", "contact", ["thebakery@thebakery.co.uk"]),
    ("sensor ids", "sensor_id", ["07700900123", "01632960001"] * 20),
    ("device serials", "serial", [f"{4000000000 + n}" for n in range(200)]),
    ("UPRNs", "UPRN", ["10035062941", "010035062941", "200004181421"] * 5),
    ("Unix times", "timestamp", [str(1_700_000_000 + n * 900) for n in range(500)]),
    ("times", "observed", ["2025-01-01 01:00:00", "2025-01-01T01:15:00+01:00", "01/02/2025 01:30"]),
    ("amounts", "amount", ["1,234,567.89", "-0123.45", "£1 234 567 890", "01234567890.50"]),
    ("company numbers", "company number", ["01234567", "SC123456", "NI123456"]),
    ("charity and VAT numbers", "VAT", ["GB123456789", "123 4567 89"]),
    ("coordinates", "coordinates", ["0.1278901234, 51.5073509", "-01.5491, 053.8008", "430000 433000"]),
    ("grid references", "grid reference", ["SE 30000 33000", "TQ 123456 654321", "SE300330"]),
    ("bare ten-digit numbers", "reading", [str(4_000_000_000 + n * 97) for n in range(300)]),
    ("vehicle and asset codes", "asset code", ["AB123456C", "AB123457D"]),
    ("postcodes alone", "postcode", ["LS1 4AP", "SW1A 1AA"]),
    ("streets alone", "street", ["12 High Street", "14 High Street"]),
    ("places with a postcode", "location", ["Market Place, Anytown, LS1 4AP"]),
    ("GSS codes", "ward", ["E05001234", "E01012345", "W06000015"]),
    ("ISBN and bar codes", "isbn", ["9780306406157", "0306406152"]),
    ("web addresses with an at sign", "url", ["https://example.org/@anytown/12345"]),
    ("national numbers of offices", "telephone", ["0300 123 1234", "0800 111 1111", "0345 123 4567"]),
    ("prose", "notes", ["Between 1 and 12 trees on the road to LS1."]),
]


@pytest.mark.parametrize(("what", "name", "values"), CLEAN, ids=lambda value: value if isinstance(value, str) else "")
def test_what_only_looks_personal_is_not_held(what: str, name: str, values: list[str]) -> None:
    assert column(name, *values) == set(), what


def test_one_and_the_same_number_all_the_way_down_is_an_offices() -> None:
    findings = screen(["name", "telephone"], *([f"Library {n}", "01632 960001"] for n in range(9)))
    assert [(finding.rule, finding.level, finding.count) for finding in findings] == [("uk-telephone", "note", 9)]


def test_an_address_made_of_several_columns_is_found() -> None:
    header = ["surname", "house_number", "street", "postcode"]
    assert personal(header, ["Bloggs", "12", "High Street", "LS1 4AP"]) == {"postcode-address"}
    assert personal(header, ["Bloggs", "", "High Street", "LS1 4AP"]) == set()


def test_a_home_address_beside_a_public_one_is_still_found() -> None:
    columns = [
        Column("premises", 1, "premises", frozenset({"postcode-address"})),
        Column("holder address", 2, "holder address"),
    ]
    one = Screen(columns)
    one.see(2, ["1 High Street, Anytown, LS1 4AP", "2 Church Lane, Anytown, LS2 4AP"])
    assert [(finding.field, finding.level) for finding in one.findings()] == [
        ("premises", "note"),
        ("holder address", "personal"),
    ]


def test_addresses_of_organisations_are_noted_and_those_of_people_held() -> None:
    row = ["12 High Street, Anytown, LS1 4AP"]
    assert personal(["Supplier name", "address"], ["Example Ltd", *row]) == set()
    assert screen(["Supplier name", "address"], ["Example Ltd", *row])[0].level == "note"
    assert personal(["Occupier surname", "address"], ["Bloggs", *row]) == {"postcode-address"}
    assert personal(["Company", "Applicant", "address"], ["Example Ltd", "Jo Bloggs", *row]) == {"postcode-address"}


def test_a_finding_says_how_many_and_the_first_twenty_rows_and_no_value() -> None:
    (finding,) = screen(["email"], *([f"person.{n}@example.org"] for n in range(100)))
    assert finding == Finding("email", "email", 100, tuple(range(2, 22)), "personal")


def test_a_cell_beyond_the_last_column_is_looked_at_too() -> None:
    (finding,) = screen(["id"], ["1", "jo.bloggs@example.org"])
    assert (finding.field, finding.rows) == ("column 2", (2,))


def test_numbers_from_a_spreadsheet_are_read_as_they_were_written() -> None:
    assert column("NHS number", float(NHS[0])) == {"nhs-number"}
    assert column("NHS number", int(NHS[0])) == {"nhs-number"}


@given(st.lists(st.integers(10**9, 10**10 - 1), min_size=1, max_size=200))
def test_random_ten_digit_numbers_are_never_taken_for_nhs_numbers(numbers: list[int]) -> None:
    passing = sum(nhs.is_valid(str(number)) for number in numbers)
    assert column("reading", *numbers) == set() or (passing >= 10 and passing > 0.95 * len(numbers))


@given(st.lists(st.one_of(st.floats(allow_nan=False), st.datetimes(), st.integers(), st.none()), max_size=50))
def test_measurements_and_times_are_never_held(values: list[object]) -> None:
    assert column("value", *values) == set()


@given(st.lists(st.text(max_size=60), max_size=30), st.sampled_from(["notes", "telephone", "nhs", "ni", "address", ""]))
def test_no_text_breaks_a_rule(values: list[str], name: str) -> None:
    for finding in screen([name], *([value] for value in values)):
        assert 0 < finding.count <= len(values)
        assert len(finding.rows) == min(finding.count, 20)


@pytest.mark.parametrize(
    "text", ["a" * 500_000 + "@", "1 " + "A b " * 100_000 + "LS1 4AP", "0 " * 200_000, "(" * 500_000]
)
def test_no_cell_takes_long(text: str) -> None:
    started = time.monotonic()
    screen(["notes"], [text])
    assert time.monotonic() - started < 5


# In a whole file


PUBLIC = {"fields": [{"name": "name"}, {"name": "telephone", "digitalcity:public": ["uk-telephone"]}]}
LIBRARIES = "name,telephone\n" + "".join(f"Library {n},01632 96000{n}\n" for n in range(5))


def test_a_recipes_schema_may_call_a_column_public(check_bytes: Examine) -> None:
    assert check_bytes(LIBRARIES).outcome is Outcome.HELD
    result = check_bytes(LIBRARIES, schema=PUBLIC, schema_origin="recipe")
    assert result.outcome is Outcome.PASSED
    assert [(finding.rule, finding.level) for finding in result.findings] == [("uk-telephone", "note")]


def test_a_schema_that_came_with_the_data_may_not(check_bytes: Examine) -> None:
    assert check_bytes(LIBRARIES, schema=PUBLIC, schema_origin="source").outcome is Outcome.HELD


def test_public_covers_only_the_rules_it_names(check_bytes: Examine) -> None:
    text = LIBRARIES + "Library 9,jo.bloggs@example.org\n"
    assert check_bytes(text, schema=PUBLIC, schema_origin="recipe").reason == "personal-data"


def test_rows_above_the_header_are_screened_too(check_bytes: Examine) -> None:
    text = "Ask jo.bloggs@example.org,,\n,,\nid,name,height\n" + "".join(f"{n},Oak,9\n" for n in range(9))
    result = check_bytes(text)
    assert result.detected["header_row"] == 3
    assert (result.reason, result.findings[0].rows) == ("personal-data", (1,))


def test_text_without_columns_is_screened_line_by_line(check_bytes: Examine) -> None:
    result = check_bytes("Dear all\nwrite to jo.bloggs@example.org\n", "letter.txt")
    assert (result.outcome, result.reason) == (Outcome.HELD, "personal-data")
    assert result.findings == (Finding("email", "", 1, (2,), "personal"),)
