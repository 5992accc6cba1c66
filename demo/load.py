"""The demo's recipes, with the port that its server listens on."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent / "recipes"


def recipes(port: int) -> list[str]:
    """The text of every recipe (YAML), by the name of its file."""
    return [path.read_text("utf-8").replace("{port}", str(port)) for path in sorted(FOLDER.glob("*.yaml"))]
