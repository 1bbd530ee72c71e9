"""The Flask application: what every request and every answer go through."""

import time

from flask import Flask, Response, g, jsonify, make_response, request

from .backend import Backend
from .routes import (
    agents_blueprint,
    analysis_blueprint,
    other_blueprint,
    strategist_blueprint,
)
from .sessions import sessions_blueprint, signing_key
from .settings import Settings, read_settings

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'self'",
}
ALLOWED_HEADERS = "Content-Type, Authorization, X-Requested-With"
ALLOWED_METHODS = "GET, POST, PUT, DELETE, OPTIONS"


def create_app(settings: Settings | None = None) -> Flask:
    """Builds the application; without settings, those of the environment."""
    backend = Backend(settings or read_settings())
    backend.database.prepare()
    app = Flask(__name__, static_folder=None)
    app.config.update(
        SECRET_KEY=signing_key(backend.database),
        SESSION_COOKIE_NAME="lokdarpan_session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        # Flask refuses signatures that are older, also in cookies of browser sessions.
        PERMANENT_SESSION_LIFETIME=backend.settings.session_lifetime_s,
    )
    _watch(app, backend)
    for build in (
        sessions_blueprint,
        strategist_blueprint,
        analysis_blueprint,
        other_blueprint,
        agents_blueprint,
    ):
        app.register_blueprint(build(backend))
    return app


def _watch(app: Flask, backend: Backend) -> None:
    """Counts requests, applies faults to whole requests, and adds the headers of all answers."""

    @app.before_request
    def begin() -> Response | None:
        g.began_at = time.monotonic()
        # As it stood in the request line, before anything was decoded.
        target = request.environ.get("RAW_URI", request.path)
        headers = dict(request.headers) if backend.settings.records_headers else {}
        endpoint = (request.endpoint or "none").rpartition(".")[2]
        g.number = backend.traffic.begin(endpoint, request.method, target, headers)
        faults = backend.faults(endpoint)
        delay = faults.take("delay")
        if delay is not None:
            time.sleep(delay.seconds or 1)
        fault = faults.take("status")
        return None if fault is None else _failure(fault.status or 500)

    @app.after_request
    def finish(response: Response) -> Response:
        number = g.number
        # When the last byte is out, or when writing failed: until then a thread is taken.
        response.call_on_close(lambda: backend.traffic.end(number))
        response.headers.update(SECURITY_HEADERS)
        response.headers["X-Response-Time"] = f"{(time.monotonic() - g.began_at) * 1000:.0f}ms"
        origin = request.headers.get("Origin")
        if origin in backend.settings.cors_origins:
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Allow-Credentials"] = "true"
            response.headers["Access-Control-Allow-Headers"] = ALLOWED_HEADERS
            response.headers["Access-Control-Allow-Methods"] = ALLOWED_METHODS
            response.vary.add("Origin")
        return response


def _failure(status: int) -> Response:
    """503 is the service that was switched off, 401 and 403 are its JSON; others are plain text."""
    if status == 503:
        return make_response(jsonify(error="Service disabled", status="service_unavailable"), 503)
    if status in (401, 403):
        return make_response(jsonify(error="Authentication required"), status)
    return Response("Error", status=status, content_type="text/plain")
