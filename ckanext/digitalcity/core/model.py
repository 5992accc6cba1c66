"""The values that flow from a source to a published dataset. No behaviour beyond small derived facts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

Json = dict[str, Any]


class Outcome(StrEnum):
    """How a record or a file ended. Only ``passed`` may be published without a person's decision."""

    PASSED = "passed"
    FAILED = "failed"  # the data is wrong
    ERROR = "error"  # the check itself could not finish: never a pass
    HELD = "held"  # a person must decide
    UNCHANGED = "unchanged"
    WITHDRAWN = "withdrawn"


class Policy(StrEnum):
    """What a source does with a file that did not pass."""

    HOLD = "hold"  # hold the whole record (default)
    WARN = "warn"  # publish invalid data with a warning on its label; personal data is still held
    VALID_ROWS = "valid-rows"  # publish a table without the rows that failed, if they are few


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a data officer wrote about one source. Read by ``core.recipe``, which also checks it.

    Attributes:
        name: identity of the source in this portal: lower-case letters, digits and hyphens.
        kind: name of a source class in ``harvesters`` (``sensorthings``, ``csv-index`` ...).
        address: http(s) address the source starts from.
        organisation: CKAN name of the organization that owns the datasets.
        licence: SPDX id, used where a record states none itself.
        schedule: plain words or a cron expression; empty means only by hand.
        blackout: hours in which the schedule starts nothing, in plain words.
        policy: what happens to a file that does not pass.
        most_rejected: per cent of a table's rows that policy ``valid-rows`` may leave out; with more it is held.
        schemas: maps a file key pattern (``fnmatch``) to the name of a shipped Table Schema.
        checks: maps a file key pattern (``fnmatch``) to checks beyond Table Schema, each one name with its settings.
        reading: maps a file key pattern (``fnmatch``) to how such files are written (``core.reading``).
        repair_schema: mend what is certain in a Table Schema that came with the data, and say what was changed.
        frequency: promised update frequency, a code of the EU frequency list; empty is "not stated".
        contact: ``name`` and ``email`` of who answers for the data; an office, not a person.
        fields: maps our metadata names to the source's column names, where the kind has columns.
        options: settings that only this kind of source knows.
        robots: ``agreed`` if the owners of its servers agree to what their robots.txt asks programs not to read.
    """

    name: str
    title: str
    kind: str
    address: str
    organisation: str
    organisation_title: str = ""
    description: str = ""
    licence: str = ""
    schedule: str = ""
    blackout: str = ""
    policy: Policy = Policy.HOLD
    most_rejected: float = 5
    schemas: Mapping[str, str] = field(default_factory=dict)
    checks: Mapping[str, Sequence[Json]] = field(default_factory=dict)
    reading: Mapping[str, Json] = field(default_factory=dict)
    repair_schema: bool = False
    frequency: str = ""
    contact: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    robots: str = ""


@dataclass(frozen=True, slots=True)
class Ref:
    """One remote record as gather lists it.

    Attributes:
        remote_id: identity within the source; never trusted outside it.
        version: anything that changes when the record or its files change; None if the source cannot say.
        title: for people, while the record has not been fetched yet.
        hint: what gather already knows of the record, JSON-serialisable, handed back to ``fetch``.
    """

    remote_id: str
    version: str | None = None
    title: str = ""
    hint: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FileDraft:
    """One remote file of a record, not read yet.

    Attributes:
        key: identity within the record; becomes a stable resource id.
        name: title for people.
        filename: with extension, for downloads.
        format: what the source claims it is (``CSV``); compared with the bytes.
        read: opens the file and yields its bytes; raises Retriable, Skippable or Refused.
        schema: Table Schema descriptor that came with the data, if any.
    """

    key: str
    name: str
    filename: str
    url: str
    format: str
    read: Callable[[], Iterator[bytes]]
    description: str = ""
    schema: Json | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """One remote record, fetched: a dataset to be, with its files.

    Attributes:
        metadata: by DCAT term, only what the source states: ``license`` (as the source wrote it), ``keyword``
            (list), ``contact_name``, ``contact_email``, ``accrualPeriodicity``, ``issued``, ``modified``,
            ``landingPage``, ``spatial`` (GeoJSON geometry), ``publisher``, ``language``, ``isPartOf`` (a collection).
        files: files read this time.
        kept: keys of files that stay as they were published last time, without being read again.
        cursor: opaque position to hand back at the next fetch once this record is published.
    """

    remote_id: str
    title: str
    notes: str = ""
    metadata: Json = field(default_factory=dict)
    files: tuple[FileDraft, ...] = ()
    kept: tuple[str, ...] = ()
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a file, in the shape every report shows. Never carries a cell's value.

    Attributes:
        rule: Frictionless error type (``type-error``) or a rule of ours (``format-mismatch``).
        row: row number in the file as Frictionless counts it (header is row 1); None for the whole file.
        field: column name; None for the whole row or file. Of a file in an archive of several, its name stands first
            (``roads.csv: length``), or alone.
        position: column number from 1, if there is one.
        detail: what the rule expected (``type is "date"``), never what was found.
    """

    rule: str
    row: int | None = None
    field: str | None = None
    position: int | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """Personal data suspected in one column: where and how much, never what.

    Attributes:
        rule: name of the screening rule (``email``, ``uk-telephone``, ``postcode-address``, ``ni-number``,
            ``nhs-number``).
        field: column name, or ``""`` where the file has no columns.
        count: matching cells in the whole file.
        rows: first row numbers that matched, at most 20.
        level: ``personal`` holds the file; ``note`` is only reported (an office's own address, say).
    """

    rule: str
    field: str
    count: int
    rows: tuple[int, ...]
    level: str = "personal"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """Everything the gate found out about one file: validation, screening and what was detected.

    Attributes:
        outcome: passed, failed, error, or held (personal data suspected).
        reason: machine name of why, when not passed: ``invalid``, ``personal-data``, ``format-mismatch``,
            ``time-limit``, ``memory-limit``, ``crash``, ``unreadable``, ``empty`` ...
        detected: ``format``, ``encoding``, ``dialect``, ``header_row`` as found in the bytes; ``schema_repaired``:
            what was mended in the schema, a sentence each.
        schema_name: shipped schema's name and version, or "".
        schema_origin: ``recipe``, ``source`` or ``inferred``.
        stats: ``rows``, ``fields``, ``bytes``, ``errors`` (true total), ``seconds``.
        faults: at most the limit's number of faults; ``stats["errors"]`` has the total.
        report: Frictionless's own report descriptor with every cell value taken out.
        method: names and versions of what checked, e.g. ``{"frictionless": "5.21.0", "screen": "1"}``.
        newest: latest date or time found in the data itself (ISO 8601), for freshness; None if it has none.
        inferred: where no schema was given, the one that was inferred: names, types and formats; else empty.
        rejected: numbers of all rows with errors, if that was asked for and nothing but rows is wrong.
        sifted: the same file without them, as it was staged and checked: ``sha256``, ``size``, ``rejected`` (how many).
        drift: how ``inferred`` differs from that of the version that is public, as ``core.validate.drift.Change``.
        beyond: what checks of ours found, as the recipe asked: the first 100 faults of each. All of them are counted
            by rule in ``stats["beyond"]``; those that are only warnings also in ``stats["beyond_warnings"]``.
    """

    sha256: str
    outcome: Outcome
    reason: str = ""
    detected: Json = field(default_factory=dict)
    schema_name: str = ""
    schema_origin: str = ""
    stats: Json = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    findings: tuple[Finding, ...] = ()
    report: Json = field(default_factory=dict)
    method: Json = field(default_factory=dict)
    newest: str | None = None
    inferred: Json = field(default_factory=dict)
    drift: tuple[Json, ...] = ()
    rejected: tuple[int, ...] = ()
    sifted: Json = field(default_factory=dict)
    beyond: tuple[Fault, ...] = ()

    @property
    def errors(self) -> int:
        """How many faults fail the file: errors of Frictionless, and faults of our checks that are no warnings."""
        ours: int = sum(self.stats.get("beyond", {}).values()) - sum(self.stats.get("beyond_warnings", {}).values())
        return int(self.stats.get("errors", 0)) + ours


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate decided about a whole record."""

    outcome: Outcome
    reason: str = ""


class State(StrEnum):
    """State of one indicator on a label (reference/vocabularies.md, Rules for labels, 2)."""

    MET = "met"
    NOT_MET = "not met"
    NOT_ASSESSED = "not assessed"
    NOT_APPLICABLE = "not applicable"


class Assurance(StrEnum):
    """Who stands behind a line of a label."""

    MEASURED = "measured"
    ATTESTED = "attested"
    DECLARED = "declared"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One fact that a step left behind, the only thing labels are computed from.

    Attributes:
        kind: ``validation``, ``screening``, ``provenance``, ``freshness``, ``licence``, ``contact``, ``decision``,
            and from the ledger ``hold`` and ``reach``.
        body: the facts, JSON-serialisable, documented beside the checker that reads them.
        checker: who or what found it (``frictionless 5.21.0``, ``data officer``).
        created: time zone aware.
        expires: time zone aware; None if it holds until replaced.
        id: set once stored; a label line links to it.
        subject: file key within the dataset; "" for the dataset as a whole.
    """

    kind: str
    body: Json
    checker: str
    created: datetime
    assurance: Assurance = Assurance.MEASURED
    expires: datetime | None = None
    id: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One indicator's result on a label.

    Attributes:
        indicator: id in ``schemas/label``.
        sentence: English message id with ``{placeholders}``; translated and filled by whoever shows it.
        values: what fills the placeholders.
        evidence: ids of the evidence it rests on; empty only when not assessed or not applicable.
    """

    indicator: str
    question: str
    state: State
    sentence: str
    values: Json
    evidence: tuple[str, ...]
    assurance: Assurance | None
    checker: str
    method: str
    checked: datetime | None
    expires: datetime | None


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel of a label (``trust``, ``privacy``). Its headline is its weakest line, never an average."""

    name: str
    headline: State
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Label:
    """A dataset's label at one moment: a pure function of evidence, indicators and time."""

    panels: tuple[Panel, ...]
    computed: datetime
