"""What each check says, and what it leaves alone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from seen_rows import found, run

from ckanext.digitalcity.core.validate.audience import as_text

AREA = {"latitude": "lat", "longitude": "lon", "west": -3.4, "south": 51.4, "east": -2.9, "north": 51.7}


def test_a_point_outside_the_area_and_one_that_is_swapped_are_told_apart() -> None:
    points = ("51.5 -3.1", "-3.1 51.5", "0 0", "51.5 3.1", "51.4 -3.4")
    assert found("coordinates", AREA, "lat lon", *points) == [
        ("coordinates-swapped", 3),
        ("coordinates-outside", 4),
        ("coordinates-outside", 5),
    ]


def test_a_point_of_which_half_is_missing_or_no_number_is_left_alone() -> None:
    assert found("coordinates", AREA, "lat lon", "'' -3.1", "51.5 west", "51.5 -3.1") == []


def test_numbers_are_read_as_the_schema_writes_them() -> None:
    field = {"type": "number", "decimalChar": ","}
    schema = {"fields": [{"name": "lat", **field}, {"name": "lon", **field}], "missingValues": ["", "-"]}
    rows = ("51,5 -3,1", "51,5 3,1", "- 3,1", "51.5 3.1")  # the last is no number by this schema
    assert found("coordinates", AREA, "lat lon", *rows, schema=schema) == [("coordinates-outside", 3)]


def test_a_number_too_large_for_a_double_is_still_impossible() -> None:
    settings = {"column": "v", "maximum": 100}
    assert found("possible-values", settings, "v", "1", "1e999", "9" * 400, "NaN") == [
        ("value-impossible", 3),
        ("value-impossible", 4),
    ]


def test_a_time_in_the_future_is_found_by_the_wall_clock_of_the_council() -> None:
    times = ("2026-07-01T12:30:00", "2026-07-01T13:30:00", "2026-07-01T12:30:00Z", "2026-07-01", "2026-07-02")
    assert found("not-in-future", {"column": "t"}, "t", *times) == [
        ("time-in-future", 3),
        ("time-in-future", 4),
        ("time-in-future", 6),
    ]


def test_a_clock_may_be_fast_by_as_much_as_the_recipe_says() -> None:
    times = ("2026-07-01T12:04:00Z", "2026-07-01T12:06:00Z")
    assert found("not-in-future", {"column": "t", "minutes": 5}, "t", *times) == [("time-in-future", 3)]


def test_both_days_of_a_range_count_in_full() -> None:
    settings = {"column": "t", "from": "2020-01-01", "to": "2020-12-31"}
    times = ("2019-12-31T23:59:59", "2020-01-01", "2020-12-31T23:59:59", "2021-01-01")
    assert found("time-range", settings, "t", *times) == [("time-out-of-range", 2), ("time-out-of-range", 5)]


def test_british_dates_are_read_by_the_format_of_the_recipe() -> None:
    settings = {"column": "t", "from": "2020-02-01", "format": "%d/%m/%Y"}
    assert found("time-range", settings, "t", "01/02/2020", "02/01/2020") == [("time-out-of-range", 3)]


@pytest.mark.parametrize("form", ["default", "%d/%m/%Y"])
def test_a_real_date_of_a_spreadsheet_is_read_whatever_the_format_of_the_schema(form: str) -> None:
    schema = {"fields": [{"name": "t", "type": "date", "format": form}]}
    settings = {"column": "t", "from": "2020-02-01"}
    cells = (as_text(datetime(2020, 2, 1)), as_text(datetime(2020, 1, 31)))
    assert found("time-range", settings, "t", *cells, schema=schema) == [("time-out-of-range", 3)]


def test_order_is_looked_at_within_each_series_and_one_wrong_clock_is_one_fault() -> None:
    rows = ("a 2026-01-01", "b 2026-01-03", "a 2026-01-02", "b 2026-01-01", "b 2026-01-04", "a 2026-01-02", "a ''")
    assert found("time-order", {"column": "t", "by": ["id"]}, "id t", *rows) == [("time-out-of-order", 5)]


def test_rows_may_run_from_the_newest_to_the_oldest() -> None:
    settings = {"column": "t", "order": "newest-first"}
    assert found("time-order", settings, "t", "2026-01-03", "2026-01-02", "2026-01-04") == [("time-out-of-order", 4)]


def test_times_are_compared_as_moments_whatever_their_offset() -> None:
    rows = ("2026-07-01T10:00:00+01:00", "2026-07-01T09:30:00Z", "2026-07-01T10:15:00+01:00")
    assert found("time-order", {"column": "t"}, "t", *rows) == [("time-out-of-order", 4)]


@pytest.mark.parametrize(("zone", "faults"), [("Europe/London", []), ("", [("time-out-of-order", 4)])])
def test_the_hour_that_comes_twice_in_autumn_is_in_order_on_a_wall_clock(zone: str, faults: list[Any]) -> None:
    settings = {"column": "t", **({"time_zone": zone} if zone else {})}
    rows = ("2025-10-26T01:00:00", "2025-10-26T01:30:00", "2025-10-26T01:00:00", "2025-10-26T01:30:00")
    assert found("time-order", settings, "t", *rows) == faults


def test_a_gap_is_longer_than_one_and_a_half_periods_whichever_way_the_rows_run() -> None:
    settings = {"column": "t", "every": "HOURLY"}
    rows = ["2026-01-01T00:00:00", "2026-01-01T01:30:00", "2026-01-01T03:00:01"]
    assert found("gaps", settings, "t", *rows) == [("time-gap", 4)]
    assert found("gaps", settings, "t", *reversed(rows)) == [("time-gap", 3)]


def test_the_hour_that_is_left_out_in_spring_is_no_gap_on_a_wall_clock() -> None:
    rows = ("2025-03-30T00:30:00", "2025-03-30T02:30:00")
    assert found("gaps", {"column": "t", "every": "HOURLY"}, "t", *rows) == [("time-gap", 3)]
    assert found("gaps", {"column": "t", "every": "HOURLY", "time_zone": "Europe/London"}, "t", *rows) == []


def test_a_stuck_sensor_is_one_fault_for_each_time_it_sticks() -> None:
    rows = ("a 7", "b 7", "a 7", "a 7.0", "a ''", "a 7", "a 8", "a 7", "a 7", "a 7")
    settings = {"column": "v", "by": ["id"], "at_most": 2}
    assert found("stuck", settings, "id v", *rows) == [("value-stuck", 5), ("value-stuck", 11)]


def test_readings_that_may_stay_are_never_stuck() -> None:
    settings = {"column": "v", "at_most": 1, "ignore": [0]}
    assert found("stuck", settings, "v", "0", "0", "0", "1", "1") == [("value-stuck", 6)]


def test_readings_that_only_mean_a_failure_are_impossible() -> None:
    settings = {"column": "v", "minimum": -30, "never": [99.9]}
    assert found("possible-values", settings, "v", "-30", "-999", "99.9", "20") == [
        ("value-impossible", 3),
        ("value-impossible", 4),
    ]


def test_every_observation_after_the_first_of_the_same_name_is_a_duplicate() -> None:
    rows = ("a 1 x", "a 2 x", "b 1 x", "a 1 y", "a '' x", "a '' x", "a 1 x")
    assert found("duplicates", {"columns": ["id", "t"]}, "id t v", *rows) == [
        ("duplicate-observation", 5),
        ("duplicate-observation", 8),
    ]


def test_cells_do_not_run_into_each_other_when_duplicates_are_looked_for() -> None:
    assert found("duplicates", {"columns": ["a", "b"]}, "a b", "1 23", "12 3", "23 1") == []


def test_a_total_adds_up_to_the_penny_and_no_further() -> None:
    settings = {"parts": ["a", "b"], "total": "t"}
    rows = ("0.1 0.2 0.3", "1 2 4", "1 '' 4", "1000000.10 0.01 1000000.11", "1000000.10 0.01 1000000.12")
    assert found("totals", settings, "a b t", *rows) == [("total-wrong", 3), ("total-wrong", 6)]
    assert found("totals", {**settings, "tolerance": 1}, "a b t", *rows) == []


def test_gss_codes_have_nine_characters_and_begin_with_their_kind_of_area() -> None:
    codes = ("E05000001", "W05000001", "E06000015", "E0500001", "e05000001", "E050000O1", "X05000001", " E05000001")
    wrong = [("gss-code", row) for row in range(4, 10)]
    rows = [[code] for code in codes]
    report = run([{"gss-codes": {"column": "c", "areas": ["ward"]}}], ["c"], rows)
    assert [(fault.rule, fault.row) for fault in report.faults] == wrong
    report = run([{"gss-codes": {"column": "c"}}], ["c"], rows)
    assert [(fault.rule, fault.row) for fault in report.faults] == wrong[1:]


def test_an_entity_code_may_be_named_by_its_three_characters() -> None:
    assert found("gss-codes", {"column": "c", "areas": ["K02"]}, "c", "K02000001", "K03000001") == [("gss-code", 3)]


def test_a_code_that_is_not_on_the_list_is_told_apart_from_one_of_the_wrong_form() -> None:
    settings = {"column": "c", "listed": ["W06000015"]}
    assert found("gss-codes", settings, "c", "W06000015", "W06000016", "Cardiff") == [
        ("code-not-listed", 3),
        ("gss-code", 4),
    ]


@pytest.mark.parametrize("number", ["1", "100023336956", "000000199356", "999999999999"])
def test_uprns_have_one_to_twelve_digits(number: str) -> None:
    assert found("uprn", {"column": "u"}, "u", number) == []


@pytest.mark.parametrize("number", ["0", "000000000000", "1000233369567", "0100023336956", "1.00023E+11", "7.0", "-7"])
def test_what_a_spreadsheet_makes_of_a_uprn_is_none(number: str) -> None:
    assert found("uprn", {"column": "u"}, "u", number) == [("uprn", 2)]


@pytest.mark.parametrize("number", ["00445790", "SC123456", "NI038288", "OC301540", "R0000063", "IP27937R", "RS007853"])
def test_company_numbers_have_eight_characters(number: str) -> None:
    assert found("company-numbers", {"column": "n"}, "n", number) == []


@pytest.mark.parametrize("number", ["445790", "004457901", "sc123456", "ABC12345", "SC12345", "GB123456", "0044579O"])
def test_a_company_number_that_lost_its_zeros_or_never_was_one_is_found(number: str) -> None:
    assert found("company-numbers", {"column": "n"}, "n", number) == [("company-number", 2)]


def test_a_column_that_the_file_does_not_have_is_a_fault_of_the_file() -> None:
    report = run([{"totals": {"parts": ["a", "x"], "total": "y"}}], ["a", "b"], [["1", "2"]])
    assert [(f.rule, f.row, f.field, f.detail) for f in report.faults] == [
        ("check-column-missing", None, "x", "totals"),
        ("check-column-missing", None, "y", "totals"),
    ]
    assert report.failed


def test_a_check_that_could_read_nothing_does_not_look_like_one_that_found_nothing() -> None:
    assert found("not-in-future", {"column": "t"}, "t", "1/2/2020", "tomorrow") == [("check-not-read", None)]
    assert found("not-in-future", {"column": "t"}, "t", "1/2/2020", "2020-01-01") == []
    assert found("not-in-future", {"column": "t"}, "t", "''") == []


def test_columns_are_found_whatever_the_case_of_their_names() -> None:
    assert found("uprn", {"column": "UPRN"}, "uprn", "x") == [("uprn", 2)]


def test_a_warning_is_listed_but_fails_nothing() -> None:
    check = {"uprn": {"column": "u", "level": "warning"}}
    report = run([check], ["u"], [["x"]])
    assert report.counts == report.warnings == {"uprn": 1}
    assert not report.failed
    assert run([check, {"uprn": {"column": "u"}}], ["u"], [["x"]]).failed


def test_the_first_hundred_faults_are_kept_and_all_are_counted() -> None:
    report = run([{"uprn": {"column": "u"}}], ["u"], [["x"]] * 1000, borders=range(7, 1000, 7))
    assert [fault.row for fault in report.faults] == list(range(2, 102))
    assert report.counts == {"uprn": 1000}


def test_a_file_without_rows_has_no_faults() -> None:
    assert run([{"uprn": {"column": "u"}}, {"duplicates": {"columns": ["u"]}}], ["u"], []).faults == ()


def test_no_fault_carries_a_cell() -> None:
    secret = "Mrs-Jones-of-12-High-Street"
    labels = ["a", "b"]
    wanted: list[dict[str, Any]] = [
        {"uprn": {"column": "a"}},
        {"gss-codes": {"column": "a", "listed": ["W06000015"]}},
        {"duplicates": {"columns": ["a", "b"]}},
        {"not-in-future": {"column": "a"}},
    ]
    report = run(wanted, labels, [[secret, secret]] * 3)
    assert report.counts.total() == 9
    assert secret not in repr(report)
