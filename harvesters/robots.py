"""What servers ask of programs that follow links (RFC 9309)."""

from __future__ import annotations

from collections.abc import Callable

from protego import Protego

from ckanext.digitalcity.core.errors import Refused, Resting, Retriable, Skippable

from .memory import Memory
from .urls import origin_of, server_of, shown, split

DAY = 86_400.0  # seconds for which an answer holds (RFC 9309, section 2.4)
MOST = 500 << 10  # bytes of it that are read (section 2.5)
LONGEST = 10.0  # most seconds between two requests that a server can ask of us (Crawl-delay)
PLACE = "/robots.txt"


class Robots:
    """Says of an address whether its server minds our reading it, and how fast.

    What a person named as a source, and what lies below it, is read because that person asks, as a browser would;
    the question is put for every other address that a source leads to.

    Args:
        memory: where the answers are kept.
        user_agent: who we are; its first word is what robots.txt may name.
        named: the address that a person named.
    """

    def __init__(self, memory: Memory, user_agent: str, named: str) -> None:
        self._memory, self._named = memory, named
        self._agent = user_agent.partition(" ")[0].partition("/")[0]
        self._read: dict[str, Protego] = {}

    def gap(self, url: str, ask: Callable[[str], bytes]) -> float:
        """Seconds between two requests that the server wants.

        Args:
            ask: reads the server's robots.txt.

        Raises:
            Refused: it does not want this address to be read (reason ``robots``).
            Retriable: it cannot say just now, and what it would say is not known (section 2.3.1.4).
        """
        if self._is_named(url) or split(url).path == PLACE:
            return 0.0
        rules = self._rules(server_of(url), ask)
        if not rules.can_fetch(url, self._agent):
            raise Refused(
                f"The server's robots.txt asks programs not to read {shown(url)}.",
                "If its owner agrees, write “robots: agreed” into the recipe.",
                reason="robots",
            )
        return min(float(rules.crawl_delay(self._agent) or 0), LONGEST)

    def _is_named(self, url: str) -> bool:
        if origin_of(url) != origin_of(self._named):
            return False
        path, named = split(url).path or "/", split(self._named).path
        return path == (named or "/") or path.startswith(named.rstrip("/") + "/")

    def _rules(self, server: str, ask: Callable[[str], bytes]) -> Protego:
        if server not in self._read:
            text = self._memory.get(f"robots {server}")
            if not text:
                try:
                    text = ask(server + PLACE).decode("utf-8-sig", "replace")
                except Skippable:  # there is none (section 2.3.1.3), or nothing that can be read
                    text = ""
                except Resting:
                    raise
                except Retriable as problem:
                    raise Retriable(
                        f"{problem.message} What it asks of programs is not known just now.",
                        "Try again later. If its owner agrees, write “robots: agreed” into the recipe.",
                        problem.after,
                    ) from None
                self._memory.put(f"robots {server}", text or "#", DAY)
            self._read[server] = Protego.parse(text)
        return self._read[server]
