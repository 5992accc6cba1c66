"""The demo city keeps what its README promises: every file is there, and the real gate says of it what is claimed."""

from __future__ import annotations

import csv
import hashlib
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.gb import nhs

from ckanext.digitalcity.core.check import Checker
from ckanext.digitalcity.core.errors import Fatal
from ckanext.digitalcity.core.label.data import load
from ckanext.digitalcity.core.licence import recognise
from ckanext.digitalcity.core.model import CheckResult, Outcome, Recipe, Ref, Verdict
from ckanext.digitalcity.core.pipeline import Candidate, Kept, check_candidate, stage_record
from ckanext.digitalcity.core.recipe import read
from ckanext.digitalcity.core.screen.rules import ni_number
from ckanext.digitalcity.core.shipped import names, shipped
from ckanext.digitalcity.core.stage import receive
from ckanext.digitalcity.demo.load import recipes
from ckanext.digitalcity.demo.sensors import things
from ckanext.digitalcity.demo.serve import PUBLISHERS, City, make_server
from ckanext.digitalcity.harvesters.http import Http
from ckanext.digitalcity.harvesters.registry import kinds, make

DEMO = Path(__file__).parents[2] / "demo"
NOW = datetime(2026, 3, 2, 10, 20, tzinfo=UTC)  # early in a month, so that there is less to check

# The README's words for what becomes of a dataset.
CLAIMS = {
    "published": Verdict(Outcome.PASSED),
    "published with a warning": Verdict(Outcome.PASSED, "warned"),
    "held: wrong data": Verdict(Outcome.FAILED, "invalid"),
    "held: personal data": Verdict(Outcome.HELD, "personal-data"),
    "error: web page": Verdict(Outcome.ERROR, "html-page"),
    "error: wrong format": Verdict(Outcome.ERROR, "format-mismatch"),
    "error: Git LFS pointer": Verdict(Outcome.ERROR, "lfs-pointer"),
    "error: missing": Verdict(Outcome.ERROR, "file-gone"),
}
REAL = {
    "council/files/brownfield-neighbour.csv": "tests/data/resource_examples/csv.csv",
    "harbour/files/sustainable-fisheries.csv": "ckanext/qa/tests/data/9_sus_fisheries_201003.csv",
}


@dataclass
class Running:
    """The city behind real HTTP, and a folder to stage its files in."""

    city: City
    port: int
    folder: Path

    def get(self, path: str, method: str = "GET", **options: Any) -> requests.Response:
        address = f"http://127.0.0.1:{self.port}{path}"
        return requests.request(method, address, timeout=30, allow_redirects=False, **options)

    def index(self, publisher: str) -> list[dict[str, str]]:
        return list(csv.DictReader(self.get(f"/{publisher}/index.csv").content.decode().splitlines()))

    def recipes(self) -> list[Recipe]:
        return [read(text, kinds=kinds(), schemas=names()) for text in recipes(self.port)]

    def refs(self, recipe: Recipe) -> dict[str, Ref]:
        source = make(recipe, Http([f"127.0.0.1:{self.port}"]))
        return {f"{recipe.name}/{ref.remote_id}": ref for ref in source.gather()}

    def through_the_gate(self, checker: Checker, *wanted: str) -> dict[str, Passage]:
        passages = {}
        for recipe in self.recipes():
            if recipe.name in wanted:
                source = make(recipe, Http([f"127.0.0.1:{self.port}"]))
                for name, ref in self.refs(recipe).items():
                    candidate = stage_record(source.fetch(ref, None), recipe, self)
                    verdict, results = check_candidate(candidate, recipe, self, checker.check, shipped)
                    passages[name] = Passage(recipe, candidate, verdict, results)
        return passages

    def put(self, chunks: Any) -> Kept:
        staged = receive(chunks, self.folder, 10_000_000)
        return Kept(staged.sha256, staged.size)

    def path(self, sha256: str) -> str:
        return str(self.folder / sha256)

    def digest(self, sha256: str) -> str:
        return hashlib.sha256(Path(self.path(sha256)).read_bytes()).hexdigest()


