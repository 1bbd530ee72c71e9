"""The analysis stream: one analysis for each request, then heartbeats for ever."""

import time
from collections.abc import Iterator
from typing import Any

from .backend import Backend
from .clock import iso_utc
from .faults import FatalFailure, RoundFailure
from .wire import event

#: Stage, progress, what is done.
STEPS = (
    ("data_collection", 0.1, "Collecting reports and posts"),
    ("data_collection", 0.25, "Sorting them by street"),
    ("sentiment_analysis", 0.4, "Reading the mood"),
    ("sentiment_analysis", 0.55, "Comparing it with last week"),
    ("strategic_analysis", 0.7, "Weighing what rivals do"),
    ("strategic_analysis", 0.85, "Choosing what to answer"),
    ("report_generation", 1.0, "Writing the report"),
)
STEP_S = {"quick": 2.0, "standard": 4.0, "deep": 6.0}
CONTEXTS = ("defensive", "neutral", "offensive")
#: Confidence is told from the third step on.
FIRST_CONFIDENCE = 2


def analysis_stream(
    backend: Backend,
    ward: str,
    depth: str,
    context: str,
    with_progress: bool = True,
    with_confidence: bool = True,
) -> Iterator[str]:
    """One connection. The events are flat objects, and name themselves in `type`."""
    faults = backend.faults("analysis")
    step_s = backend.settings.pause("analysis_step_s", STEP_S[depth])
    began = time.monotonic()

    def message(kind: str, **members: Any) -> str:
        return event({"type": kind, **members, "timestamp": iso_utc()})

    yield message("connection", status="connected", ward=ward, depth=depth, context=context)
    backend.traffic.count("analyses")
    yield message("analysis-start", ward=ward, depth=depth, estimated_duration=step_s * len(STEPS))
    try:
        for number, (stage, progress, description) in enumerate(STEPS):
            faults.fail_if_told()
            if with_progress:
                eta = step_s * (len(STEPS) - 1 - number)
                shown = {"stage": stage, "progress": progress, "description": description}
                yield message("analysis-progress", **shown, eta=eta)
            if with_confidence and number >= FIRST_CONFIDENCE:
                yield message("confidence-update", **_confidence(number))
            faults.wait(step_s)
    except RoundFailure as error:
        yield message("analysis-error", error="The analysis failed", details=str(error))
    except FatalFailure as error:
        yield message("stream-error", error="The stream failed", details=str(error))
        return
    else:
        taken = time.monotonic() - began
        result = _result(backend, ward)
        yield message("analysis-complete", ward=ward, analysis_result=result, processing_time=taken)
    while True:
        yield message("heartbeat", ward=ward, server_time=iso_utc())
        faults.wait(backend.settings.heartbeat_s)


def depth_of(asked: str | None) -> str:
    """The depth that is meant by a parameter."""
    return asked if asked in STEP_S else "standard"


def context_of(asked: str | None) -> str:
    """The context that is meant by a parameter."""
    return asked if asked in CONTEXTS else "neutral"


def _confidence(number: int) -> dict[str, Any]:
    is_last = number == len(STEPS) - 1
    return {
        "score": round(0.6 + 0.05 * number, 2),
        "trend": "stable" if is_last else "increasing",
        "reliability": "high" if number > len(STEPS) // 2 else "medium",
    }


def _result(backend: Backend, ward: str) -> dict[str, Any]:
    alerts = backend.rows.alerts(ward, limit=3)
    return {
        "strategic_overview": f"{ward} listens to whoever names a date for a repair.",
        "key_intelligence": [alert.title for alert in alerts],
        "recommended_actions": ["Answer the newest alert first", "Send one name for each street"],
        "confidence_score": 0.9,
    }
