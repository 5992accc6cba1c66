"""The door to the network for one source: its limits from the settings, what is known of servers from all workers."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Mapping
from typing import Any

import redis
from ckan import model
from ckan.lib.redis import connect_to_redis
from redis.exceptions import RedisError

from ckanext.digitalcity import config
from ckanext.digitalcity.core.model import Recipe
from ckanext.digitalcity.harvest.secrets import headers_for
from ckanext.digitalcity.harvest.stage import StorageStage
from ckanext.digitalcity.harvesters.copies import Copy
from ckanext.digitalcity.harvesters.http import Http, HttpLimits
from ckanext.digitalcity.harvesters.manners import Manners
from ckanext.digitalcity.harvesters.memory import Memory, OwnMemory
from ckanext.digitalcity.harvesters.robots import Robots

SEASON = 100 * 86_400.0  # seconds for which it is remembered where staged bytes came from

log = logging.getLogger(__name__)


def door(recipe: Recipe, limits: HttpLimits | None = None, stage: StorageStage | None = None) -> Http:
    """The one way to the network for a source.

    Args:
        stage: has the files that were read before and need not be sent again.

    Raises:
        Fatal: a login of its organization can no longer be read.
    """
    memory, agent = SharedMemory(), config.user_agent()
    organization = model.Group.get(recipe.organisation)
    return Http(
        allowed=config.allowed_addresses(),
        user_agent=agent,
        limits=limits,
        manners=Manners(memory, rate=config.http_rate()),
        secrets=headers_for(organization.id) if organization else {},
        proxy=config.http_proxy(),
        copies=StagedCopies(memory, stage, organization.id) if stage and organization else None,
        robots=None if recipe.robots == "agreed" else Robots(memory, agent, recipe.address),
    )


class StagedCopies:
    """Which staged bytes stood at which address. An organization finds its own alone: its logins led to them."""

    def __init__(self, memory: Memory, stage: StorageStage, organization_id: str) -> None:
        self._memory, self._stage, self._organization_id = memory, stage, organization_id

    def find(self, url: str) -> Copy | None:
        kept = json.loads(self._memory.get(self._name(url)) or "null")
        if kept is None or not self._stage.has(kept["sha256"]):
            return None
        return Copy(kept["header"], kept["sha256"], lambda: self._stage.stream(kept["sha256"]))

    def keep(self, url: str, header: Mapping[str, str], sha256: str) -> None:
        self._memory.put(self._name(url), json.dumps({"header": dict(header), "sha256": sha256}), SEASON)

    def forget(self, url: str) -> None:
        self._memory.forget(self._name(url))

    def _name(self, url: str) -> str:
        return "copy " + hashlib.sha256(f"{self._organization_id} {url}".encode()).hexdigest()


class SharedMemory:
    """What every worker knows of the servers, kept in Redis; if Redis is away, what this one knows by itself."""

    def __init__(self) -> None:
        self._redis: redis.Redis = connect_to_redis()
        self._own = OwnMemory()

    def get(self, name: str) -> str:
        return self.several(name)[0]

    def several(self, *names: str) -> list[str]:
        kept = self._try(lambda: self._redis.mget([_key(name) for name in names]), lambda: self._own.several(*names))
        return [value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value or "") for value in kept]

    def put(self, name: str, value: str, seconds: float) -> None:
        self._try(
            lambda: self._redis.set(_key(name), value, px=_milliseconds(seconds)),
            lambda: self._own.put(name, value, seconds),
        )

    def first(self, name: str, value: str, seconds: float) -> bool:
        return bool(
            self._try(
                lambda: self._redis.set(_key(name), value, px=_milliseconds(seconds), nx=True),
                lambda: self._own.first(name, value, seconds),
            )
        )

    def count(self, name: str, seconds: float) -> int:
        def add() -> int:
            with self._redis.pipeline() as pipe:
                pipe.incr(_key(name))
                pipe.pexpire(_key(name), _milliseconds(seconds))
                return int(pipe.execute()[0])

        return int(self._try(add, lambda: self._own.count(name, seconds)))

    def forget(self, *names: str) -> None:
        self._try(lambda: self._redis.delete(*map(_key, names)), lambda: self._own.forget(*names))

    def _try(self, there: Callable[[], Any], here: Callable[[], Any]) -> Any:
        try:
            return there()
        except RedisError:
            log.debug("Redis does not answer; what is known of servers is this worker's own")
            return here()


def _key(name: str) -> str:
    return f"digitalcity:server:{name}"


def _milliseconds(seconds: float) -> int:
    return max(1, int(seconds * 1000))
