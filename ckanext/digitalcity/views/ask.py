"""The one way in which pages call actions: refusals become CKAN's own error pages."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan.common import current_user

PAGE = 20


def context() -> dict[str, Any]:
    """The visitor's own context."""
    return {"user": current_user.name, "auth_user_obj": current_user}


def ask(action: str, **data: Any) -> dict[str, Any]:
    """What an action answers to this visitor; 404 or 403 if it refuses, 400 where an address is wrong.

    Raises:
        ckan.logic.ValidationError: says what is wrong, by field, of what was sent by a form.
    """
    if "\0" in tk.request.path:  # on which CKAN's own actions break
        tk.abort(404, tk._("There is nothing at this address."))
    try:
        found: dict[str, Any] = tk.get_action(action)(context(), data)
    except tk.ObjectNotFound as missing:
        tk.abort(404, str(missing) or tk._("There is nothing at this address."))
    except tk.NotAuthorized as refused:
        tk.abort(403, str(refused) or tk._("You may not see this page."))
    except tk.ValidationError as wrong:
        if tk.request.method == "POST":
            raise
        tk.abort(400, " ".join(dict.fromkeys(wrong.error_summary.values())))
    return found


def may(action: str, **data: Any) -> bool:
    """Whether this visitor may do something."""
    return bool(tk.h.check_access(action, data))


def page_number() -> int:
    """The page asked for, from 1; anything else than a number is the first page."""
    text = tk.request.args.get("page", "1")
    return max(int(text), 1) if text.isdecimal() and len(text) < 7 else 1


def part(page: int) -> dict[str, int]:
    """Offset and limit of a page of a list."""
    return {"offset": (page - 1) * PAGE, "limit": PAGE}


def pager(page: int, count: int) -> dict[str, int]:
    """What the pager macro needs: ``page``, ``pages`` and ``count``."""
    return {"page": page, "pages": max(-(-count // PAGE), 1), "count": count}
