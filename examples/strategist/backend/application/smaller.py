"""The smaller streams: a conversation, the agents, and the compatibility feed."""

import json
import time
from collections.abc import Iterator
from typing import Any

from .backend import Backend
from .clock import iso_utc
from .faults import FatalFailure, RoundFailure
from .wire import event

WORDS_AT_A_TIME = 50
AGENT_STAGES = ("gathering", "reading", "comparing", "writing")
COMPAT_ITEMS = 3


def conversation_stream(backend: Backend, ward: str, chat_type: str) -> Iterator[str]:
    """An answer, some words at a time, as the application means to send it; then the end."""
    faults = backend.faults("conversation")
    answer = _answer(backend, ward)
    words = answer.split(" ")
    yield event({"type": "analysis_start", "message": f"Looking at {ward}"})
    try:
        said = ""
        for begin in range(0, len(words), WORDS_AT_A_TIME):
            faults.fail_if_told()
            end = min(begin + WORDS_AT_A_TIME, len(words))
            piece = " ".join(words[begin:end])
            said = f"{said} {piece}".strip()
            progress = round(100 * end / len(words))
            chunk = {"content": piece, "accumulated_content": said, "progress": progress}
            yield event({"type": "content_chunk", **chunk})
            faults.wait(backend.settings.chunk_pause_s)
    except (RoundFailure, FatalFailure) as error:
        yield event({"type": "error", "message": "The answer failed", "error": str(error)})
        return
    sources = ["alerts"]
    context = {"confidence": 0.8, "sources": sources, "chat_type": chat_type}
    shown = {"content": answer, "context": context, "confidence": 0.8, "sources": sources}
    yield event({"type": "analysis_complete", **shown, "actions": [], "actionable": False})


def agents_stream(backend: Backend, ward: str) -> Iterator[str]:
    """An analysis by agents; its events have a `status` instead of a `type`."""
    faults = backend.faults("agents")
    yield event({"status": "starting", "ward": ward, "timestamp": iso_utc()})
    try:
        for stage in AGENT_STAGES:
            faults.fail_if_told()
            yield event({"status": "analyzing", "stage": stage})
            faults.wait(backend.settings.chunk_pause_s)
    except (RoundFailure, FatalFailure) as error:
        # The text goes into the JSON as it is, and its line breaks tear the event apart (D13).
        text = f"Working outside of something.\n\nThis typically means\nthat it was a {error}."
        yield f'data: {{"status": "error", "error": "{text}"}}\n\n'
        return
    yield event({"status": "completed", "result": {"ward": ward, "stages": len(AGENT_STAGES)}})


def compat_feed(backend: Backend, ward: str, priority: str) -> Iterator[str]:
    """The feed that stands in when the real one cannot be loaded: three items, then `close`."""
    faults = backend.faults("compat")
    greeting = {"type": "connection", "status": "connected", "ward": ward}
    yield event({**greeting, "timestamp": time.time()})
    for number in range(1, COMPAT_ITEMS + 1):
        item: dict[str, Any] = {
            "id": f"fallback_{number}",
            "ward": ward,
            "priority": priority,
            "message": f"Note {number} for {ward}",
            "timestamp": time.time(),
            "source": "fallback",
            "content": "The feed is being set up.",
            "severity": "medium",
        }
        yield event({"type": "intelligence", "data": item})
        faults.wait(backend.settings.chunk_pause_s)
    yield event({"type": "close", "reason": "feed_complete", "timestamp": time.time()})


def _answer(backend: Backend, ward: str) -> str:
    heard = [f"{alert.title}: {alert.description}" for alert in backend.rows.alerts(ward, 3)]
    newest = " ".join(heard) or "Nothing is reported."
    advice = (
        f"In {ward} people compare dates, not promises. Name the street, the day and the person who"
        " answers for it, and say so before a rival does. Ask ten households what changed this week"
        " before anything is announced. Keep the loudspeakers out of the lanes in the evening, and"
        " let the volunteers who live there speak first. What is repaired is shown the same day,"
        " with a picture and without a party flag. What cannot be repaired is said plainly, with"
        " the reason, because a rumour fills every silence. Count the doors, not the posters; a"
        " door that was opened twice is worth more than a wall. Come back on the day you named."
    )
    return f"{newest} {advice}"


def ward_report(backend: Backend, ward: str, depth: str, context: str) -> str:
    """The report of a ward as JSON: the same text for as long as nothing new was heard."""
    alerts = backend.rows.alerts(ward, limit=5)
    return json.dumps(
        {
            "ward": ward,
            "depth": depth,
            "context": context,
            "briefing": _answer(backend, ward),
            "alerts": [alert._asdict() for alert in alerts],
            "as_of": alerts[0].created_at if alerts else None,
        }
    )
