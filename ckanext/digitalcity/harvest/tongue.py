"""The language in which a person is written to: their own choice, kept with their account, else the portal's."""

from __future__ import annotations

import ckan.plugins.toolkit as tk
from babel import Locale, UnknownLocaleError
from ckan import model

PLUGIN = "digitalcity"


def offered() -> list[tuple[str, str]]:
    """The portal's languages: code as CKAN has it, and the language's own name for itself."""
    return [(code, _own_name(code)) for code in tk.config["ckan.locales_offered"] or [_portals()]]


def chosen(user: model.User) -> str:
    """A person's choice, or "" if they made none that is still offered."""
    kept = ((user.plugin_extras or {}).get(PLUGIN) or {}).get("language", "")
    return str(kept) if kept in dict(offered()) else ""


def language_of(user: model.User) -> str:
    """What a person is written to in."""
    return chosen(user) or _portals()


def choose(user: model.User, language: str) -> None:
    """Keeps a choice; "" takes it back. Commits."""
    extras = dict(user.plugin_extras or {})
    extras[PLUGIN] = {**(extras.get(PLUGIN) or {}), "language": language}
    user.plugin_extras = extras
    model.Session.commit()


def _portals() -> str:
    return str(tk.config["ckan.locale_default"])


def _own_name(code: str) -> str:
    try:
        return str(Locale.parse(code).get_display_name() or code).capitalize()
    except (UnknownLocaleError, ValueError):
        return code
