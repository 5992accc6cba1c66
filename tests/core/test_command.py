from __future__ import annotations

import json
from pathlib import Path

import pytest

from ckanext.digitalcity.command import main
from ckanext.digitalcity.core.shipped import names

GOOD = "id,name\n1,Oak\n2,Ash\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (GOOD, 0, "PASSED data.csv"),
        ("id,name\n1,Oak,9\n", 1, "A cell too many"),
        ("id,email\n1,jo.bloggs@example.org\n", 1, "The file may hold personal data"),
        ("<html><body>404</body></html>", 2, "A web page came instead of the data"),
    ],
)
def test_the_exit_code_and_the_words_say_how_the_file_ended(
    content: str, code: int, words: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "data.csv").write_text(content)
    assert main(["check", "data.csv"]) == code
    assert words in capsys.readouterr().out


def test_a_schema_of_ones_own_is_used(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "data.csv").write_text(GOOD)
    (folder / "mine.json").write_text('{"fields": [{"name": "id", "type": "integer"}, {"name": "kind"}]}')
    assert main(["check", "data.csv", "--schema", "mine.json"]) == 1
    assert "A column with another name" in capsys.readouterr().out


def test_the_faults_of_a_schema_of_ones_own_are_listed_and_mended_on_request(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "two.csv").write_text("id,kind\n1,oak\n")
    fields = [{"name": "id", "required": True}, {"name": "kind", "required": True}]
    (folder / "broken.json").write_text(json.dumps({"fields": fields}))
    order = ["check", str(folder / "two.csv"), "--schema", str(folder / "broken.json")]
    assert main(order) == 2
    said = " ".join(capsys.readouterr().out.split())
    assert "2 errors" in said
    assert "kind" in said
    assert main([*order, "--repair-schema"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "Mended in the schema: Field 2 (“kind”): “required” was moved into “constraints”." in said


def test_a_shipped_schema_is_used_by_its_name(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = names()[0]
    (folder / "data.csv").write_text(GOOD)
    assert main(["check", "data.csv", "--schema", name]) == 1
    assert f"schema: {name}" in capsys.readouterr().out


def test_markup_in_a_name_is_shown_and_not_obeyed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "[red]x.csv").write_text("id,[bold]n[/]\n1\n")
    assert main(["check", "[red]x.csv"]) == 1
    out = capsys.readouterr().out
    assert "[red]x.csv" in out
    assert "[bold]n[/]" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["check", "gone.csv"], "There is no file 'gone.csv'."),
        (
            ["check", "data.csv", "--schema", "no-such"],
            "There is no Table Schema called 'no-such', nor a file of that name. Choose one of: air-quality",
        ),
        (["check", "data.csv", "--schema", "data.csv"], "'data.csv' is not JSON."),
        (["check", "data.csv", "--schema", "tree"], "Did you mean trees?"),
        (["check", "data.csv", "--schema", "list.json"], "'list.json' is no Table Schema."),
        (["check", "folder"], "'folder' is a folder, not a file."),
        (["check", "ftp://example.org/x.csv"], "Only addresses that begin with http:// or https://"),
        (["check", "http://[::1/x.csv"], "Correct the address."),
        (["check", "data.csv", "--json", "folder"], "The report cannot be written to 'folder': it is a folder."),
        (["check", "data.csv", "--json", "none/out.json"], "there is no such folder. Make the folder first."),
        (["recipe", "check", "gone.yaml"], "There is no file 'gone.yaml'."),
        (["recipe", "check", "data.csv"], "data.csv"),
    ],
)
def test_what_cannot_be_done_is_said_with_a_hint(
    arguments: list[str], words: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "data.csv").write_text(GOOD)
    (folder / "list.json").write_text("[]")
    (folder / "folder").mkdir()
    assert main(arguments) == 2
    assert words in " ".join(capsys.readouterr().err.split())


def test_the_shipped_schemas_are_listed_and_shown(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schemas"]) == 0
    listed = capsys.readouterr().out
    assert names()
    for name in names():
        assert name in listed
        assert main(["schemas", name]) == 0
        assert "What it holds" in capsys.readouterr().out


def test_a_good_recipe_is_called_good(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "good.yaml").write_text(
        "name: anytown-trees\ntitle: Trees of Anytown\nkind: csv-index\n"
        "address: https://data.example.org/index.csv\norganisation: anytown\n"
    )
    assert main(["recipe", "check", "good.yaml"]) == 0
    assert "anytown-trees" in capsys.readouterr().out
