"""The language of a terminal, as its environment asks for it (``LANG=cy_GB.UTF-8``)."""

from __future__ import annotations

import gettext
from importlib.resources import as_file, files


def tongue() -> gettext.NullTranslations:
    """The catalogue of the first language wanted that there is one of; else English, which needs none."""
    with as_file(files("ckanext.digitalcity.i18n")) as folder:
        return gettext.translation("ckanext-digitalcity", str(folder), fallback=True)
