"""Screening: which columns hold personal data, how much, and in which rows. Never what it is."""

from __future__ import annotations

from .column import Column
from .screen import VERSION, Screen

__all__ = ["VERSION", "Column", "Screen"]
