"""The checks over rows of real files, in batches of an awkward size."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from seen_rows import real, run

from ckanext.digitalcity.core.checks import Told

RATES = "council_csv/odileeds__business-rates/data/selby.masked.csv"
WEATHER = "sensor_csv/jvns__pandas-cookbook/cookbook/data/weather_2012.csv"
BIKES = "sensor_csv/jvns__pandas-cookbook/cookbook/data/bikes.csv"
AIR = "sensor_csv/HPI-Information-Systems__Pollock/survey_sample/csv/air_quality_station3_2006.csv"
COUNTS = "sensor_csv/etalab__schema-comptage-mobilites-measure/exemple-valide-eco-compteur.csv"
INDEX = "council_csv/odileeds__business-rates/index.csv"
SELBY = {"west": -1.4, "south": 53.6, "east": -0.9, "north": 53.95}


def over(path: Path, *wanted: dict[str, Any], **how: Any) -> Told:
    labels, *rows = real(path, **how)
    right = [row for row in rows if len(row) == len(labels)]
    return run(list(wanted), labels, right, borders=range(977, len(right), 977))


def rows_of(report: Told, rule: str) -> list[int | None]:
    return [fault.row for fault in report.faults if fault.rule == rule]


def test_a_councils_premises_lie_in_its_area_and_swapped_columns_are_called_that(cases: Path) -> None:
    place = {"latitude": "Latitude", "longitude": "Longitude"}
    right = over(cases / RATES, {"coordinates": {**place, **SELBY}})
    assert right.counts == {"coordinates-outside": 1}  # Goole, just across the border
    turned = over(cases / RATES, {"coordinates": {"latitude": "Longitude", "longitude": "Latitude", **SELBY}})
    assert turned.counts == {"coordinates-swapped": 2650, "coordinates-outside": 1}


def test_a_year_of_hourly_weather_is_whole_and_in_order(cases: Path) -> None:
    report = over(
        cases / WEATHER,
        {"gaps": {"column": "Date/Time", "every": "HOURLY"}},
        {"time-order": {"column": "Date/Time"}},
        {"duplicates": {"columns": ["Date/Time"]}},
        {"possible-values": {"column": "Rel Hum (%)", "minimum": 0, "maximum": 100}},
    )
    assert not report.counts


def test_hours_are_missing_where_readings_are_promised_every_quarter_of_an_hour(cases: Path) -> None:
    report = over(cases / WEATHER, {"gaps": {"column": "Date/Time", "every": "15MIN", "level": "warning"}})
    assert report.counts == {"time-gap": 8783}
    assert not report.failed


def test_a_logger_that_writes_midnight_with_the_date_of_the_day_before_is_out_of_order_every_day(cases: Path) -> None:
    report = over(cases / AIR, {"time-order": {"column": "date", "format": "%d/%m/%Y %H:%M"}})
    assert report.counts == {"time-out-of-order": 365}
    assert rows_of(report, "time-out-of-order")[:3] == [97, 193, 289]


def test_dates_with_the_day_first_are_a_day_apart_by_the_format_of_the_recipe(cases: Path) -> None:
    report = over(
        cases / BIKES,
        {"gaps": {"column": "Date", "every": "DAILY", "format": "%d/%m/%Y"}},
        {"not-in-future": {"column": "Date", "format": "%d/%m/%Y"}},
        encoding="latin-1",
        delimiter=";",
    )
    assert not report.counts


def test_bicycle_counters_are_in_order_each_for_itself(cases: Path) -> None:
    report = over(
        cases / COUNTS,
        {"time-order": {"column": "start_datetime", "by": ["channel_id"]}},
        {"gaps": {"column": "start_datetime", "every": "HOURLY", "by": ["channel_id"]}},
        {"duplicates": {"columns": ["channel_id", "start_datetime"]}},
    )
    assert not report.counts
    assert over(cases / COUNTS, {"duplicates": {"columns": ["start_datetime"]}}).counts == {"duplicate-observation": 96}


def test_the_codes_of_every_english_authority_are_gss_codes_of_authorities_and_not_of_wards(cases: Path) -> None:
    codes = {"gss-codes": {"column": "ONS code", "areas": ["local-authority"]}}
    assert not over(cases / INDEX, codes).counts
    wards = over(cases / INDEX, {"gss-codes": {"column": "ONS code", "areas": ["ward"]}})
    assert wards.counts == {"gss-code": 378}
