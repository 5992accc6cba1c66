"""What a checker answers about one indicator."""

from __future__ import annotations

from dataclasses import dataclass, field

from ckanext.digitalcity.core.model import Evidence, Json, State


@dataclass(frozen=True, slots=True)
class Answer:
    """A state, the case that chooses the sentence (the state's own by default), and the facts that fill it.

    Attributes:
        used: the evidence that it rests on.
        changes: seconds since the epoch at which it will change by itself; None if never.
    """

    state: State
    case: str = ""
    values: Json = field(default_factory=dict)
    used: tuple[Evidence, ...] = ()
    changes: float | None = None
