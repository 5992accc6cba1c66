"""Recognises what licence a source means. What isn't recognised stays as it was stated, and counts as unknown."""

from __future__ import annotations

import re

# Sources: SPDX License List 3.27 (ids); National Archives, Open Government Licence pages (addresses);
# CKAN's own licence ids, as CKAN catalogues state them.
_PATTERNS: tuple[tuple[str, str], ...] = (
    (r"open.government.licen[cs]e/version/1|ogl[ -]?(uk[ -]?)?v?1", "OGL-UK-1.0"),
    (r"open.government.licen[cs]e/version/2|ogl[ -]?(uk[ -]?)?v?2", "OGL-UK-2.0"),
    (r"open.government.licen[cs]e|\bogl\b|uk-ogl|ogl[ -]?(uk[ -]?)?v?3", "OGL-UK-3.0"),
    (r"publicdomain/zero|\bcc-?(0|zero)\b", "CC0-1.0"),
    (r"licenses/by-nc|cc[ -]by[ -]nc", "CC-BY-NC-4.0"),
    (r"licenses/by-nd|cc[ -]by[ -]nd", "CC-BY-ND-4.0"),
    (r"licenses/by-sa|cc[ -]by[ -]sa", "CC-BY-SA-4.0"),
    (r"licenses/by/|cc[ -]by\b|creative commons attribution", "CC-BY-4.0"),
    (r"odbl|odc-odbl|open database licen[cs]e", "ODbL-1.0"),
    (r"pddl|odc-pddl", "PDDL-1.0"),
    (r"\bodc-by\b|licenses/by/1-0", "ODC-By-1.0"),
)
_VERSIONED = re.compile(r"^(OGL-UK|CC-BY(?:-SA|-NC|-ND|-NC-SA|-NC-ND)?|CC0|ODbL|PDDL|ODC-By|etalab)-\d\.\d$", re.I)

# CKAN's licence ids for the licences it ships with (ckan/model/license.py).
CKAN_IDS = {
    "OGL-UK-1.0": "uk-ogl",
    "OGL-UK-2.0": "uk-ogl",
    "OGL-UK-3.0": "uk-ogl",
    "CC0-1.0": "cc-zero",
    "CC-BY-4.0": "cc-by",
    "CC-BY-SA-4.0": "cc-by-sa",
    "CC-BY-NC-4.0": "cc-nc",
    "ODbL-1.0": "odc-odbl",
    "PDDL-1.0": "odc-pddl",
    "ODC-By-1.0": "odc-by",
}


def recognise(stated: str) -> str:
    """The SPDX id that a statement means, or "" if it isn't clear.

    Args:
        stated: an SPDX id, an address, a title or CKAN's id, as the source wrote it.
    """
    text = stated.strip()
    if _VERSIONED.match(text):
        return text
    return next((spdx for pattern, spdx in _PATTERNS if re.search(pattern, text, re.IGNORECASE)), "")
