"""Plain words, a tone and a shape for every code that a page shows. Colour never stands alone."""

from __future__ import annotations

from collections.abc import Mapping

from ckanext.digitalcity.core import explain
from ckanext.digitalcity.core.explain import N_
from ckanext.digitalcity.word import Word
from ckanext.digitalcity.words_source import (
    FIELDS,
    FILE_CHANGES,
    LICENCES,
    NEXT,
    OFTEN,
    OPTIONS,
    PARTS,
    POLICIES,
    SOURCE_HELP,
    VERSIONS,
    WOULD_BE,
)

STATES = {
    "met": Word(N_("Met"), "check", "good"),
    "not met": Word(N_("Not met"), "cross", "bad"),
    "not assessed": Word(N_("Not assessed"), "question", "wait"),
    "not applicable": Word(N_("Not applicable"), "dash", "plain"),
}

OUTCOMES = {
    "": Word(N_("Not looked at yet"), "question", "plain"),
    "passed": Word(N_("Passed"), "check", "good"),
    "failed": Word(N_("Held: the data has errors"), "cross", "bad"),
    "held": Word(N_("Held: a person must decide"), "pause", "wait"),
    "error": Word(N_("Could not be checked"), "warning", "wait"),
    "unchanged": Word(N_("Unchanged"), "equal", "plain"),
    "withdrawn": Word(N_("Withdrawn"), "dash", "plain"),
    "pending": Word(N_("Being checked"), "pause", "plain"),
}

CHANGES = {
    "": Word(N_("Not looked at yet"), "question", "plain"),
    "listed": Word(N_("Listed by the source"), "dash", "plain"),
    "fetched": Word(N_("Fetched"), "dash", "plain"),
    "checked": Word(N_("Checked"), "dash", "plain"),
    "published": Word(N_("Published"), "check", "good"),
    "updated": Word(N_("Updated"), "check", "good"),
    "unchanged": Word(N_("Unchanged"), "equal", "plain"),
    "held": Word(N_("Held"), "pause", "wait"),
    "failed": Word(N_("Held"), "pause", "wait"),
    "error": Word(N_("Error"), "warning", "bad"),
    "missing": Word(N_("No longer listed"), "question", "wait"),
    "withdrawn": Word(N_("Withdrawn"), "dash", "plain"),
}

CHECKS = {
    "": Word(N_("This file has not been checked by this portal"), "question", "wait"),
    "passed": Word(N_("Checked: no errors found"), "check", "good"),
    "failed": Word(N_("Checked: errors found"), "cross", "bad"),
    "held": Word(N_("Checked: released by a person"), "warning", "wait"),
    "sifted": Word(N_("Checked: rows that failed were left out"), "warning", "wait"),
    "error": Word(N_("Could not be checked"), "warning", "wait"),
    "pending": Word(N_("An uploaded file is being checked, and is not public yet"), "pause", "plain"),
    "waiting": Word(N_("An uploaded file did not pass, and is not public"), "pause", "wait"),
}

VERDICTS = {
    "passed": Word(N_("No errors found"), "check", "good"),
    "failed": Word(N_("Errors found"), "cross", "bad"),
    "held": Word(N_("A person must decide"), "pause", "wait"),
    "error": Word(N_("Could not be checked"), "warning", "wait"),
}

RUNS = {
    "waiting": Word(N_("Waiting to start"), "pause", "plain"),
    "gathering": Word(N_("Reading the list"), "pause", "plain"),
    "working": Word(N_("Working"), "pause", "plain"),
    "finished": Word(N_("Finished"), "check", "good"),
    "failed": Word(N_("Could not be done"), "warning", "bad"),
    "aborted": Word(N_("Stopped by a person"), "pause", "wait"),
}

HEALTH = {
    "good": Word(N_("Working"), "check", "good"),
    "failing": Word(N_("Failing"), "warning", "bad"),
    "new": Word(N_("Not run yet"), "question", "plain"),
    "paused": Word(N_("Paused"), "pause", "wait"),
}

# What a person, or the policy of the source, made of something that did not pass.
DECISIONS = {
    "released": Word(N_("Released by an editor"), "warning", "wait"),
    "rejected": Word(N_("Rejected by an editor"), "cross", "plain"),
    "warned": Word(N_("Published with a warning"), "warning", "wait"),
    "sifted": Word(N_("Published without the rows that failed"), "warning", "wait"),
}

