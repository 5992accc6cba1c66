"""The fixtures of a real portal, from tests/support/world.py."""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite("surviving")

from processes import ini  # noqa: E402

from world import council, editor, harvest, portal  # noqa: E402

__all__ = ["council", "editor", "harvest", "ini", "portal"]
