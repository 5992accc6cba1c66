"""Expressions for single cells, made fit to stand in the pattern of a whole row (``row_pattern.py``)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from .pattern import narrow, tokens

ANY = ".*"  # every text
SOME = ".+"  # every text but the empty one
SYNTAX = frozenset("()|^$?*+")
LONGEST = 255  # characters of a pattern's text
SLACK = 3  # by which the parts of a pattern may vary in length, the last one apart
ENDLESS = 1 << 20
REPEATS = {"?": (0, 1), "*": (0, ENDLESS), "+": (1, ENDLESS)}


def exactly(text: str) -> str:
    """An expression for just this text."""
    return "".join(c if c.isascii() and c.isalnum() else rf"\x{{{ord(c):x}}}" for c in text)


def one_of_these(texts: Iterable[str]) -> str | None:
    """An expression for some of the texts, those of usual characters; None if there is none."""
    plain = [re.sub(r"([.\\/+*?()|\[\]{}^$])", r"\\\1", text) for text in texts]
    known = [text for text in plain if tokens(text) is not None]
    return f"(?:{'|'.join(known)})" if known else None


@lru_cache(1024)
def confined(pattern: str, banned: str) -> str | None:
    """The same expression for RE2, but what it matches has no banned character; None if one is asked for by name."""
    found = tokens(pattern)
    if found is None:
        return None
    parts: list[str | None] = []
    for token in found:
        text = token.group()
        if text == ".":
            parts.append(f"[^{exactly(banned)}]")
        elif token.lastgroup != "same":
            parts.append(_without(narrow(token), banned))
        elif text.removeprefix("\\") in banned and text not in SYNTAX:
            return None
        else:
            parts.append(text)
    return None if None in parts else "".join(filter(None, parts))


def _without(one: str, banned: str) -> str | None:
    """An expression for one character, without those that are banned; None if none is left."""
    if not any(re.fullmatch(one, character) for character in banned):
        return one
    left = "".join(character for character in map(chr, range(128)) if re.fullmatch(one, character))
    left = exactly("".join(character for character in left if character not in banned))
    beyond = r"\x{80}-\x{10FFFF}" if one.startswith("[^") and one.isascii() else ""
    return f"[{left}{beyond}]" if left or beyond else None


def steady(pattern: str) -> str | None:
    """The pattern without its anchors, if an automaton for it needs hardly more states than its text has characters.

    So it is if no part but the last can be of very different lengths. None for all others: they may need a
    number of states that grows with two to the length.
    """
    found = tokens(pattern) or []
    if found and found[0].group() == "^":
        found = found[1:]
    if found and found[-1].group() == "$":
        found = found[:-1]
    spans = _spans(found)
    if not spans:
        return None
    slack = sum(most - least for least, most in spans[:-1])
    size = sum(most if most < ENDLESS else least for least, most in spans)
    return "".join(token.group() for token in found) if slack <= SLACK and size <= LONGEST else None


def width(piece: str) -> int | None:
    """Bytes of every text that matches; None if they differ in length, or this is not easily told."""
    spans = _spans(tokens(piece) or []) if piece.isascii() and "[^" not in piece else None
    return sum(least for least, _ in spans) if spans and all(least == most for least, most in spans) else None


def _spans(found: list[re.Match[str]]) -> list[tuple[int, int]] | None:
    """The least and the most characters of each part; None if there are groups or alternatives."""
    spans: list[tuple[int, int]] = []
    repeated = True
    for token in found:
        text = token.group()
        span = _repeat(text) if token.lastgroup == "same" else None
        if span and not repeated:
            spans[-1], repeated = span, True
        elif span or (token.lastgroup == "same" and text in ("(?:", "(", ")", "|", "^", "$")):
            return None
        else:
            spans.append((1, 1))
            repeated = False
    return spans


def _repeat(text: str) -> tuple[int, int] | None:
    """How often the part before is repeated; None if the text is a part itself."""
    if text in REPEATS:
        return REPEATS[text]
    if not text.startswith("{"):
        return None
    least, comma, most = text.strip("{}").partition(",")
    return int(least), int(most) if most else ENDLESS if comma else int(least)
