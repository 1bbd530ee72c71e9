"""Events as they go over the wire: unnamed, without ids, JSON in ASCII on one line."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from flask import Response


def event(payload: Mapping[str, Any], retry_ms: int | None = None) -> str:
    """One event; `retry_ms` puts a `retry:` line before it."""
    data = f"data: {json.dumps(payload)}\n\n"
    return data if retry_ms is None else f"retry: {retry_ms}\n{data}"


def stream(chunks: Iterator[str], headers: Mapping[str, str] | None = None) -> Response:
    """A response that sends what a generator yields; it keeps a thread until that has ended."""
    response = Response(chunks, content_type="text/event-stream; charset=utf-8")
    response.headers["Cache-Control"] = "no-cache"
    response.headers["X-Accel-Buffering"] = "no"
    response.headers.update(headers or {})
    return response
