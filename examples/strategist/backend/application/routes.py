"""The routes behind the login, and those of the agents, which has none."""

import hashlib
from urllib.parse import quote

from flask import Blueprint, Response, jsonify, make_response, request

from .analysis import analysis_stream, context_of, depth_of
from .backend import Backend
from .clock import iso_utc, parse_moment
from .enhanced import complaint, enhanced_feed
from .first import first_feed
from .sessions import Guard
from .smaller import agents_stream, compat_feed, conversation_stream, ward_report
from .wire import event, stream

PRIORITIES = ("all", "high", "critical")
ALERTS_LIMIT = 100
UPLOAD_PIECE_BYTES = 64 * 1024
UPLOAD_LIMIT_BYTES = 1024 * 1024 * 1024


def strategist_blueprint(backend: Backend) -> Blueprint:
    """`/api/v1/strategist`: the feed, the conversation, the reports."""
    blueprint = Blueprint("strategist", __name__, url_prefix="/api/v1/strategist")
    if not backend.settings.strategist_enabled:
        blueprint.before_request(_unavailable)
    blueprint.before_request(Guard(backend).require_login)

    @blueprint.get("/feed")
    def feed() -> Response:
        first = backend.settings.generation == "first"
        return _first(backend) if first else _enhanced(backend)

    @blueprint.get("/conversation/stream")
    def conversation() -> Response:
        if not request.args.get("sessionId"):
            return make_response(jsonify(error="sessionId is required"), 400)
        ward = request.args.get("ward", "All")
        chat_type = request.args.get("chatType", "strategy")
        return stream(conversation_stream(backend, ward, chat_type))

    @blueprint.get("/health")
    def health() -> Response:
        # The original counts none either: nothing registers with its manager of connections.
        shown = {"active_connections": 0, "max_connections": 100, "timestamp": iso_utc()}
        return jsonify(status="healthy", components={"sse_connections": shown})

    @blueprint.get("/<ward>")
    @blueprint.get("/ward/<ward>")
    def report(ward: str) -> Response:
        depth = depth_of(request.args.get("depth"))
        context = context_of(request.args.get("context"))
        text = ward_report(backend, ward, depth, context)
        response = Response(text, content_type="application/json")
        response.add_etag()
        response.make_conditional(request)
        return response

    return blueprint


def _enhanced(backend: Backend) -> Response:
    ward = request.args.get("ward", "").strip()
    priority = request.args.get("priority", "all")
    refused = complaint(ward, priority)
    if backend.faults("feed").take("refuse"):
        refused = "Authentication required"
    if refused is not None:
        # With status 200 (defect D10): a client takes it for a stream that was opened and ended.
        return stream(iter([event({"type": "error", "message": refused})]))
    headers = {
        "Cache-Control": "no-cache, no-store, must-revalidate",
        "Access-Control-Allow-Origin": request.headers.get("Origin", "*"),
        "Access-Control-Allow-Credentials": "true",
    }
    return stream(enhanced_feed(backend, ward, priority), headers)


def _first(backend: Backend) -> Response:
    ward = request.args.get("ward", "All")
    priority = request.args.get("priority", "all")
    since = request.args.get("since", "")
    return stream(
        first_feed(
            backend,
            ward,
            priority if priority in PRIORITIES else "all",
            parse_moment(since) if since else None,
        )
    )


def analysis_blueprint(backend: Backend) -> Blueprint:
    """`/api/v1/multimodel`: the analysis stream."""
    blueprint = Blueprint("multimodel", __name__, url_prefix="/api/v1/multimodel")
    if not backend.settings.multimodel_enabled:
        blueprint.before_request(_unavailable)
    blueprint.before_request(Guard(backend).require_login)

    @blueprint.get("/strategist/stream/<ward>")
    def analysis(ward: str) -> Response:
        if not ward.strip():
            return make_response(jsonify(error="Ward is required"), 400)
        depth = depth_of(request.args.get("depth"))
        chunks = analysis_stream(
            backend,
            ward,
            depth,
            context_of(request.args.get("context")),
            with_progress=request.args.get("include_progress", "true") == "true",
            with_confidence=request.args.get("include_confidence", "true") == "true",
        )
        headers = {
            "X-Ward": quote(ward),
            "X-Analysis-Depth": depth,
            "X-Stream-Type": "strategist-analysis",
            "Access-Control-Allow-Origin": "*",
        }
        return stream(chunks, headers)

    return blueprint


def other_blueprint(backend: Backend) -> Blueprint:
    """What does not stream, but passes the same way; and the compatibility feed."""
    blueprint = Blueprint("other", __name__, url_prefix="/api/v1")
    blueprint.before_request(Guard(backend).require_login)

    @blueprint.get("/strategist-compat/feed")
    def compat() -> Response:
        ward = request.args.get("ward", "").strip()
        if not ward:
            return make_response(jsonify(error="Ward is required"), 400)
        return stream(compat_feed(backend, ward, request.args.get("priority", "all")))

    @blueprint.get("/alerts/<ward>")
    def alerts(ward: str) -> Response:
        found = backend.rows.alerts(ward, ALERTS_LIMIT)
        return jsonify(ward=ward, alerts=[alert._asdict() for alert in found])

    @blueprint.post("/uploads")
    def uploads() -> Response:
        """Reads a body of any length without keeping it."""
        digest, size = hashlib.sha256(), 0
        while piece := request.stream.read(UPLOAD_PIECE_BYTES):
            digest.update(piece)
            size += len(piece)
            if size > UPLOAD_LIMIT_BYTES:
                return make_response(jsonify(error="Too large"), 413)
        return make_response(jsonify(size=size, sha256=digest.hexdigest()), 201)

    return blueprint


def agents_blueprint(backend: Backend) -> Blueprint:
    """`/api/v1/agents`: open to everybody, as in the original."""
    blueprint = Blueprint("agents", __name__, url_prefix="/api/v1/agents")

    @blueprint.get("/stream/analysis/<ward>")
    def agents(ward: str) -> Response:
        return stream(agents_stream(backend, ward))

    return blueprint


def _unavailable() -> Response:
    return make_response(jsonify(error="Service disabled", status="service_unavailable"), 503)