# Extra facts that publishing writes about a dataset.
EXTRAS = {
    "accrualPeriodicity": Word(N_("Promised frequency of updates")),
    "isPartOf": Word(N_("Part of the collection")),
    "issued": Word(N_("First published")),
    "language": Word(N_("Language of the data")),
    "license_stated": Word(N_("Licence as it is stated")),
    "modified": Word(N_("Last change as the publisher states it")),
    "publisher": Word(N_("Publisher")),
    "spatial": Word(N_("Area (GeoJSON)")),
}

LEVELS = {
    "personal": Word(N_("Holds the file"), "pause", "bad"),
    "note": Word(N_("Only reported"), "dash", "plain"),
}

PANELS = {"trust": Word(N_("Trust")), "privacy": Word(N_("Privacy"))}

EVIDENCE = {
    "validation": Word(N_("Validation of a file")),
    "screening": Word(N_("Search for personal data")),
    "provenance": Word(N_("Origin of a file")),
    "freshness": Word(N_("How fresh the data is")),
    "licence": Word(N_("Licence")),
    "contact": Word(N_("Who answers for the data")),
    "hold": Word(N_("Waiting update")),
    "reach": Word(N_("Whether the source answers")),
    "decision": Word(N_("Decision of a person")),
}

# What a piece of evidence says its step ended with.
RESULTS = {
    "passed": Word(N_("Passed: no errors found")),
    "failed": Word(N_("Errors were found")),
    "error": Word(N_("The check could not be done")),
    "suspected": Word(N_("Something looks like personal data")),
    "clean": Word(N_("Nothing that looks like personal data was found")),
    "held": Word(N_("A person must decide")),
}

ORIGINS = {
    "recipe": Word(N_("chosen in the recipe of the source")),
    "source": Word(N_("given by the source")),
    "inferred": Word(N_("worked out from the data")),
    "nobody": Word(N_("nobody")),
}

# Types of columns, Table Schema's own.
TYPES = {
    "any": Word(N_("anything")),
    "array": Word(N_("list")),
    "boolean": Word(N_("yes or no")),
    "date": Word(N_("date")),
    "datetime": Word(N_("date and time")),
    "duration": Word(N_("length of time")),
    "geojson": Word(N_("shape on the map (GeoJSON)")),
    "geopoint": Word(N_("point on the map")),
    "integer": Word(N_("whole number")),
    "list": Word(N_("list")),
    "number": Word(N_("number")),
    "object": Word(N_("group of values")),
    "string": Word(N_("text")),
    "time": Word(N_("time of day")),
    "year": Word(N_("year")),
    "yearmonth": Word(N_("year and month")),
}

# Who stated a licence, within a sentence.
STATED = {"source": Word(N_("source")), "recipe": Word(N_("recipe"))}

SOURCES = {
    "upload": Word(N_("Files that people upload to this portal")),
    "sensorthings": Word(N_("Sensor service (OGC SensorThings API)")),
    "csv-index": Word(N_("List of files with their descriptions (CSV index)")),
    "file": Word(N_("One file that is replaced in place")),
    "web-folder": Word(N_("Folder of files on the web")),
    "sftp": Word(N_("Drop folder (SFTP)")),
    "s3": Word(N_("Bucket (S3)")),
    "datapackage": Word(N_("Described package of files (Frictionless Data Package)")),
    "arcgis": Word(N_("Map service (ArcGIS)")),
    "opendatasoft": Word(N_("Open data portal (Opendatasoft)")),
    "socrata": Word(N_("Open data portal (Socrata)")),
    "ckan": Word(N_("Open data portal (CKAN)")),
    "ngsi-ld": Word(N_("Context broker (NGSI-LD, NGSIv2)")),
    "csw": Word(N_("Geographic catalogue (OGC CSW, UK GEMINI)")),
    "dcat": Word(N_("Catalogue in RDF (DCAT, DCAT-AP)")),
    "data-json": Word(N_("Catalogue as data.json (Project Open Data, DCAT-US)")),
}


ASSURANCE = {
    "measured": Word(N_("measured by the portal")),
    "attested": Word(N_("attested by a person")),
    "declared": Word(N_("declared by the publisher")),
}

# Reasons of the ledger. Those of a check are in core/explain.py.
REASONS = {
    "invalid": Word(N_("The data does not follow the rules of its schema")),
    "personal-data": Word(N_("Something that looks like personal data was found")),
    "unreachable": Word(N_("The source did not answer")),
    "metadata": Word(N_("The description of this dataset is not complete or not allowed")),
    "duplicate-id": Word(N_("The source lists this record more than once")),
    "broken-rule": Word(N_("The source asked for something that this portal refuses")),
    "rejected": Word(N_("An editor rejected this version")),
    "same-content": Word(N_("The source has published just this under another id")),
    "rejected-before": Word(N_("An editor rejected this same version before")),
    "missing": Word(N_("The source no longer lists this record")),
    "warned": Word(N_("Published with a warning, as this source's policy says")),
    "sifted": Word(N_("Published without the rows that failed, as this source's policy says")),
    "released": Word(N_("An editor released this version")),
}

