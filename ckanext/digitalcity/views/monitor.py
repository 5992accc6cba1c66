"""For machines that watch the portal: is everything there (JSON), and numbers for Prometheus."""

from __future__ import annotations

import ckan.plugins.toolkit as tk
from flask import Blueprint, Response, jsonify
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from ckanext.digitalcity import health
from ckanext.digitalcity.metrics import Ledger

from .ask import ask, context

monitor = Blueprint("digitalcity_monitor", __name__, url_prefix="/digitalcity")


@monitor.route("/health")
def healthy() -> Response:
    """200 while visitors can use the portal, else 503; which part is missing, if any."""
    found = ask("digitalcity_health_show")["parts"]
    wrong = {part: message for part, message in found.items() if message}
    serves = health.serves(found)
    response = jsonify({"status": "ok" if not wrong else "degraded" if serves else "down", "wrong": wrong})
    response.status_code = 200 if serves else 503
    response.headers["Cache-Control"] = "no-store"
    return response


@monitor.route("/metrics")
def metrics() -> Response:
    """The ledger in numbers, in the format that Prometheus asks for."""
    try:
        tk.check_access("digitalcity_source_list", context(), {})
    except tk.NotAuthorized:
        tk.abort(403)
    registry = CollectorRegistry()
    registry.register(Ledger())
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
