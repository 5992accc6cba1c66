"""What a source states as its licence is never taken for more open than it is."""

from __future__ import annotations

import pytest

from ckanext.digitalcity.core.label.data import load
from ckanext.digitalcity.core.licence import recognise


@pytest.mark.parametrize(
    "stated",
    [
        "Creative Commons Attribution-NonCommercial 4.0",
        "Creative Commons Attribution Non Commercial",
        "Creative Commons Attribution-NonCommercial-ShareAlike 4.0 International",
        "Creative Commons Attribution-NoDerivatives 4.0",
        "https://creativecommons.org/licenses/by-nc-nd/4.0/",
        "CC BY-NC-SA 4.0",
        "Crown copyright",
        "notspecified",
        "",
    ],
)
def test_a_licence_that_is_not_open_is_not_recognised_as_one_that_is(stated: str) -> None:
    assert recognise(stated) not in load("licences")["open"]


@pytest.mark.parametrize(
    "stated",
    [
        "OGL-UK-3.0",
        "http://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
        "Open Government Licence v3.0",
        "Creative Commons Attribution-ShareAlike 4.0",
        "Creative Commons Attribution",
        "cc-by",
        "https://creativecommons.org/publicdomain/zero/1.0/",
        "Open Data Commons Open Database License (ODbL)",
    ],
)
def test_open_licences_are_recognised_by_id_address_or_title(stated: str) -> None:
    assert recognise(stated) in load("licences")["open"]


@pytest.mark.parametrize(
    ("stated", "spdx"),
    [
        ("CC BY 3.0", "CC-BY-3.0"),
        ("https://creativecommons.org/licenses/by/3.0/igo/", "CC-BY-3.0"),
        ("cc-by-4.0", "CC-BY-4.0"),
        ("cc-by-sa-3.0", "CC-BY-SA-3.0"),
        ("uk-ogl", "OGL-UK-3.0"),
        ("OGL", "OGL-UK-3.0"),
        ("Open Government Licence v2.0", "OGL-UK-2.0"),
        ("https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/", "OGL-UK-3.0"),
        ("ogl-uk-1.0", "OGL-UK-1.0"),
        ("cc-zero", "CC0-1.0"),
        ("odc-by", "ODC-By-1.0"),
        ("odc-odbl", "ODbL-1.0"),
        ("odc-pddl", "PDDL-1.0"),
        ("Licence Ouverte 2.0", "etalab-2.0"),
        ("contact the OGL team", ""),
        ("MIT", ""),
        ("All rights reserved", ""),
    ],
)
def test_a_licence_keeps_the_version_it_names_and_gets_its_proper_id(stated: str, spdx: str) -> None:
    assert recognise(stated) == spdx
