"""Words from strangers, made harmless for a value; escaping is left to whoever shows them."""

from __future__ import annotations

import re
from typing import Any

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]")
SURROGATE = re.compile(r"[\ud800-\udfff]")  # JSON can hold half a character (\ud800), UTF-8 and PostgreSQL cannot


def line(value: Any, most: int = 200) -> str:
    """One line: a title, a name, a code. What is neither text nor a number is nothing."""
    text = prose(value, most)
    return " ".join(text.split()) if " " in text or not text.isprintable() else text


def prose(value: Any, most: int = 10_000) -> str:
    """Text of any length up to ``most`` characters, without characters that change how others are shown."""
    if isinstance(value, str):
        text = value
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        text = str(value)
    else:
        return ""
    if not text.isascii() or not text.isprintable():  # rarely so, and millions of times pass through here
        text = SURROGATE.sub("\ufffd", CONTROL.sub("", text))
    text = text.strip()
    return text if len(text) <= most else f"{text[: most - 1]}…"
