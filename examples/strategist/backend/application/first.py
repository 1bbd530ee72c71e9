"""The feed of the first generation: a poll of the database every half minute, for ever."""

import sqlite3
from collections.abc import Iterator
from datetime import datetime

from .backend import Backend
from .clock import naive_now
from .faults import FatalFailure, Faults, RoundFailure
from .rows import Alert, Post
from .wire import event

ALERTS, POSTS = 10, 5
LONGEST_CONTENT = 200
ERROR_PAUSE_S = 10.0


def first_feed(backend: Backend, ward: str, priority: str, since: datetime | None) -> Iterator[str]:
    """One connection. It blocks its thread between the polls, and never ends by itself."""
    settings, faults = backend.settings, backend.faults("feed")
    # Only the first poll asks from `since`; whoever gives none hears of nothing older than now.
    last_check = since or naive_now()
    yield event({"type": "connection", "status": "connected", "ward": ward, "timestamp": _now()})
    while True:
        try:
            alerts, posts = _poll(backend, faults, ward, priority, last_check)
            yield from map(_alert, alerts)
            if posts:
                yield _intelligence(ward, posts)
            # Taken after the query and the sends, as the application does it (defect D8): what was
            # committed in between is never sent on this connection.
            last_check = naive_now()
            yield event({"type": "heartbeat", "timestamp": _now(), "ward": ward})
        except (RoundFailure, sqlite3.Error) as error:
            yield event({"type": "error", "error": str(error), "timestamp": _now()})
            faults.wait(settings.pause("feed_error_pause_s", ERROR_PAUSE_S))
        except FatalFailure as error:
            yield event({"type": "fatal_error", "error": str(error)})
            return
        else:
            faults.wait(settings.feed_poll_s)


def _poll(
    backend: Backend, faults: Faults, ward: str, priority: str, after: datetime
) -> tuple[list[Alert], list[Post]]:
    """The newest of what came after a moment; of more than ten, or five, the older are lost."""
    faults.fail_if_told()
    if faults.take("blind"):
        return [], []
    alerts = backend.rows.alerts(ward, ALERTS, priority, after)
    posts = backend.rows.posts(ward, POSTS, after)
    faults.lag()
    return alerts, posts


def _alert(alert: Alert) -> str:
    data = {
        "id": alert.id,
        "ward": alert.ward,
        "description": alert.description,
        "severity": alert.severity,
        "created_at": alert.created_at,
    }
    return event({"type": "alert", "data": data})


def _intelligence(ward: str, posts: list[Post]) -> str:
    items = [
        {
            "id": post.id,
            "content": _shortened(post.content),
            "emotion": post.emotion,
            "drivers": post.drivers,
            "city": post.city,
            "created_at": post.created_at,
        }
        for post in posts
    ]
    data = {
        "new_posts_count": len(posts),
        "summary": f"{len(posts)} new posts from {ward}",
        "items": items,
    }
    return event({"type": "intelligence", "data": data})


def _shortened(content: str) -> str:
    is_long = len(content) > LONGEST_CONTENT
    return f"{content[:LONGEST_CONTENT]}..." if is_long else content


def _now() -> str:
    return naive_now().isoformat()