@dataclass
class Passage:
    """One record's way through the gate."""

    recipe: Recipe
    candidate: Candidate
    verdict: Verdict
    results: tuple[CheckResult, ...]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    city = City(clock=lambda: NOW)
    with make_server(0, city=city) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Running(city, server.server_port, tmp_path_factory.mktemp("stage"))
        server.shutdown()


@pytest.fixture
def city(running: Running) -> Iterator[Running]:
    """The city on day 1; a test may change that."""
    running.city.day = 1
    yield running
    running.city.day = 1


@pytest.fixture(scope="module")
def day_1(running: Running, checker: Checker) -> dict[str, Passage]:
    running.city.day = 1
    return running.through_the_gate(checker, "aberfal-council", "aberfal-sensors", "harbour-trust", "llanwern-fach")


@pytest.fixture(scope="module")
def day_2(running: Running, day_1: dict[str, Passage], checker: Checker) -> dict[str, Passage]:
    """Only the council changes: what the others serve is not different on day 2."""
    running.city.day = 2
    council = running.through_the_gate(checker, "aberfal-council")
    running.city.day = 1
    return {name: passage for name, passage in day_1.items() if passage.recipe.name != "aberfal-council"} | council


def table(first: str) -> list[dict[str, str]]:
    """The README's table whose first column has that name."""
    lines = iter((DEMO / "README.md").read_text("utf-8").splitlines())
    header = next(line for line in lines if line.startswith(f"| {first} |"))
    next(lines)
    keys = [cell.strip() for cell in header.strip("|").split("|")]
    rows = []
    for line in lines:
        if not line.startswith("|"):
            break
        rows.append(dict(zip(keys, (cell.strip() for cell in line.removeprefix("|").split("|")), strict=False)))
    return rows


def claimed(day: int) -> dict[str, Verdict]:
    found = {row["Dataset"]: row[f"Day {day}"] for row in table("Dataset")}
    return {name: CLAIMS[claim] for name, claim in found.items() if claim != "not listed"}


def served_files() -> list[Path]:
    folders = [DEMO / name for name in (*PUBLISHERS, "day2")]
    return sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("day", [1, 2])
def test_every_file_that_an_index_names_is_served_except_the_one_that_is_missing_on_purpose(
    city: Running, day: int
) -> None:
    city.city.day = day
    missing = []
    for publisher in PUBLISHERS:
        for row in city.index(publisher):
            answer = city.get(f"/{publisher}/{row['file']}")
            if answer.status_code != 200:
                missing.append(row["id"])
                continue
            assert answer.headers["ETag"]
            assert answer.headers["Last-Modified"]
            assert answer.content
    assert missing == ["grit-bins"]


def test_on_day_1_the_gate_says_of_every_dataset_what_the_readme_claims(day_1: dict[str, Passage]) -> None:
    assert {name: passage.verdict for name, passage in day_1.items()} == claimed(1)


def test_on_day_2_the_gate_says_of_every_dataset_what_the_readme_claims(day_2: dict[str, Passage]) -> None:
    assert {name: passage.verdict for name, passage in day_2.items()} == claimed(2)


@pytest.mark.parametrize("day", [1, 2])
def test_every_kind_of_outcome_occurs_on_each_day(day: int) -> None:
    assert set(claimed(day).values()) == set(CLAIMS.values())


def test_the_held_files_have_several_different_faults(day_1: dict[str, Passage]) -> None:
    rules = {
        name: set(result.stats["rules"])
        for name, passage in day_1.items()
        if passage.verdict.outcome is Outcome.FAILED
        for result in passage.results
        if result.stats.get("errors")
    }
    assert len(rules) >= 6
    assert set().union(*rules.values()) >= {
        "type-error",
        "constraint-error",
        "unique-error",
        "blank-row",
        "extra-cell",
    }


