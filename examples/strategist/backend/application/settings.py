"""What the backend is told by its environment. All times are in seconds."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

GENERATIONS = ("enhanced", "first")
ANONYMOUS_ANSWERS = ("redirect", "unauthorized", "forbidden", "in-stream")


@dataclass(frozen=True)
class Settings:
    """The settings of one process; the defaults are the pace and the manners of the real thing."""

    #: Path of the SQLite file that all processes of the backend share.
    database: str
    #: Which generation answers at the path of the feed: `enhanced` or `first`.
    generation: str = "enhanced"
    #: How somebody without a session is answered; `redirect` is what the application does.
    anonymous: str = "redirect"
    #: The oldest login that still counts. It is not renewed by requests.
    session_lifetime_s: int = 3600
    #: The pause after a round of the enhanced feed.
    feed_round_s: float = 1.0
    #: The pause between two polls of the first generation.
    feed_poll_s: float = 30.0
    #: The pause after a round or poll that failed; `None`: 2 s (enhanced) or 10 s (first).
    feed_error_pause_s: float | None = None
    #: The pause after each step of an analysis; `None`: 2, 4 or 6 s, by its depth.
    analysis_step_s: float | None = None
    #: The pause between two heartbeats after an analysis, and the least between two of the feed.
    heartbeat_s: float = 30.0
    #: The pause after each piece of an answer in a conversation.
    chunk_pause_s: float = 0.1
    #: Off: every route of the strategist, or of the analysis, answers 503.
    strategist_enabled: bool = True
    multimodel_enabled: bool = True
    #: On: headers of requests, with cookies, are kept for tests to look at.
    records_headers: bool = False
    #: Origins that may read answers with credentials.
    cors_origins: tuple[str, ...] = ()
    #: Names and passwords of those who may log in.
    users: tuple[tuple[str, str], ...] = (("strategist", "lotus"), ("observer", "banyan"))

    def __post_init__(self) -> None:
        if self.generation not in GENERATIONS:
            raise ValueError(f"FEED_GENERATION is one of {GENERATIONS}, not {self.generation!r}")
        if self.anonymous not in ANONYMOUS_ANSWERS:
            raise ValueError(f"ANONYMOUS is one of {ANONYMOUS_ANSWERS}, not {self.anonymous!r}")

    def pause(self, name: str, otherwise: float) -> float:
        """A pause that has no default of its own."""
        given = getattr(self, name)
        return otherwise if given is None else float(given)


def read_settings(env: Mapping[str, str] = os.environ) -> Settings:
    """The settings that the environment asks for; raises `ValueError` on those that cannot be."""
    read: dict[str, tuple[str, Callable[[str], Any]]] = {
        "database": ("BACKEND_DATABASE", str),
        "generation": ("FEED_GENERATION", str),
        "anonymous": ("ANONYMOUS", str),
        "session_lifetime_s": ("SESSION_LIFETIME_S", int),
        "feed_round_s": ("FEED_ROUND_S", float),
        "feed_poll_s": ("FEED_POLL_S", float),
        "feed_error_pause_s": ("FEED_ERROR_PAUSE_S", float),
        "analysis_step_s": ("ANALYSIS_STEP_S", float),
        "heartbeat_s": ("HEARTBEAT_S", float),
        "chunk_pause_s": ("CHUNK_PAUSE_S", float),
        "strategist_enabled": ("STRATEGIST_ENABLED", _flag),
        "multimodel_enabled": ("MULTIMODEL_ENABLED", _flag),
        "records_headers": ("RECORD_HEADERS", _flag),
        "cors_origins": ("CORS_ORIGINS", _list),
        "users": ("BACKEND_USERS", _users),
    }
    given = {field: parse(env[name]) for field, (name, parse) in read.items() if env.get(name)}
    return Settings(**{"database": "backend.sqlite", **given})


def _flag(text: str) -> bool:
    return text.lower() not in ("false", "0", "no")


def _list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _users(text: str) -> tuple[tuple[str, str], ...]:
    """`name:password,name:password`."""
    pairs = [pair.partition(":") for pair in _list(text)]
    return tuple((name, password) for name, _, password in pairs)
