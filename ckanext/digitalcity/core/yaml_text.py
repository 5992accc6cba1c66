"""Reads YAML that somebody else wrote: plain values only, with the line of every key."""

from __future__ import annotations

import re
from typing import Any

import yaml

from .errors import RecipeError

MOST = 50_000  # characters; a recipe fits on a page
DEEPEST = 20  # PyYAML takes minutes over thousands of brackets
PLAIN = ("null", "bool", "int", "float")
UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")  # what neither PostgreSQL nor a page can hold

BEGIN = (
    yaml.BlockMappingStartToken,
    yaml.BlockSequenceStartToken,
    yaml.FlowMappingStartToken,
    yaml.FlowSequenceStartToken,
)
END = (yaml.BlockEndToken, yaml.FlowMappingEndToken, yaml.FlowSequenceEndToken)

Path = tuple[str, ...]
Lines = dict[Path, int]


class _Loader(yaml.SafeLoader):
    """Knows texts, numbers, yes and no, lists and mappings. A date is a text, and there is no merging (<<)."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in rules if tag.rpartition(":")[2] in PLAIN]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_mapping(text: str, name: str) -> tuple[dict[str, Any], Lines]:
    """A YAML mapping, and the line of each of its keys, by path (``("contact", "email")``).

    Args:
        name: what to call it in messages.

    Raises:
        RecipeError: it is too long, not readable, not a mapping, or says a key twice.
    """
    if len(text) > MOST:
        raise RecipeError(f"The recipe “{name}” is longer than {MOST} characters.", "It should fit on a page.")
    try:
        node = _node(text, name)
        lines: Lines = {}
        _note(node, (), lines, name)
        values: dict[str, Any] = _Loader("").construct_document(node)
    except (yaml.YAMLError, ValueError) as broken:  # a number may be too long even for Python: ValueError
        mark = getattr(broken, "problem_mark", None)
        where = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        hint = "Check colons, quotes and how far lines are indented."
        raise RecipeError(f"The recipe “{name}” is not readable YAML{where}.", hint) from broken
    return values, lines


def _node(text: str, name: str) -> yaml.MappingNode:
    depth = 0
    for token in yaml.scan(text, Loader=_Loader):
        line = token.start_mark.line + 1
        depth += isinstance(token, BEGIN) - isinstance(token, END)
        if depth > DEEPEST:
            raise RecipeError(f"The recipe “{name}” is nested too deeply in line {line}.", "Write it flat.")
        if isinstance(token, yaml.AliasToken):
            raise RecipeError(f"The recipe “{name}” uses a YAML alias (*) in line {line}.", "Write the value out.")
        if isinstance(token, yaml.TagToken):
            raise RecipeError(f"The recipe “{name}” uses a YAML tag (!) in line {line}.", "Put the text in quotes.")
    node = yaml.compose(text, Loader=_Loader)
    if not isinstance(node, yaml.MappingNode):
        raise RecipeError(f"The recipe “{name}” is not a list of keys and values.", "Start from an example recipe.")
    return node


def _note(node: yaml.Node, path: Path, lines: Lines, name: str) -> None:
    """Notes the line of every key below a node. Every key has to be text, and to be there once."""
    line = node.start_mark.line + 1
    if isinstance(node, yaml.ScalarNode) and UNSEEN.search(node.value):
        raise RecipeError(f"The recipe “{name}” holds a character that cannot be shown in line {line}.", "Remove it.")
    if isinstance(node, yaml.SequenceNode):
        for number, entry in enumerate(node.value):
            _note(entry, (*path, str(number)), lines, name)
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            _note(key, path, lines, name)
            line = key.start_mark.line + 1
            if key.tag != "tag:yaml.org,2002:str":
                raise RecipeError(f"The recipe “{name}” has a key that is no text in line {line}.", "Put it in quotes.")
            within = (*path, key.value)
            if within in lines:
                raise RecipeError(f"The recipe “{name}” says “{key.value}” twice (line {line}).", "Remove one of them.")
            lines[within] = line
            _note(value, within, lines, name)
