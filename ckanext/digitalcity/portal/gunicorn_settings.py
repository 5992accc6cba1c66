"""How gunicorn runs CKAN: loaded once, then two processes of four threads that share its memory."""

from __future__ import annotations

from typing import Any

preload_app = True
workers = 2
threads = 4
worker_class = "gthread"
timeout = 120
graceful_timeout = 15
max_requests = 5000  # a slow leak never gets far
max_requests_jitter = 500
control_socket_disable = True
accesslog = None
errorlog = "-"
loglevel = "warning"


def post_fork(server: Any, worker: Any) -> None:
    """Connections must not be shared between processes: each one opens its own."""
    from ckan import model

    model.Session.remove()
    model.meta.engine.dispose(close=False)
