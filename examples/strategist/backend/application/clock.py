"""Moments as the application writes them. Those without a zone are UTC, as on its servers."""

from datetime import datetime, timezone


def naive_now() -> datetime:
    """The present moment, without a zone."""
    return datetime.now(timezone.utc).replace(tzinfo=None)


def iso_utc() -> str:
    """The present moment as ISO 8601 with a zone."""
    return datetime.now(timezone.utc).isoformat()


def parse_moment(text: str) -> datetime | None:
    """A moment from ISO 8601 with `Z`, with an offset or with neither; `None` where it is none."""
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    if moment.tzinfo is None:
        return moment
    return moment.astimezone(timezone.utc).replace(tzinfo=None)
