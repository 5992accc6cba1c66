"""``digitalcity check``: what it reads, what it writes, and that it needs no portal."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from frictionless import Report
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from ckanext.digitalcity.command import main

GOOD = "id,name\n1,Oak\n2,Ash\n"
SECRET = "sam.jones@example.org"
BAD = f"id,email\n1,{SECRET}\n2,kim@example.org,9\n"
MANY = {
    "fields": [
        {"name": "id", "type": "integer", "constraints": {"maximum": 5, "unique": True}},
        {"name": "other", "constraints": {"enum": ["a"]}},
        {"name": "more"},
        {"name": "n", "type": "integer"},
        {"name": "gone", "constraints": {"required": True}},
    ],
    "primaryKey": ["id"],
}
BLOCKED = (
    "import sys\n"
    "for name in ('ckan', 'flask', 'sqlalchemy', 'redis', 'rq'): sys.modules[name] = None\n"
    "from ckanext.digitalcity.command import main\n"
    "sys.exit(main(sys.argv[1:]))\n"
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    (tmp_path / "good.csv").write_text(GOOD)
    (tmp_path / "bad.csv").write_text(BAD)
    (tmp_path / "many.csv").write_text("id,id,,n\n1,a,,2\n2,b,,x\n\n1,c,,3,4\n7\n")
    (tmp_path / "many.json").write_text(json.dumps(MANY))
    (tmp_path / "page.csv").write_text("<!DOCTYPE html><html><body>Sorry</body></html>")
    return tmp_path


def as_json(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    code = main(["check", *arguments, "--json", "-"])
    out = capsys.readouterr().out
    assert SECRET not in out or "--reference" in arguments
    return code, json.loads(out)


@pytest.mark.parametrize(("file", "ended"), [("good.csv", 0), ("bad.csv", 1), ("page.csv", 2)])
def test_it_works_where_neither_ckan_nor_a_service_is_installed(file: str, ended: int, folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", BLOCKED, "check", file], cwd=folder, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (ended, "")  # no progress is shown where nobody is watching
    assert file in done.stdout
    assert SECRET not in done.stdout


@pytest.mark.parametrize("file", ["good.csv", "bad.csv", "page.csv"])
def test_the_json_is_a_report_that_frictionless_reads_with_what_is_ours_under_one_key(
    file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    _, report = as_json(capsys, file)
    ours = report.pop("digitalcity")
    assert {"outcome", "reason", "findings", "beyond", "detected", "stats"} <= set(ours)
    assert set(report) == {"valid", "stats", "warnings", "errors", "tasks"}
    read = Report.from_descriptor(report)
    assert read.valid is (file == "good.csv")
    assert [task.place for task in read.tasks] == ([] if file == "page.csv" else [file])


def test_frictionless_reads_errors_of_every_kind_back(capsys: pytest.CaptureFixture[str]) -> None:
    code, report = as_json(capsys, "many.csv", "--schema", "many.json")
    report.pop("digitalcity")
    read = Report.from_descriptor(report)
    kinds = {error.type for error in read.tasks[0].errors}
    assert code == 1
    assert {"type-error", "constraint-error", "blank-row", "extra-cell", "missing-cell", "missing-label"} <= kinds


def test_frictionless_alone_and_the_gate_agree_on_rows_columns_and_types(capsys: pytest.CaptureFixture[str]) -> None:
    def places(report: dict[str, Any]) -> list[tuple[Any, ...]]:
        errors = report["tasks"][0]["errors"]
        return [(error["type"], error.get("rowNumber"), error.get("fieldNumber")) for error in errors]

    code, ours = as_json(capsys, "bad.csv")
    same, theirs = as_json(capsys, "bad.csv", "--reference")
    assert code == same == 1
    assert places(ours) == places(theirs) != []
    assert "digitalcity" not in theirs


@pytest.mark.parametrize(("file", "ended"), [("good.csv", 0), ("bad.csv", 1), ("noise.pdf", 2)])
def test_frictionless_alone_ends_with_the_same_codes(
    file: str, ended: int, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "noise.pdf").write_bytes(b"%PDF-1.7\n")
    assert main(["check", file, "--reference"]) == ended
    assert "valid" in capsys.readouterr().out.lower()


def test_frictionless_alone_applies_rules_of_version_2_as_the_gate_does(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    version = {"$schema": "https://datapackage.org/profiles/2.0/tableschema.json"}
    field = {"name": "n", "type": "integer", "constraints": {"exclusiveMaximum": 5}}
    (folder / "two.json").write_text(json.dumps(version | {"fields": [field]}))
    (folder / "five.csv").write_text("n\n4\n5\n")
    for extra in ((), ("--reference",)):
        code, report = as_json(capsys, "five.csv", "--schema", "two.json", *extra)
        assert (code, [error["type"] for error in report["tasks"][0]["errors"]]) == (1, ["constraint-error"])


def test_frictionless_alone_refuses_a_broken_schema_in_words(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "broken.json").write_text('{"fields": [{"name": "id", "type": "no-such"}]}')
    assert main(["check", "good.csv", "--reference", "--schema", "broken.json"]) == 2
    assert "no-such" in capsys.readouterr().err


def test_personal_data_alone_is_valid_to_frictionless_and_held_by_us(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "people.csv").write_text(f"id,email\n1,{SECRET}\n2,kim.p@example.net\n")
    code, report = as_json(capsys, "people.csv")
    assert code == 1
    assert report["valid"] is True
    assert (report["digitalcity"]["outcome"], report["digitalcity"]["reason"]) == ("held", "personal-data")


def test_a_report_goes_into_a_file_beside_the_words_on_the_terminal(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "good.csv", "--json", "out.json"]) == 0
    assert "PASSED good.csv" in capsys.readouterr().out
    assert json.loads((folder / "out.json").read_text())["tasks"][0]["stats"]["rows"] == 2


def test_an_address_on_this_machine_is_read_only_if_that_is_allowed(
    httpserver: HTTPServer, capsys: pytest.CaptureFixture[str]
) -> None:
    httpserver.expect_request("/trees.csv").respond_with_data(GOOD)
    address = httpserver.url_for("/trees.csv?key=hush-hush")
    assert main(["check", address]) == 2
    assert "Traceback" not in capsys.readouterr().err
    assert httpserver.log == []
    code, report = as_json(capsys, address, "--allow-loopback")
    assert code == 0
    assert report["tasks"][0]["place"].endswith("/trees.csv")
    assert "hush" not in json.dumps(report)


def test_an_address_that_has_no_file_ends_with_2_and_says_so(
    httpserver: HTTPServer, capsys: pytest.CaptureFixture[str]
) -> None:
    def gone(_: Request) -> Response:
        return Response("no", 404)

    httpserver.expect_request("/gone.csv").respond_with_handler(gone)
    assert main(["check", httpserver.url_for("/gone.csv"), "--allow-loopback"]) == 2
    assert "There is nothing at" in " ".join(capsys.readouterr().err.split())


def test_the_standard_input_is_a_file_too(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(GOOD.encode())))
    assert main(["check", "-"]) == 0
    assert "standard input" in capsys.readouterr().out


def test_no_name_in_a_file_steers_the_terminal(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "evil.csv").write_bytes(b"id,\x1b[2Jname,more\n1,Oak,x,9\n2,Ash,y\n3,Elm\n")
    for arguments in ([], ["--reference"]):
        assert main(["check", "evil.csv", *arguments]) == 1
        assert "\x1b" not in capsys.readouterr().out


def test_the_help_says_what_the_exit_codes_mean(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["check", "--help"])
    assert ended.value.code == 0
    said = " ".join(capsys.readouterr().out.split())
    for words in ("0 passed", "1 failed, or held", "2 it could not be checked", "quotes values from the file"):
        assert words in said


def test_the_terminal_speaks_welsh_where_that_is_its_language(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "cy_GB.UTF-8")
    assert main(["check", "bad.csv"]) == 1
    said = " ".join(capsys.readouterr().out.split())
    for words in ("WEDI’I DDAL YN ÔL bad.csv", "2 o resi", "Beth i’w wneud", "Data personol"):
        assert words in said
    for words in ("HELD", "rows", "What to do", "Personal data"):
        assert words not in said
    monkeypatch.setenv("LANG", "fr_FR.UTF-8")
    assert main(["check", "bad.csv"]) == 1
    assert "HELD bad.csv" in capsys.readouterr().out


def test_the_terminal_says_where_a_table_is_odd(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "trees.csv").write_text("name,place\nOak,Park\nname,place\nAsh,Pa\0rk\n" + "Elm,Park\n" * 30)
    assert main(["check", "trees.csv"]) == 1
    said = capsys.readouterr().out
    assert "Rows that are the header again: 3" in said
    assert "NUL characters, and the line of the first: 1, 4" in said
