"""The feed of the enhanced generation: rounds of the newest rows, until ten are out."""

import sqlite3
import time
from collections.abc import Iterator
from typing import Any

from .backend import Backend
from .clock import iso_utc
from .faults import FatalFailure, RoundFailure
from .rows import Alert, Brief, Post
from .wire import event

PRIORITIES = ("all", "high", "critical")
LONGEST_WARD = 100
ITEMS_UNTIL_COMPLETE = 10
BRIEFS, ALERTS, POSTS = 3, 5, 3
BRIEF_PAUSE_S = 0.5
ERROR_PAUSE_S = 2.0
#: A native `EventSource` waits so long before it comes back, from the first error on.
RETRY_MS = 5000

Item = dict[str, Any]


def complaint(ward: str, priority: str) -> str | None:
    """Why a request is refused, which is said in a stream with status 200."""
    if not ward:
        return "Ward parameter is required"
    if len(ward) > LONGEST_WARD:
        return "Ward name too long"
    if priority not in PRIORITIES:
        return f"Invalid priority: {priority}"
    return None


def enhanced_feed(backend: Backend, ward: str, priority: str) -> Iterator[str]:
    """One connection, from `connection` to `complete`. It blocks its thread between the events."""
    settings, faults = backend.settings, backend.faults("feed")
    connection_id = f"{ward}_{time.time_ns() // 1_000_000}"

    def message(kind: str, data: Item, retry_ms: int | None = None) -> str:
        envelope = {"timestamp": time.time(), "connection_id": connection_id}
        return event({"type": kind, "data": data, **envelope}, retry_ms)

    greeting = {"status": "connected", "ward": ward, "priority": priority}
    yield message("connection", {**greeting, "server_time": iso_utc()})
    error_pause_s = settings.pause("feed_error_pause_s", ERROR_PAUSE_S)
    sent = 0
    beat_at = time.monotonic()
    while sent < ITEMS_UNTIL_COMPLETE:
        if time.monotonic() - beat_at >= settings.heartbeat_s:
            beat_at = time.monotonic()
            beat = {"type": "heartbeat", "timestamp": time.time()}
            yield event({**beat, "connection_id": connection_id, "ward": ward})
        try:
            for item, pause_s in _round(backend, ward, priority):
                yield message("intelligence", item)
                sent += 1
                if pause_s > 0:
                    faults.wait(pause_s)
            faults.fail_if_told()
        except RoundFailure:
            failure = {"message": "The feed failed for a moment", "recoverable": True}
            yield message("error", failure, RETRY_MS)
            faults.wait(error_pause_s)
        except FatalFailure as error:
            failure = {"message": "The feed failed", "error": str(error), "recoverable": False}
            yield message("error", failure, RETRY_MS)
            return
        else:
            faults.wait(settings.feed_round_s)
    yield message("complete", {"ward": ward, "total_events": sent, "reason": "feed_complete"})


def _round(backend: Backend, ward: str, priority: str) -> list[tuple[Item, float]]:
    """What one round sends, and the pause after each item."""
    faults = backend.faults("feed")
    try:
        if faults.take("blind"):
            raise sqlite3.OperationalError("blind on demand")
        briefs = backend.rows.briefs(ward, BRIEFS)
        alerts = backend.rows.alerts(ward, ALERTS, priority)
        posts = backend.rows.posts(ward, POSTS)
    except sqlite3.Error:
        return [(_filler("fallback", ward, "low", "system_status"), 0)]
    faults.lag()
    items = [
        *((_brief(brief), BRIEF_PAUSE_S) for brief in briefs),
        *((_alert(alert), 0.0) for alert in alerts),
        *((_post(post), 0.0) for post in posts),
    ]
    return items or [(_filler("strategic", ward, "medium", "strategic_analysis"), 0)]


def _brief(brief: Brief) -> Item:
    return {
        "id": f"brief_{brief.id}",
        "ward": brief.ward,
        "priority": brief.priority,
        "title": brief.title,
        "content": brief.content,
        "source": "cache",
        "confidence": brief.confidence,
    }


def _alert(alert: Alert) -> Item:
    return {
        "id": f"alert_{alert.id}",
        "ward": alert.ward,
        "priority": "high" if alert.severity in ("High", "Critical") else "medium",
        "title": alert.title,
        "content": alert.description,
        "source": "database",
        "created_at": alert.created_at,
        "category": alert.category,
    }


def _post(post: Post) -> Item:
    return {
        "id": f"post_{post.id}",
        "ward": post.ward,
        "priority": "medium",
        "title": f"Heard in {post.city}",
        "content": post.content,
        "source": "posts",
        "emotion": post.emotion,
        "party": post.party,
        "created_at": post.created_at,
        "category": "social_media",
    }


def _filler(kind: str, ward: str, priority: str, category: str) -> Item:
    return {
        "id": f"{kind}_{int(time.time())}",
        "ward": ward,
        "priority": priority,
        "title": "All quiet",
        "content": f"Nothing new from {ward}; the desk keeps listening.",
        "source": "system",
        "category": category,
    }
