"""Labels as JSON: what the API gives and the ledger remembers."""

from __future__ import annotations

from datetime import datetime

from ckanext.digitalcity.core.model import Json, Label, Line, Panel


def as_json(label: Label) -> Json:
    """A form that JSON can hold; times are ISO 8601."""
    return {"computed": label.computed.isoformat(), "panels": [_panel(panel) for panel in label.panels]}


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


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
