"""How much faster the gate's screen is than Frictionless alone, measured side by side in one run.

    python bench/validate.py [--quick] [--full] [--json FILE]

Each measurement is a process of its own. ``--quick`` uses smaller files and times Frictionless on a slice of each,
scaled to the whole; ``--full`` adds the 5 GB file.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

Json = dict[str, Any]
DIALECT = {"csv": {"delimiter": ",", "quoteChar": '"'}}
SENSOR: Json = {
    "fields": [
        {"name": "id", "type": "string", "constraints": {"required": True, "unique": True, "pattern": "obs-[0-9]{9}"}},
        {"name": "station", "type": "string", "constraints": {"required": True, "pattern": "^ST\\d{4}$"}},
        {"name": "time", "type": "datetime", "constraints": {"required": True}},
        {"name": "kind", "type": "string", "constraints": {"enum": ["no2", "pm10", "pm25", "o3"]}},
        {"name": "value", "type": "number", "constraints": {"minimum": -50, "maximum": 500}},
        {"name": "humidity", "type": "integer", "constraints": {"minimum": 0, "maximum": 100}},
        {"name": "count", "type": "integer", "constraints": {"minimum": 0}},
        {"name": "valid", "type": "boolean"},
        {"name": "note", "type": "string"},
    ]
}
COUNCIL: Json = {
    "fields": [
        {"name": f"c{n}", "type": ("string", "integer", "date", "number", "string", "boolean")[n % 6]}
        for n in range(60)
    ]
}


def write_sensor(path: Path, rows: int, bad: float, mixed: bool = False) -> None:
    """Observations of one city, one every seven seconds; a share of them with a value that is no number.

    Args:
        mixed: their numbers come in any order.
    """
    dice = random.Random(7)
    start = datetime(2024, 1, 1, tzinfo=UTC)
    numbers = random.Random(6).sample(range(rows), rows) if mixed else range(rows)
    with path.open("w") as file:
        file.write(",".join(field["name"] for field in SENSOR["fields"]) + "\n")
        for row in range(rows):
            moment = (start + timedelta(seconds=7 * row)).isoformat()[:19] + "Z"
            value = "n/k" if dice.random() < bad else f"{dice.gauss(40, 12):.2f}"
            kind = dice.choice(("no2", "pm10", "pm25", "o3"))
            rest = f"{dice.randrange(101)},{dice.randrange(5000)},{dice.choice(('true', 'false'))}"
            note = dice.choice(("", "", "calm", "windy"))
            file.write(f"obs-{numbers[row]:09},ST{dice.randrange(400):04},{moment},{kind},{value},{rest},{note}\n")


def write_council(path: Path, rows: int, bad: float) -> None:
    """Sixty columns of a council: text with commas, quotes and line breaks between numbers and dates."""
    dice = random.Random(8)
    texts = ["Parks", "Highways, drains", 'The "old" depot', "Floor 1\nRoom 2", "", "Neuadd y Ddinas, Caerdydd"]
    with path.open("w") as file:
        file.write(",".join(field["name"] for field in COUNCIL["fields"]) + "\n")
        for _ in range(rows):
            cells = []
            for _ in range(10):
                text = dice.choice(texts).replace('"', '""')
                day = f"{dice.randrange(2000, 2025)}-{dice.randrange(1, 13):02}-{dice.randrange(1, 29):02}"
                cells += [f'"{text}"', str(dice.randrange(10**6)), day, f"{dice.random() * 1e4:.2f}"]
                cells += [f"REF{dice.randrange(10**5)}", dice.choice(("true", "false"))]
            file.write(",".join(cells) + "\n")


def write_workbook(path: Path, rows: int) -> None:
    """The same observations as a spreadsheet writes them: numbers, truths and moments are values, texts are shared."""
    from openpyxl import Workbook

    dice = random.Random(9)
    start = datetime(2024, 1, 1)
    book = Workbook()
    sheet = book.active
    sheet.append([field["name"] for field in SENSOR["fields"]])
    for row in range(rows):
        moment = start + timedelta(minutes=7 * row)
        facts = [f"obs-{row:09}", f"ST{dice.randrange(400):04}", moment, dice.choice(("no2", "pm10", "pm25", "o3"))]
        numbers = [round(dice.gauss(40, 12), 2), dice.randrange(101), dice.randrange(5000)]
        sheet.append([*facts, *numbers, dice.choice((True, False)), dice.choice((None, "calm", "windy"))])
    book.save(path)


def ours(path: str, schema: Json) -> Json:
    """The gate's report, warmed up, so that loading Polars is not counted."""
    from ckanext.digitalcity.core.validate.fast import validate
    from ckanext.digitalcity.core.validate.fast.engine import Options

    with tempfile.TemporaryDirectory() as folder:
        warm = Path(folder) / "warm.csv"
        warm.write_text("a\n1\n")
        validate(str(warm), schema=None, options=Options(small=0))
    return unwarmed(path, schema)


