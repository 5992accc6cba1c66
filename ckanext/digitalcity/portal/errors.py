"""What the launcher says when it cannot go on: one sentence what happened, one what to do."""

from __future__ import annotations

from ckanext.digitalcity.core.errors import Fatal


class PortalError(Fatal):
    """The launcher stops; a person has to change something, then run the same command again."""


class Interrupted(PortalError):
    """Somebody pressed Ctrl-C or asked the launcher to end."""
