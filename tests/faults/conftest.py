"""The fixtures of a real portal, from tests/support/world.py."""

from world import council, editor, harvest, portal

__all__ = ["council", "editor", "harvest", "portal"]
