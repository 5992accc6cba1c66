"""What a checker answers about one indicator."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from ckanext.digitalcity.core.model import Assurance, Evidence, Json, State


@dataclass(frozen=True, slots=True)
class Answer:
    """A state, the case that chooses the sentence (the state's own by default), and the facts that fill it.

    Attributes:
        used: the evidence that it rests on.
        changes: when it will change by itself, though its evidence still counts; None if never. Aware.
        assurance: who stands behind it, where that is not who left the evidence.
    """

    state: State
    case: str = ""
    values: Json = field(default_factory=dict)
    used: tuple[Evidence, ...] = ()
    changes: datetime | None = None
    assurance: Assurance | None = None