def test_every_shipped_schema_has_a_published_dataset_that_keeps_to_it(day_1: dict[str, Passage]) -> None:
    kept = {
        file.schema_name
        for passage in day_1.values()
        if passage.verdict == CLAIMS["published"]
        for file in passage.candidate.files
    }
    assert kept == {*names(), ""}, "and some without any schema"


def test_licences_are_stated_missing_and_open_without_being_the_ogl(day_1: dict[str, Passage]) -> None:
    published = [passage for passage in day_1.values() if passage.verdict == CLAIMS["published"]]
    licences = {p.candidate.remote_id: p.candidate.metadata.get("license") or p.recipe.licence for p in published}
    assert licences["moorings"] == ""
    assert {recognise(licence) for licence in licences.values()} == {"", "OGL-UK-3.0", "CC-BY-4.0"}
    assert "CC-BY-4.0" in load("licences")["open"]


def test_one_published_dataset_is_promised_for_every_day_but_months_old(day_1: dict[str, Passage]) -> None:
    ships = day_1["harbour-trust/ship-movements"]
    assert ships.candidate.metadata["accrualPeriodicity"] == "DAILY"
    assert ships.results[0].newest
    assert ships.results[0].newest < "2026-06"


def test_a_second_harvest_on_the_same_day_finds_every_record_unchanged(city: Running) -> None:
    for recipe in city.recipes():
        first, second = city.refs(recipe), city.refs(recipe)
        assert first == second
        unversioned = [name for name, ref in first.items() if ref.version is None]
        assert unversioned == (["aberfal-council/grit-bins"] if recipe.name == "aberfal-council" else [])


def test_on_day_2_three_datasets_changed_one_is_new_and_one_is_gone(city: Running) -> None:
    council = next(recipe for recipe in city.recipes() if recipe.name == "aberfal-council")
    before = city.refs(council)
    city.city.day = 2
    after = city.refs(council)
    assert set(after) - set(before) == {"aberfal-council/bus-shelters"}
    assert set(before) - set(after) == {"aberfal-council/recycling-sites"}
    changed = {name.partition("/")[2] for name in set(before) & set(after) if before[name] != after[name]}
    assert changed == {"public-toilets", "trees", "purchase-cards"}


def test_personal_data_is_well_formed_and_belongs_to_nobody() -> None:
    contents = [path.read_bytes() for path in served_files()]
    whole = "\n".join(text.decode("utf-8", "replace") for text in contents if not text.startswith(b"%PDF"))
    addresses = re.findall(r"[\w.+'-]+@([\w.-]+)", whole)
    phones = re.findall(r"(?<![\w.])(?:\+44|0)(?: ?\d){9,10}(?!\w)", whole)
    insurance = [match.group() for match in ni_number.SHAPE.finditer(whole)]
    health = [match for match in re.findall(r"\b\d{3} \d{3} \d{4}\b", whole) if nhs.is_valid(match)]
    assert len(addresses) > 60
    assert all(domain == "example.org" or domain.endswith(".example") for domain in addresses)
    assert len(phones) > 60
    assert all(re.fullmatch(r"029 2018 0\d{3}", phone) for phone in phones), "Ofcom's numbers for drama, Cardiff"
    assert len(insurance) > 20
    assert all(number.startswith("NC ") for number in insurance), "an administrative prefix (HMRC NIM39110)"
    assert len(health) > 20
    assert all(number.startswith("999 ") for number in health), "the range for tests"


def test_the_readme_lists_every_file_with_its_origin_and_licence() -> None:
    listed = table("File")
    assert [row["File"] for row in listed] == [path.relative_to(DEMO).as_posix() for path in served_files()]
    assert all(row["Origin"] and row["Licence"] for row in listed)
    assert {row["File"] for row in listed if row["Origin"] != "made for this project"} == set(REAL)


def test_the_real_files_are_byte_for_byte_the_ones_named_as_their_origin(cases: Path) -> None:
    with (cases / "INDEX.tsv").open(encoding="utf-8", newline="") as lines:
        known = {row["source path"]: row["sha256"] for row in csv.DictReader(lines, delimiter="\t")}
    for ours, theirs in REAL.items():
        assert hashlib.sha256((DEMO / ours).read_bytes()).hexdigest() == known[theirs]