def unwarmed(path: str, schema: Json) -> Json:
    """The gate's report, with all that has to be loaded for it."""
    from ckanext.digitalcity.core.validate.fast import validate

    return _timed(lambda: validate(path, schema=schema, limit_errors=0, **_reading(path)))


def gate(path: str, schema: Json) -> Json:
    """All that the gate does: detect, validate, screen for personal data, find the newest date, in a limited child."""
    from ckanext.digitalcity.core.check import check_file

    def run() -> Json:
        result = check_file(path, schema=schema, schema_origin="recipe")
        return {"stats": {"errors": result.stats["errors"]}, "tasks": [{"stats": result.stats}]}

    return _timed(run)


def frictionless(path: str, schema: Json) -> Json:
    """Frictionless's own report."""
    from frictionless import Dialect, Resource, Schema

    def run() -> Json:
        folder, name = os.path.split(path)
        known = _reading(path)
        known["format"] = known.pop("file_format")
        table = Resource(
            path=name,
            basepath=folder,
            schema=Schema.from_descriptor(schema),
            **{**known, "dialect": Dialect.from_descriptor(known["dialect"])},
        )
        report: Json = table.validate(limit_errors=0).to_descriptor()
        return report

    return _timed(run)


def polars_scan(path: str, schema: Json) -> Json:
    """A bare typed scan: the least that any check of the types has to do."""
    import polars as pl

    types = {"integer": pl.Int64, "number": pl.Float64, "boolean": pl.Boolean}
    columns = {field["name"]: types.get(field["type"], pl.String) for field in schema["fields"]}
    moments = [
        pl.col(f["name"]).str.to_datetime("%Y-%m-%dT%H:%M:%SZ") for f in schema["fields"] if f["type"] == "datetime"
    ]
    pl.DataFrame({"warm": [1]}).lazy().select("warm").collect()

    def run() -> Json:
        frame = pl.scan_csv(path, schema=columns).with_columns(moments).collect()
        return {"stats": {"errors": 0}, "tasks": [{"stats": {"rows": frame.height}}]}

    return _timed(run)


def _reading(path: str) -> Json:
    """How the file is to be read, stated alike for both."""
    if path.endswith(".xlsx"):
        return {"file_format": "xlsx", "dialect": {}}
    return {"file_format": "csv", "dialect": DIALECT, "encoding": "utf-8"}


def _timed(run: Callable[[], Json]) -> Json:
    start, used = time.perf_counter(), time.process_time()
    report = run()
    seconds, cpu = time.perf_counter() - start, time.process_time() - used
    facts = {"rows": report["tasks"][0]["stats"]["rows"], "errors": report["stats"]["errors"]}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "cpu": cpu, "peak_mb": round(peak), **facts}


PARTS = {"ours": ours, "gate": gate, "unwarmed": unwarmed, "frictionless": frictionless, "polars": polars_scan}
SCHEMAS = {"sensor": SENSOR, "council": COUNCIL}


def child(part: str, path: Path, schema: str) -> Json:
    """Runs one measurement in a process of its own; ``whole`` is its time from start to end."""
    start = time.perf_counter()
    command = [sys.executable, __file__, "--part", part, "--file", str(path), "--schema", schema]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    facts: Json = json.loads(out)
    return {**facts, "whole": time.perf_counter() - start}


def slice_of(path: Path, rows: int, whole: int) -> Path:
    """The first rows of a file as another file, if that is shorter. Only for files without line breaks in cells."""
    if rows >= whole:
        return path
    part = path.with_name(f"slice-{rows}-{path.name}")
    with path.open() as source, part.open("w") as target:
        for _ in range(rows + 1):
            target.write(source.readline())
    return part


def compare(
    name: str, path: Path, schema: str, rows: int, peer_rows: int, target: float | None, peer: str = "frictionless"
) -> Json:
    """One case: ours three times, the peer in between; the best of each. Without a target it is only told."""
    part = slice_of(path, peer_rows, rows) if path.suffix == ".csv" and schema == "sensor" else path
    mine = [child("ours", path, schema)]
    theirs = [child(peer, part, schema) for _ in range(3 if peer == "polars" else 1)]
    mine += [child("ours", path, schema) for _ in range(2)]
    scale = rows / peer_rows
    our, their = min(run["seconds"] for run in mine), min(run["seconds"] for run in theirs) * scale
    if (
        scale == 1
        and peer == "frictionless"
        and (mine[0]["rows"], mine[0]["errors"]) != (theirs[0]["rows"], theirs[0]["errors"])
    ):
        raise SystemExit(f"{name}: the two reports differ")
    ratio = our / their if peer == "polars" else their / our
    met = None if target is None else ratio <= target if peer == "polars" else ratio >= target
    our_cpu, their_cpu = min(run["cpu"] for run in mine), min(run["cpu"] for run in theirs) * scale
    return {
        "name": name,
        "ours_s": round(our, 3),
        "peer": peer if scale == 1 else f"{peer}, {peer_rows} rows scaled",
        "peer_s": round(their, 3),
        "ratio": round(ratio, 2),
        "target": target,
        "met": met,
        "peak_mb": max(run["peak_mb"] for run in mine),
        "cpu_ratio": round(our_cpu / their_cpu if peer == "polars" else their_cpu / our_cpu, 2),
        "rows": rows,
        "errors": mine[0]["errors"],
    }


