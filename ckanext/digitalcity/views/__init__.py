"""The pages, one a file. They only call actions: everything a page shows the API gives too."""

from .about import about
from .evidence import evidence
from .feed import feed
from .inbox import inbox
from .item import item
from .label import label
from .letter import letter
from .monitor import monitor
from .preview import preview
from .recipe import recipe
from .report import report
from .run import run
from .run_report import run_report
from .secret import secret
from .source import source
from .source_delete import source_delete
from .source_form import source_form
from .source_pause import source_pause
from .version import version

__all__ = [
    "about",
    "evidence",
    "feed",
    "inbox",
    "item",
    "label",
    "letter",
    "monitor",
    "preview",
    "recipe",
    "report",
    "run",
    "run_report",
    "secret",
    "source",
    "source_delete",
    "source_form",
    "source_pause",
    "version",
]
