"""Labels as JSON: what the API gives and the ledger remembers."""

from __future__ import annotations

from datetime import datetime

from ckanext.digitalcity.core.model import Assurance, Json, Label, Line, Panel, State


def as_json(label: Label) -> Json:
    """A form that JSON can hold; times are ISO 8601."""
    return {"computed": label.computed.isoformat(), "panels": [_panel(panel) for panel in label.panels]}


def from_json(value: Json) -> Label:
    """The label that ``as_json`` was made from."""
    panels = tuple(
        Panel(panel["name"], State(panel["headline"]), tuple(map(_line_from, panel["lines"])))
        for panel in value["panels"]
    )
    return Label(panels, datetime.fromisoformat(value["computed"]))


def _panel(panel: Panel) -> Json:
    return {"name": panel.name, "headline": panel.headline.value, "lines": [_line(line) for line in panel.lines]}


def _line(line: Line) -> Json:
    return {
        "indicator": line.indicator,
        "question": line.question,
        "state": line.state.value,
        "sentence": line.sentence,
        "values": line.values,
        "evidence": list(line.evidence),
        "assurance": line.assurance.value if line.assurance else None,
        "checker": line.checker,
        "method": line.method,
        "checked": _iso(line.checked),
        "expires": _iso(line.expires),
    }


def _line_from(value: Json) -> Line:
    return Line(
        **{
            **value,
            "state": State(value["state"]),
            "evidence": tuple(value["evidence"]),
            "assurance": Assurance(value["assurance"]) if value["assurance"] else None,
            "checked": _moment(value["checked"]),
            "expires": _moment(value["expires"]),
        }
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
