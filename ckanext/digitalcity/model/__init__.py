"""The ledger: one table a file, all named ``digitalcity_*``."""

from .base import now
from .decision import Decision
from .evidence import Evidence
from .file import PublishedFile as File
from .item import PENDING, Item
from .label import Label
from .message import Message
from .preview import Preview, PreviewRecord
from .report import Report
from .run import Run
from .secret import Secret
from .source import UPLOAD, Source
from .task import Task
from .version import Version

__all__ = [
    "PENDING",
    "UPLOAD",
    "Decision",
    "Evidence",
    "File",
    "Item",
    "Label",
    "Message",
    "Preview",
    "PreviewRecord",
    "Report",
    "Run",
    "Secret",
    "Source",
    "Task",
    "Version",
    "now",
]
