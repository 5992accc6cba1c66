"""What a portal has running all the time is kept from one test to the next: plugins, application, check server."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any

import ckan.plugins as p
import pytest
from ckan import authz, logic
from ckan.lib.app_globals import _CONFIG_CACHE
from ckan.tests import helpers

from ckanext.digitalcity.core.check import Checker

_loaded = False  # the plugins of test.ini, with its settings
_app: Any = None
_migrated = False


@pytest.fixture
def with_plugins(request: pytest.FixtureRequest, ckan_config: Any) -> None:
    """CKAN's own fixture loads them for each test; this one if the test, or the last one, has settings of its own."""
    global _loaded, _app
    own = request.node.get_closest_marker("ckan_config") is not None
    if own or not _loaded:
        p.load_all()
        _loaded, _app = not own, None
    # a test may have put something in the place of what they remember
    logic.clear_actions_cache()
    logic.clear_validators_cache()
    authz.clear_auth_functions_cache()


@pytest.fixture
def make_app(ckan_config: Any, with_plugins: None) -> Callable[[], Any]:
    """CKAN's own fixture makes an application for each test; this one gives each a browser of its own."""

    def make() -> Any:
        global _app
        _CONFIG_CACHE.clear()
        if _app is None:
            made = helpers._get_test_app()
            _app = made.app if _loaded else None
            return made
        return helpers.CKANTestApp(_app)

    return make


@pytest.fixture
def tables(with_plugins: None, clean_db: None, migrate_db_for: Callable[[str], None]) -> None:
    """The plugins' tables, empty. Who changes them must change them back."""
    global _migrated
    if not _migrated:
        migrate_db_for("activity")
        migrate_db_for("digitalcity")
        _migrated = True


@pytest.fixture(scope="session")
def check_server() -> Iterator[None]:
    """A server that is done with one worker's files is given to the next: to start one takes longer than to check."""
    owner, idle = os.getpid(), list[subprocess.Popen[bytes]]()
    leave = Checker.__exit__

    def take(self: Checker) -> Checker:
        if idle and os.getpid() == owner:
            self._server = idle.pop()
        return self

    def give_back(
        self: Checker, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None and self._server and self.pid and os.getpid() == owner:
            idle.append(self._server)
            self._server = None
        leave(self, kind, error, trace)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Checker, "__enter__", take)
        patch.setattr(Checker, "__exit__", give_back)
        yield
    for server in idle:
        server.communicate()  # it ends when there is nobody left to serve
