"""Everything the pages and commands do, also for scripts: CKAN's action API."""

from .decide import digitalcity_item_reject, digitalcity_item_release
from .health import digitalcity_health_show
from .item import digitalcity_inbox_list, digitalcity_item_list, digitalcity_item_show
from .label import digitalcity_evidence_show, digitalcity_label_show
from .letter import digitalcity_letter_save, digitalcity_letter_show
from .pause import digitalcity_source_pause, digitalcity_source_resume
from .portal import digitalcity_portal_show
from .preview import digitalcity_preview_show, digitalcity_preview_start, digitalcity_preview_stop
from .report import digitalcity_report_file, digitalcity_report_show
from .run import (
    digitalcity_run_abort,
    digitalcity_run_list,
    digitalcity_run_records,
    digitalcity_run_show,
    digitalcity_run_start,
)
from .secret import digitalcity_secret_delete, digitalcity_secret_list, digitalcity_secret_save
from .source import (
    digitalcity_source_delete,
    digitalcity_source_list,
    digitalcity_source_recipe,
    digitalcity_source_save,
    digitalcity_source_show,
)
from .version import (
    digitalcity_proposal_list,
    digitalcity_version_decide,
    digitalcity_version_list,
    digitalcity_version_show,
)

__all__ = [
    "digitalcity_evidence_show",
    "digitalcity_health_show",
    "digitalcity_inbox_list",
    "digitalcity_item_list",
    "digitalcity_item_reject",
    "digitalcity_item_release",
    "digitalcity_item_show",
    "digitalcity_label_show",
    "digitalcity_letter_save",
    "digitalcity_letter_show",
    "digitalcity_portal_show",
    "digitalcity_preview_show",
    "digitalcity_preview_start",
    "digitalcity_preview_stop",
    "digitalcity_proposal_list",
    "digitalcity_report_file",
    "digitalcity_report_show",
    "digitalcity_run_abort",
    "digitalcity_run_list",
    "digitalcity_run_records",
    "digitalcity_run_show",
    "digitalcity_run_start",
    "digitalcity_secret_delete",
    "digitalcity_secret_list",
    "digitalcity_secret_save",
    "digitalcity_source_delete",
    "digitalcity_source_list",
    "digitalcity_source_pause",
    "digitalcity_source_recipe",
    "digitalcity_source_resume",
    "digitalcity_source_save",
    "digitalcity_source_show",
    "digitalcity_version_decide",
    "digitalcity_version_list",
    "digitalcity_version_show",
]
