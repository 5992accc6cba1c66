"""Whether the portal has what it needs."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.digitalcity import health


@tk.side_effect_free
def digitalcity_health_show(context: Any, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Database, search, queue, workers and scheduler: ``parts``, each with "" or what is wrong."""
    tk.check_access("digitalcity_health_show", context, data_dict)
    return {"parts": health.parts()}
