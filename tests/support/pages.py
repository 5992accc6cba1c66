"""Reading and filling in pages as a visitor without JavaScript does."""

from __future__ import annotations

from typing import Any

from bs4 import BeautifulSoup, Tag

PASSWORD = "correct123"  # what CKAN's UserWithToken factory gives


def page(app: Any, url: str, status: int = 200) -> BeautifulSoup:
    """A page as it was sent."""
    response = app.get(url)
    assert response.status_code == status, (url, response.status_code)
    return BeautifulSoup(response.body, "html.parser")


def main(app: Any, url: str) -> Tag:
    """The main part of a page."""
    found = page(app, url).select_one("[role=main]")
    assert found is not None
    return found


def words(tag: Tag | BeautifulSoup | None) -> str:
    """A part's text with single spaces."""
    assert tag is not None
    return " ".join(tag.get_text(" ").split())


def log_in(app: Any, user: dict[str, Any]) -> None:
    """Logs a user in through CKAN's own form; everything that follows is asked by this user."""
    app.client = app.test_client()
    fields = {"login": user["name"], "password": PASSWORD, "_csrf_token": token(app, "/user/login")}
    assert "/user/login" not in app.post("/user/login", data=fields).request.path


def token(app: Any, url: str) -> str:
    """The token that forms of this visitor must carry."""
    meta = page(app, url).select_one("meta[name=_csrf_token]")
    assert meta is not None
    return str(meta["content"])


def send(app: Any, url: str, to: str, **fields: str) -> Any:
    """Sends the form of a page that goes to an address ending in ``to``, with its hidden fields."""
    form = next(form for form in page(app, url).find_all("form") if str(form.get("action", url)).endswith(to))
    hidden = {str(field["name"]): str(field["value"]) for field in form.select("input[type=hidden]")}
    return app.post(str(form.get("action") or url), data={**hidden, **fields}, follow_redirects=False)
