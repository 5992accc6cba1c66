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
    key = f"digitalcity:called:{id_}"
    try:
        redis = connect_to_redis()
        called = redis.get(key)
        if again and called and jobs.get_queue().get_job_position(called.decode()) is not None:
            return
        made = tk.enqueue_job(function, [id_], title=title, rq_kwargs={"timeout": timeout})
        redis.set(key, made.id, ex=CALLED)
    except RedisError:
        log.warning("Redis does not answer; the next tick will begin: %s", title)
