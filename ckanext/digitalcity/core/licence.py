"""Recognises what licence a source means. What isn't recognised stays as it was stated, and counts as unknown."""

from __future__ import annotations

import re

# Sources: SPDX License List 3.27 (ids); National Archives, Open Government Licence pages (addresses);
# CKAN's own licence ids, as CKAN catalogues state them. The first pattern that is found wins, so that what a licence
# forbids is seen before what it allows. A version follows the name, or the newest is meant.
_VERSION = r"(?:\D{0,12}(\d(?:\.\d)?)(?!\d))?"
_PATTERNS: tuple[tuple[re.Pattern[str], str, str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), name, newest)
    for pattern, name, newest in (
        (rf"(?:open.government.licen[cs]e(?:/version/)?|^(?:uk-)?ogl(?:-uk)?\b){_VERSION}", "OGL-UK", "3.0"),
        (r"publicdomain/zero/(\d\.\d)|^cc-?(?:0|zero)\b", "CC0", "1.0"),
        (rf"(?:licenses/|cc[ -])by-nc-sa{_VERSION}", "CC-BY-NC-SA", "4.0"),
        (rf"(?:licenses/|cc[ -])by-nc-nd{_VERSION}", "CC-BY-NC-ND", "4.0"),
        (rf"(?:licenses/|cc[ -])by[ -]nc{_VERSION}|creative commons.*non.?commercial", "CC-BY-NC", "4.0"),
        (rf"(?:licenses/|cc[ -])by[ -]nd{_VERSION}|creative commons.*no.?deriv", "CC-BY-ND", "4.0"),
        (rf"(?:licenses/|cc[ -])by[ -]sa{_VERSION}|creative commons.*share.?alike{_VERSION}", "CC-BY-SA", "4.0"),
        (rf"opendatacommons.org/licenses/by\b|^odc-by{_VERSION}", "ODC-By", "1.0"),
        (rf"(?:licenses/by/|^cc[ -]by\b|creative commons attribution){_VERSION}", "CC-BY", "4.0"),
        (r"\bodbl\b|open database licen[cs]e", "ODbL", "1.0"),
        (r"\bpddl\b|public domain dedication and licen[cs]e", "PDDL", "1.0"),
        (rf"^etalab{_VERSION}|licence ouverte{_VERSION}", "etalab", "2.0"),
    )
)

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
    for pattern, name, newest in _PATTERNS:
        if found := pattern.search(text):
            version = next((group for group in found.groups() if group), newest)
            return f"{name}-{version}" if "." in version else f"{name}-{version}.0"
    return ""