def whole_gate(path: Path, case: Json) -> Json:
    """The first case again, with everything that the gate does besides validating. Peer: Frictionless's validation."""
    run = child("gate", path, "sensor")
    told = {"name": "whole gate, screened too", "ours_s": round(run["seconds"], 3), "target": None, "met": None}
    return {**case, **told, "ratio": round(case["peer_s"] / run["seconds"], 2), "cpu_ratio": None, "peak_mb": None}


def whole_process(path: Path) -> Json:
    """Start of Python included, on a file of 1,000 rows."""
    our = min(child("unwarmed", path, "sensor")["whole"] for _ in range(3))
    their = min(child("frictionless", path, "sensor")["whole"] for _ in range(3))
    ratio = their / our
    return {
        "name": "whole process, 1,000 rows",
        "ours_s": round(our, 3),
        "peer": "frictionless",
        "peer_s": round(their, 3),
        "ratio": round(ratio, 2),
        "target": 1.0,
        "met": ratio >= 0.95,  # the same work: nothing is screened
        "peak_mb": child("unwarmed", path, "sensor")["peak_mb"],
    }


def huge(folder: Path) -> Json:
    """5 GB: peak memory, with the unique key taken out, which alone needs 8 bytes a row; time and CPU for each byte."""
    rows = 1_000_000
    block = folder / "block.csv"
    write_sensor(block, rows, 0)
    path = folder / "huge.csv"
    body = block.read_bytes().split(b"\n", 1)
    with path.open("wb") as file:
        file.write(body[0] + b"\n")
        while file.tell() < 5e9:
            file.write(body[1])
    run = child("ours", path, "nokey")
    small = [child("ours", block, "nokey") for _ in range(3)]
    times = path.stat().st_size / block.stat().st_size
    seconds, cpu = (min(other[what] for other in small) for what in ("seconds", "cpu"))
    per_byte = run["seconds"] / times / seconds
    return {
        "name": "5 GB sensor CSV, MB at peak; peer: ours on 70 MB, per byte",
        "ours_s": round(run["seconds"], 1),
        "peer": "ours",
        "peer_s": round(seconds, 3),
        "ratio": round(per_byte, 2),
        "cpu_ratio": round(run["cpu"] / times / cpu, 2),
        "target": 500,
        "met": run["peak_mb"] <= 500 and per_byte < 1.3,
        "peak_mb": run["peak_mb"],
    }


def main() -> None:
    """Measures every case, prints a table, writes JSON if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--full", action="store_true")
    for hidden in ("--part", "--file", "--schema"):
        parser.add_argument(hidden, help=argparse.SUPPRESS)
    args = parser.parse_args()
    SCHEMAS["nokey"] = json.loads(json.dumps(SENSOR))
    del SCHEMAS["nokey"]["fields"][0]["constraints"]["unique"]
    if args.part:
        print(json.dumps(PARTS[args.part](args.file, SCHEMAS[args.schema])))
        return
    rows, peer_rows, wide = (1_000_000, 20_000, 10_000) if args.quick else (1_000_000, 1_000_000, 200_000)
    cases = []
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        names = ("clean", "mixed", "few", "many", "council", "tiny")
        clean, mixed, few, many, council, tiny = (folder / f"{name}.csv" for name in names)
        write_sensor(clean, rows, 0)
        cases.append(compare("clean sensor CSV", clean, "sensor", rows, peer_rows, 100))
        cases.append(whole_gate(clean, cases[0]))
        cases.append(compare("clean sensor CSV, bare scan", clean, "sensor", rows, rows, 1.6, "polars"))
        write_sensor(mixed, rows, 0, mixed=True)
        cases.append(compare("clean, its keys in any order", mixed, "sensor", rows, peer_rows, None))
        write_sensor(few, rows, 0.0001)
        cases.append(compare("0.01 % bad rows", few, "sensor", rows, peer_rows, 80))
        write_sensor(many, rows, 0.01)
        cases.append(compare("1 % bad rows", many, "sensor", rows, peer_rows, 20))
        write_council(council, wide, 0)
        cases.append(compare("wide council CSV", council, "council", wide, wide, 40))
        book, pages = folder / "book.xlsx", 20_000 if args.quick else 100_000
        write_workbook(book, pages)
        cases.append(compare(f"XLSX, {pages} rows", book, "sensor", pages, pages, 5))
        write_sensor(tiny, 1000, 0)
        cases.append(whole_process(tiny))
        if args.full:
            cases.append(huge(folder))
    for case in cases:
        print(
            "{name:32} ours {ours_s:8} s  {peer:28} {peer_s:9} s  ratio {ratio:7} target {target!s:5} met {met}".format(
                **case
            )
        )
    if args.json:
        args.json.write_text(json.dumps(cases, indent=2) + "\n")


if __name__ == "__main__":
    main()