def test_recipes_name_the_port_that_the_server_really_listens_on(city: Running) -> None:
    assert len(city.recipes()) == 4
    for recipe in city.recipes():
        assert recipe.address.startswith(f"http://127.0.0.1:{city.port}/")
        assert city.refs(recipe)


def test_an_unchanged_file_is_not_sent_twice(city: Running) -> None:
    first = city.get("/council/files/trees.csv")
    again = city.get("/council/files/trees.csv", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    city.city.day = 2
    changed = city.get("/council/files/trees.csv", headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != first.headers["ETag"]


def test_asking_for_the_head_alone_sends_no_body(city: Running) -> None:
    head = city.get("/council/files/trees.csv", "HEAD")
    assert head.content == b""
    assert int(head.headers["Content-Length"]) == (DEMO / "council/files/trees.csv").stat().st_size


@pytest.mark.parametrize(
    "path", ["/council/../serve.py", "/serve.py", "/README.md", "/day2/council/index.csv", "/%2e%2e/"]
)
def test_nothing_but_the_publishers_files_is_served(city: Running, path: str) -> None:
    request = requests.Request("GET", f"http://127.0.0.1:{city.port}/").prepare()
    request.url = f"http://127.0.0.1:{city.port}{path}"  # as it stands: the library would tidy the dots away
    with requests.Session() as session:
        assert session.send(request, timeout=30).status_code == 404


def test_the_citys_own_page_turns_the_day_and_says_that_all_is_invented(city: Running) -> None:
    page = city.get("/").text
    assert "invented" in page
    assert "It is day 1" in page
    answer = city.get("/day", "POST", data={"day": "2"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert "It is day 2" in city.get("/").text
    city.get("/day", "POST", data={"day": "7"})
    assert city.city.day == 2
    assert city.get("/", "DELETE").status_code == 405


def test_a_port_that_is_taken_ends_in_one_clear_sentence(city: Running) -> None:
    with pytest.raises(Fatal, match=f"cannot be served on port {city.port}.*Choose another"):
        make_server(city.port)


@settings(max_examples=3, deadline=None)
@given(now=st.datetimes(datetime(2025, 1, 1), datetime(2035, 12, 31)).map(lambda naive: naive.replace(tzinfo=UTC)))
def test_readings_reach_from_last_month_to_the_last_full_hour_in_order_and_once_each(now: datetime) -> None:
    for thing in things(now):
        for stream in thing["Datastreams"]:
            starts = [reading["phenomenonTime"].split("/")[0] for reading in stream["Observations"]]
            assert starts == sorted(set(starts))
            assert datetime.fromisoformat(starts[0]).month == (now.replace(day=1) - timedelta(days=1)).month
            assert datetime.fromisoformat(starts[-1]) <= now - timedelta(hours=1)


def test_readings_of_the_past_stay_as_they_are() -> None:
    for before, after in zip(things(NOW), things(NOW + timedelta(hours=5)), strict=True):
        for old, new in zip(before["Datastreams"], after["Datastreams"], strict=True):
            assert new["Observations"][: len(old["Observations"])] == old["Observations"]
            assert len(new["Observations"]) >= len(old["Observations"])


def test_a_month_of_readings_has_gaps_and_the_shape_of_a_day() -> None:
    thing = things(NOW)[0]
    february = [r for r in thing["Datastreams"][0]["Observations"] if r["phenomenonTime"].startswith("2026-02")]
    assert 600 < len(february) < 28 * 24
    by_hour: dict[str, list[float]] = {}
    for reading in february:
        by_hour.setdefault(reading["phenomenonTime"][11:13], []).append(reading["result"])
    means = {hour: sum(values) / len(values) for hour, values in by_hour.items()}
    assert means["08"] > 2 * means["03"]
    assert means["17"] > 2 * means["03"]
