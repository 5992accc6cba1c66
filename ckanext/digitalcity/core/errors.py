"""One tree of errors, grouped by what can be done next. Faults in data are values, never exceptions."""

from __future__ import annotations


class DigitalCityError(Exception):
    """Something went wrong. ``message`` says what and where; ``hint`` says what to do about it.

    Neither may quote a value from inside a dataset: it could be somebody's personal data.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class Fatal(DigitalCityError):
    """The whole run stops: nothing more can be done until a person changes something."""


class RecipeError(Fatal):
    """A recipe cannot be used as it is written.

    Attributes:
        faults: what is wrong, one by one, each with the path of its key; empty if it is not about single keys.
    """

    def __init__(self, message: str, hint: str = "", faults: tuple[tuple[tuple[str, ...], str], ...] = ()) -> None:
        super().__init__(message, hint)
        self.faults = faults


class ConfigError(Fatal):
    """The portal's own settings are missing or contradict each other."""


class Retriable(DigitalCityError):
    """May work later as it is: a time-out, a refused connection, a busy server.

    Attributes:
        after: seconds the other side asked us to wait (Retry-After), if it did.
    """

    def __init__(self, message: str, hint: str = "", after: float | None = None) -> None:
        super().__init__(message, hint)
        self.after = after


class Resting(Retriable):
    """A server is left alone for a while; it was not asked, so this was no try. ``after`` says for how long."""


class IncompleteGather(Retriable):
    """The list of records could not be read to its end, so nothing may be withdrawn on its strength."""


class LostLease(Retriable):
    """Another worker took over this run while we were busy: stop at once and write nothing more."""


class Skippable(DigitalCityError):
    """This record or file cannot be used; the rest of the run goes on.

    Attributes:
        reason: short machine name of the fault, such as ``file-gone`` or ``too-large``.
    """

    def __init__(self, message: str, hint: str = "", reason: str = "unusable") -> None:
        super().__init__(message, hint)
        self.reason = reason


class Refused(Skippable):
    """Our own rules forbid it: an address in a private network, a scheme that is not http(s)."""


class BrokenRule(DigitalCityError):
    """A check of ours broke. It closes the gate: the file counts as ``error``, never as passed."""
