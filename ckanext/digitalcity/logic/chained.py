"""Actions of CKAN's that ours stand before."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.digitalcity import batch


@tk.side_effect_free
@tk.chained_action
def package_show(up: Any, context: Any, data_dict: dict[str, Any]) -> Any:
    """What CKAN shows; within a batch, the batch takes note of it."""
    written = batch.current()
    return written.show(up, context, data_dict) if written else up(context, data_dict)
