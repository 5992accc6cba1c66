"""The fixtures of a real portal, from tests/support."""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite("surviving")

from gate import gated  # noqa: E402
from hosts import two_hosts  # noqa: E402
from processes import ini, start  # noqa: E402
from stack import servers, started  # noqa: E402

from kept import check_server, make_app, tables, with_plugins  # noqa: E402
from world import council, editor, harvest, portal  # noqa: E402

__all__ = [
    "check_server", "council", "editor", "gated", "harvest", "ini", "make_app", "portal", "servers", "start", "started",
    "tables", "two_hosts", "with_plugins",
]  # fmt: skip
