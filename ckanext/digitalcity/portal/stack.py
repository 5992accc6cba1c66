"""All services of one portal together: which are ours, in which order they start, how to tell they are ready."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from ckanext.digitalcity.portal import ckan_app, jars, postgres, solr, valkey
from ckanext.digitalcity.portal.errors import PortalError
from ckanext.digitalcity.portal.folders import Folders
from ckanext.digitalcity.portal.program import Program
from ckanext.digitalcity.portal.settings import Settings, inner_port
from ckanext.digitalcity.portal.steps import Progress
from ckanext.digitalcity.portal.supervise import Supervisor, write_configuration
from ckanext.digitalcity.portal.users import check_reachable, own_folder

SERVICES = ("postgres", "valkey", "solr")
SITE = ("ckan", "worker", "scheduler", "demo")
VARIABLES = {"postgres": "CKAN_SQLALCHEMY_URL", "solr": "CKAN_SOLR_URL", "redis": "CKAN_REDIS_URL"}


def choose_external(settings: Settings, given: dict[str, str | None]) -> None:
    """Note which services are not ours: from the command line, else CKAN's usual variables, else as before.

    Raises:
        PortalError: an existing portal would change between a service of its own and one of somebody else's.
    """
    is_new = not settings.ports
    for name, variable in VARIABLES.items():
        url = given.get(name) or os.environ.get(variable)
        if not url:
            continue
        if not is_new and name not in settings.external:
            raise PortalError(
                f"This portal runs its own {name}, and its data is there, so it cannot move to another ({variable}).",
                f"Unset {variable} and leave out --{name}, or start another portal with --data.",
            )
        settings.external[name] = url


class Stack:
    """The embedded services and, with ``site``, CKAN on top of them.

    There is a database and a Solr core of each of ``names``; tests need several, to run beside each other.
    """

    def __init__(
        self,
        folders: Folders,
        settings: Settings,
        *,
        site: bool = True,
        durable: bool = True,
        names: Sequence[str] = ("ckan",),
    ) -> None:
        self.folders = folders
        self.settings = settings
        self.site = site
        self.durable = durable
        self.names = names
        self.supervisor = Supervisor(folders, settings)
        self._cancelled = threading.Event()
        self._search: Future[None] | None = None

    def programs(self) -> list[Program]:
        """Every child, in the order in which it is started."""
        found: list[Program] = []
        if self.ours("postgres"):
            found.append(postgres.program(self.folders))
        if self.ours("redis"):
            found.append(valkey.program(self.folders))
        if self.ours("solr"):
            found.append(solr.program(self.folders, self.settings, jars.paths(self.folders.jars)))
        return found + (ckan_app.programs(self.folders, self.settings) if self.site else [])

    def ours(self, name: str) -> bool:
        """Whether we run this service ourselves."""
        return name not in self.settings.external

    def configure(self) -> None:
        """Find ports, make the database cluster if there is none, write every configuration file."""
        check_reachable(self.folders.root)
        for name in ("supervisor", "postgres", "redis", "solr", "demo"):
            inner_port(self.settings, name)
        for folder in (self.folders.run, self.folders.tmp):
            own_folder(folder)
        if self.ours("postgres"):
            postgres.prepare(self.folders, self.settings, durable=self.durable)
        if self.ours("redis"):
            valkey.prepare(self.folders, self.settings)
        if self.ours("solr"):
            solr.prepare(self.folders, self.settings, self.names)
        if self.site:
            ckan_app.write_configuration(self.folders, self.settings)
        write_configuration(self.folders, self.settings, self.programs())

    def launch(self) -> None:
        """Start the supervisor, the database and the queue."""
        self.supervisor.launch()
        if self.ours("postgres"):
            self.supervisor.start("postgres", lambda: postgres.is_ready(self.settings))
            for name in self.names:
                postgres.ensure_database(self.settings, name)
        if self.ours("redis"):
            self.supervisor.start("valkey", lambda: valkey.is_ready(self.settings))

    def begin_search(self, progress: Progress) -> None:
        """Begin to bring Solr's jars, if they are not here, and then to start it, while other things go on."""
        if self.ours("solr"):
            self._cancelled.clear()  # it may have been stopped a moment ago, to start anew
            pool = ThreadPoolExecutor(1)
            self._search = pool.submit(self._bring_search, progress)
            pool.shutdown(wait=False)

    def _bring_search(self, progress: Progress) -> None:
        jars.fetch(self.folders.jars, progress.count, self._cancelled)
        if not self._cancelled.is_set():
            self.supervisor.begin("solr")

    def finish_search(self) -> None:
        """Wait until Solr answers."""
        if self._search:
            self._search.result()
            self.supervisor.wait_for("solr", self._searches, 90)

    def _searches(self) -> bool:
        return all(solr.is_ready(self.settings, name) for name in self.names)

    def start_site(self) -> None:
        """Start CKAN's web server, and then what works behind it."""
        names = [program.name for program in ckan_app.programs(self.folders, self.settings)]
        self.supervisor.begin(names[0])
        self.wait_for_site()
        for name in names[1:]:
            self.supervisor.begin(name)
        if self.settings.demo:
            address = f"http://127.0.0.1:{self.settings.ports['demo']}/"
            self.supervisor.wait_for("demo", lambda: ckan_app.answers(address), 60)

    def wait_for_site(self) -> None:
        """Wait until CKAN answers."""
        address = ckan_app.site_url(self.settings) + "/api/3/action/status_show"
        self.supervisor.wait_for("ckan", lambda: ckan_app.answers(address), 90)

    def stop(self) -> None:
        """Stop everything: first what uses the services, then the services."""
        self._cancelled.set()
        self.supervisor.shut_down(SITE, SERVICES)
