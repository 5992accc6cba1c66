"""The gate's check of one file: a child process with limits validates and screens it. Public entry of this package.

with Checker() as checker:
    result = checker.check(Request(path=..., sha256=..., filename="trees.csv", format="CSV"))
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from .model import CheckResult, Fault, Finding, Json, Outcome
from .reasons import Reason

# What the server may know of our environment: no passwords, no addresses of services.
ENVIRONMENT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ", "PYTHONPATH", "VIRTUAL_ENV", "LD_LIBRARY_PATH")

VALUES = ("faults", "findings", "beyond")  # of a result, which are values of ours


@dataclass(frozen=True, slots=True)
class Limits:
    """What one check may use.

    Attributes:
        seconds: wall clock, and processor time.
        memory: address space, bytes.
        errors: faults kept in the report; all of them are counted.
        cell: characters in one cell.
        unpacked: bytes that a compressed file may unpack to.
    """

    seconds: float = 120
    memory: int = 1_500_000_000
    errors: int = 1000
    cell: int = 1_000_000
    unpacked: int = 300_000_000


@dataclass(frozen=True, slots=True)
class Request:
    """One file to check. ``encoding`` to ``sheet`` override what would be detected; they come from the recipe.

    Attributes:
        path: local file, only read.
        filename: as the source names it; its ending is a claim about the format, like ``format``.
        schema: Table Schema descriptor; None means Frictionless infers one.
        schema_origin: ``recipe`` or ``source``. Only a recipe's schema may call personal columns public.
        quote: what cells are quoted with.
        sheet: name of the workbook's sheet, or its number from 1.
        header_row: number of the header row from 1; -1 says there is none; 0 leaves it to detection.
        checks: checks of ours beyond Table Schema, each one name with its settings, as in a recipe.
        repair_schema: mend what is certain in the schema before it is used.
        list_rejected: say which rows have errors, all of them, if nothing else is wrong with the file.
        names: what foreign keys may call this file.
        others: the other files of the record, for foreign keys into them: ``names``, ``path``,
            ``schema`` (or None), and in ``reading`` what the recipe states of how they are written, like here.
    """

    path: str
    sha256: str
    filename: str
    format: str = ""
    schema: Json | None = None
    schema_name: str = ""
    schema_origin: str = ""
    encoding: str = ""
    delimiter: str = ""
    header_row: int = 0
    quote: str = '"'
    sheet: str | int = 1
    repair_schema: bool = False
    list_rejected: bool = False
    checks: Sequence[Json] = ()
    names: Sequence[str] = ()
    others: Sequence[Json] = ()


class Checker:
    """Keeps one server process that has everything imported and forks for each file.

    One check at a time; safe to call from several threads. If the server dies, the file it was on ends in
    ``error`` and the next check starts a new server.

    Args:
        of_one_source: no file comes from anybody else, so that one child may check many small ones.
    """

    def __init__(self, limits: Limits | None = None, *, of_one_source: bool = False) -> None:
        self.limits = limits or Limits()
        self._of_one_source = of_one_source
        self._server: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self) -> None:
        """Starts the server, if it does not run, and does not wait until it is ready, which takes a while."""
        with self._lock, contextlib.suppress(OSError):  # the first check will say it
            self._pipes()

    def check(self, request: Request) -> CheckResult:
        """Validates and screens one file. Whatever happens to the child, the answer is a result, never a pass."""
        with self._lock:
            order = {"request": asdict(request), "limits": asdict(self.limits), "of_one_source": self._of_one_source}
            line = json.dumps(order).encode() + b"\n"
            try:
                stdin, stdout = self._pipes()
                stdin.write(line)
                stdin.flush()
                answer = stdout.readline()
            except BrokenPipeError:
                answer = b""
            if not answer.endswith(b"\n"):
                self._stop()
                return failed(request, "crash", "server")
            return from_json(json.loads(answer))

    def close(self) -> None:
        """Ends the server process."""
        with self._lock:
            self._stop()

    @property
    def pid(self) -> int | None:
        """Process id of the server, if it is running."""
        return self._server.pid if self._server and self._server.poll() is None else None

    def _pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        if self._server is None or self._server.poll() is not None:
            self._stop()
            self._server = subprocess.Popen(
                [sys.executable, "-P", "-m", "ckanext.digitalcity.core.check_alone"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={name: os.environ[name] for name in ENVIRONMENT if name in os.environ},
                cwd="/",
            )
        assert self._server.stdin
        assert self._server.stdout
        return self._server.stdin, self._server.stdout

    def _stop(self) -> None:
        server, self._server = self._server, None
        if server is None:
            return
        server.kill()
        server.wait()
        for pipe in (server.stdin, server.stdout):
            if pipe:
                pipe.close()


def check_file(path: str | Path, limits: Limits | None = None, **request: Any) -> CheckResult:
    """Checks one local file with a server of its own. Further arguments are those of Request."""
    path = Path(path).resolve()
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    with Checker(limits) as checker:
        return checker.check(Request(**{"filename": path.name, **request, "path": str(path), "sha256": sha256}))


def failed(
    request: Request, reason: Reason, kind: str = "", detected: Json | None = None, detail: str = ""
) -> CheckResult:
    """The result of a check that could not finish. ``kind`` is the class of the exception that ended it."""
    facts: Json = {**(detected or {})}
    if kind:
        facts["error"] = kind
    return CheckResult(
        sha256=request.sha256,
        outcome=Outcome.ERROR,
        reason=reason,
        detected=facts,
        schema_name=request.schema_name,
        schema_origin=request.schema_origin,
        faults=(Fault(reason, detail=detail),),
    )


def as_json(result: CheckResult) -> Json:
    """A form that JSON can hold. What is in it is the result's own, and not to be changed."""
    named = {field.name: getattr(result, field.name) for field in fields(result)}
    return {name: [asdict(each) for each in value] if name in VALUES else value for name, value in named.items()}


def from_json(value: Json) -> CheckResult:
    """The result that ``as_json`` was made from."""
    return CheckResult(
        **{
            **value,
            "outcome": Outcome(value["outcome"]),
            "faults": tuple(Fault(**fault) for fault in value["faults"]),
            "findings": tuple(Finding(**{**item, "rows": tuple(item["rows"])}) for item in value["findings"]),
            "drift": tuple(value.get("drift", ())),
            "rejected": tuple(value.get("rejected", ())),
            "beyond": tuple(Fault(**fault) for fault in value.get("beyond", ())),
        }
    )
