"""Wakes workers up through CKAN's queue. It may be emptied or away at any time: the ledger says what is left to do."""

from __future__ import annotations

import logging
from collections.abc import Callable

import ckan.plugins.toolkit as tk
from ckan.lib import jobs
from ckan.lib.redis import connect_to_redis
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

CALLED = 86_400  # seconds for which it is remembered which job was called


def call(function: Callable[[str], object], id_: str, title: str, *, timeout: int = -1, again: bool = False) -> None:
    """Has a worker call this function with this id. If Redis is away, the next tick does it.

    Args:
        timeout: seconds after which the job is ended; never if -1.
        again: it may have been called before: if that job still waits in the queue, no second one is added. A job
            that its worker had taken when it was killed waits no more.
    """
    try:
        redis = connect_to_redis()
        called = redis.get(_key(id_))
        if again and called and jobs.get_queue().get_job_position(called.decode()) is not None:
            return
        made = tk.enqueue_job(function, [id_], title=title, rq_kwargs={"timeout": timeout})
        redis.set(_key(id_), made.id, ex=CALLED)
    except RedisError:
        log.warning("Redis does not answer; the next tick will begin: %s", title)


def others_wait(id_: str) -> bool:
    """Whether a job waits in the queue that was not called for this id; also if Redis does not say."""
    try:
        called = connect_to_redis().get(_key(id_)) or b""
        return any(job_id != called.decode() for job_id in jobs.get_queue().get_job_ids())
    except RedisError:
        return True


def _key(id_: str) -> str:
    return f"digitalcity:called:{id_}"