# EU frequency list, http://publications.europa.eu/resource/authority/frequency
FREQUENCIES = {
    "CONT": Word(N_("continuously")),
    "UPDATE_CONT": Word(N_("continuously")),
    "1MIN": Word(N_("every minute")),
    "5MIN": Word(N_("every 5 minutes")),
    "10MIN": Word(N_("every 10 minutes")),
    "15MIN": Word(N_("every 15 minutes")),
    "30MIN": Word(N_("every 30 minutes")),
    "HOURLY": Word(N_("every hour")),
    "BIHOURLY": Word(N_("every two hours")),
    "TRIHOURLY": Word(N_("every three hours")),
    "12HRS": Word(N_("every 12 hours")),
    "DAILY": Word(N_("every day")),
    "DAILY_2": Word(N_("twice a day")),
    "DAILY_3": Word(N_("three times a day")),
    "WEEKLY": Word(N_("every week")),
    "WEEKLY_2": Word(N_("twice a week")),
    "WEEKLY_3": Word(N_("three times a week")),
    "WEEKLY_5": Word(N_("five times a week")),
    "BIWEEKLY": Word(N_("every two weeks")),
    "MONTHLY": Word(N_("every month")),
    "MONTHLY_2": Word(N_("twice a month")),
    "MONTHLY_3": Word(N_("three times a month")),
    "BIMONTHLY": Word(N_("every two months")),
    "QUARTERLY": Word(N_("every three months")),
    "ANNUAL_2": Word(N_("twice a year")),
    "ANNUAL_3": Word(N_("three times a year")),
    "ANNUAL": Word(N_("every year")),
    "BIENNIAL": Word(N_("every two years")),
    "TRIENNIAL": Word(N_("every three years")),
    "QUADRENNIAL": Word(N_("every four years")),
    "QUINQUENNIAL": Word(N_("every five years")),
    "SEXENNIAL": Word(N_("every six years")),
    "DECENNIAL": Word(N_("every ten years")),
    "BIDECENNIAL": Word(N_("every twenty years")),
    "TRIDECENNIAL": Word(N_("every thirty years")),
    "AS_NEEDED": Word(N_("as needed")),
    "IRREG": Word(N_("at irregular times")),
    "NOT_PLANNED": Word(N_("no update is planned")),
    "NEVER": Word(N_("never")),
    "OTHER": Word(N_("in another rhythm")),
    "UNKNOWN": Word(N_("not known")),
}

ACTIONS = {"release": Word(N_("Released")), "reject": Word(N_("Rejected"))}

TABLES = {
    "action": ACTIONS,
    "evidence": EVIDENCE,
    "result": RESULTS,
    "origin": ORIGINS,
    "type": TYPES,
    "stated": STATED,
    "kind": SOURCES,
    "kind_help": SOURCE_HELP,
    "option": OPTIONS,
    "field": FIELDS,
    "often": OFTEN,
    "policy": POLICIES,
    "licence": LICENCES,
    "would_be": WOULD_BE,
    "file_change": FILE_CHANGES,
    "version": VERSIONS,
    "part": PARTS | EXTRAS,
    "frequency": FREQUENCIES,
    "state": STATES,
    "outcome": OUTCOMES,
    "change": CHANGES,
    "check": CHECKS,
    "verdict": VERDICTS,
    "run": RUNS,
    "health": HEALTH,
    "next": NEXT,
    "decision": DECISIONS,
    "extra": EXTRAS,
    "level": LEVELS,
    "panel": PANELS,
    "assurance": ASSURANCE,
    "reason": REASONS,
}


UNKNOWN_REASON = Word(N_("It could not be fetched or read"))


def word(table: str, code: str) -> Word:
    """How a code is shown; a code without words is shown as it is, but a reason never is."""
    if found := TABLES[table].get(code):
        return found
    if table != "reason" or not code:
        return Word(code)
    check = explain.REASONS.get(code)
    return Word(check.title) if check else UNKNOWN_REASON


def in_order(table: str, numbers: Mapping[str, int]) -> list[tuple[str, int]]:
    """Numbers by code in the order of a table: the database keeps them in none."""
    place = {code: number for number, code in enumerate(TABLES[table])}
    return sorted(numbers.items(), key=lambda pair: place.get(pair[0], len(place)))


def knows(table: str, code: str) -> bool:
    """Whether there are words for a code."""
    return code in TABLES[table] or (table == "reason" and code in explain.REASONS)
