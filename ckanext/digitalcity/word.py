"""How a code is shown."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Word:
    """How a code is shown.

    Attributes:
        text: English message id.
        icon: shape in ``digitalcity/macros.html``.
        tone: ``good``, ``bad``, ``wait`` or ``plain``; decides the colour.
    """

    text: str
    icon: str = "dash"
    tone: str = "plain"
