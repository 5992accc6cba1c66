"""Languages that this extension brings and CKAN itself lacks, such as Welsh."""

from __future__ import annotations

from collections.abc import Iterable

import ckan.plugins.toolkit as tk
from ckan.lib import i18n


def offer(locales: Iterable[str]) -> None:
    """Adds our own languages to those that CKAN offers, as far as ``ckan.locales_offered`` names them.

    CKAN 2.12 takes every language in that setting from an address (``/cy/dataset``), and merges our catalogue, but it
    links only to languages that have a folder among its own catalogues. For the same reason ``ckan.locale_default``
    must be one of CKAN's own.
    """
    offered = tk.config["ckan.locales_offered"]
    known = i18n.get_locales()
    known.extend(locale for locale in locales if locale not in known and (not offered or locale in offered))
