"""Which patterns of a schema may be tried by Rust's regular expressions instead of Python's."""

from __future__ import annotations

import re

# Constructs that mean the same in both, or are written out so that Rust's is the narrower.
CLASS = (
    r"\[\^?(?:[A-Za-z0-9 _.,:;@#%/<>=!'\"(){}*+?|$\u00a1-\u02ff]"
    r"|\\[-.\\/\]\[^+*?(){}|d]|[A-Za-z0-9]-[A-Za-z0-9]|-(?=\]))+\]"
)
TOKEN = re.compile(
    rf"(?P<class>{CLASS})|(?P<digit>\\d)|(?P<word>\\w)|(?P<space>\\s)|(?P<same>"
    r"\\[-.\\/+*?()|\[\]{}^$ ]|\(\?:|\((?!\?)|\)|[|^$.]"
    r"|[?*+](?![+])|\{\d{1,3}(?:,\d{0,3})?\}(?![+])"
    r"|[A-Za-z0-9 _,:;@#%/<>=!'\"\u00a1-\u02ff-])"
)
NARROW = {"digit": "[0-9]", "word": "[A-Za-z0-9_]", "space": "[ \\t]"}


def rust_pattern(pattern: str) -> str | None:
    """An expression that matches only texts which Frictionless's ``re.compile("^…$").match`` also matches.

    None if the pattern uses anything that is not known to mean the same.
    """
    found = tokens(pattern)
    if found is None or any(token.group().startswith("[^") and "\\d" in token.group() for token in found):
        return None
    try:
        re.compile(f"^{pattern}$")
    except re.error:
        return None
    return rf"^(?:^{''.join(map(narrow, found))}$)"


def tokens(pattern: str) -> list[re.Match[str]] | None:
    """The pattern's constructs in their order; None if there is one that is not known."""
    found = []
    at = 0
    while at < len(pattern):
        token = TOKEN.match(pattern, at)
        if not token:
            return None
        found.append(token)
        at = token.end()
    return found


def narrow(token: re.Match[str]) -> str:
    """The construct as Rust is to read it."""
    if token.lastgroup == "class":
        return token.group().replace("\\d", "0-9")
    return NARROW.get(token.lastgroup or "", token.group())
