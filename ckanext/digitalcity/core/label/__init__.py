"""Labels: what they ask is data (``schemas/label``), how each question is answered is one small checker."""

from .compute import compute, next_change
from .data import Indicator, indicators, messages
from .json import as_json, from_json

__all__ = ["Indicator", "as_json", "compute", "from_json", "indicators", "messages", "next_change"]
