"""The fixtures of a real portal, from tests/support/world.py."""

from processes import ini

from world import council, editor, harvest, portal

__all__ = ["council", "editor", "harvest", "ini", "portal"]
