"""What a person sees while the launcher works."""

from __future__ import annotations

import io

import pytest

from ckanext.digitalcity.portal.steps import Steps


class Terminal(io.StringIO):
    """Text that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_step_is_announced_before_it_is_done_also_in_a_file() -> None:
    out = io.StringIO()
    with Steps(out).step("Baking"):
        assert out.getvalue() == "  Baking ... "
    assert out.getvalue().startswith("  Baking ... done in 0.0 s")


def test_a_failed_step_says_so() -> None:
    out = io.StringIO()
    with pytest.raises(OSError), Steps(out).step("Baking"):
        raise OSError
    assert "failed in" in out.getvalue()


def test_a_terminal_shows_how_far_a_step_is() -> None:
    out = Terminal()
    with Steps(out).step("Baking") as progress:
        progress.count(3, 7)
    assert "\r\033[K  Baking (3 of 7) done" in out.getvalue()
