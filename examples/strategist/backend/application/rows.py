"""The alerts, posts and briefs of the database."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from .clock import naive_now, parse_moment
from .database import Database

#: Severities that a priority of the feed lets through; any other priority lets all through.
SEVERITIES = {"high": ("High", "Critical"), "critical": ("Critical",)}


class Alert(NamedTuple):
    """A note of the control room."""

    id: int
    ward: str
    title: str
    description: str
    severity: str
    category: str
    created_at: str


class Post(NamedTuple):
    """What somebody wrote in public."""

    id: int
    ward: str
    city: str
    content: str
    emotion: str
    party: str | None
    drivers: list[str]
    created_at: str


class Brief(NamedTuple):
    """What the analysis desk keeps ready; the application has it in a cache."""

    id: int
    ward: str
    title: str
    content: str
    priority: str
    confidence: float
    created_at: str


#: What a row is where its author says nothing: columns and defaults, in the order of the table.
DEFAULTS: dict[str, dict[str, Any]] = {
    "alerts": {
        "ward": "Lotus Tank",
        "title": "Alert",
        "description": "",
        "severity": "Medium",
        "category": "civic",
        "created_at": None,
    },
    "posts": {
        "ward": "Lotus Tank",
        "city": None,
        "content": "",
        "emotion": "Neutral",
        "party": None,
        "drivers": (),
        "created_at": None,
    },
    "briefs": {
        "ward": "Lotus Tank",
        "title": "Brief",
        "content": "",
        "priority": "medium",
        "confidence": 0.5,
        "created_at": None,
    },
}


class Rows:
    """Reads and writes them."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def insert(self, rows: list[Mapping[str, Any]]) -> list[int]:
        """Writes rows in one transaction and returns their numbers.

        Each names its table as `kind` (`alert`, `post` or `brief`); whatever else is missing gets a
        default. Raises `ValueError` for a kind or a moment that cannot be.
        """
        ids: list[int] = []
        with self.database.write() as connection:
            for row in rows:
                table = f"{row.get('kind')}s"
                if table not in DEFAULTS:
                    raise ValueError(f"kind is alert, post or brief, not {row.get('kind')!r}")
                values = _complete(table, row)
                marks = ", ".join("?" for _ in values)
                statement = f"insert into {table} ({', '.join(values)}) values ({marks})"
                ids.append(connection.execute(statement, tuple(values.values())).lastrowid or 0)
        return ids

    def count(self) -> int:
        """How many rows there are, in all tables together."""
        with self.database.read() as connection:
            queries = (f"select count(*) from {table}" for table in DEFAULTS)
            return sum(int(connection.execute(query).fetchone()[0]) for query in queries)

    def alerts(
        self, ward: str, limit: int, priority: str = "all", after: datetime | None = None
    ) -> list[Alert]:
        """The newest alerts first. `after` is exclusive."""
        where, values = _conditions(ward, after)
        severities = SEVERITIES.get(priority)
        if severities is not None:
            where += f" and severity in ({', '.join('?' for _ in severities)})"
            values += severities
        return [Alert(*row) for row in self._select("alerts", where, (*values, limit))]

    def posts(self, ward: str, limit: int, after: datetime | None = None) -> list[Post]:
        """The newest posts first. `after` is exclusive."""
        where, values = _conditions(ward, after)
        found = [Post(*row) for row in self._select("posts", where, (*values, limit))]
        return [post._replace(drivers=json.loads(str(post.drivers))) for post in found]

    def briefs(self, ward: str, limit: int) -> list[Brief]:
        """The newest briefs first."""
        where, values = _conditions(ward, None)
        return [Brief(*row) for row in self._select("briefs", where, (*values, limit))]

    def _select(self, table: str, where: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        columns = ", ".join(("id", *DEFAULTS[table]))
        statement = (
            f"select {columns} from {table} where {where} order by created_at desc, id desc limit ?"
        )
        with self.database.read() as connection:
            found = connection.execute(statement, values).fetchall()
        # As `isoformat` writes it, which leaves out a fraction that is nothing.
        return [(*row[:-1], datetime.fromisoformat(row[-1]).isoformat()) for row in found]


def _complete(table: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """The values of all columns of a row; moments all have one length, so that text compares."""
    values = {name: row.get(name, default) for name, default in DEFAULTS[table].items()}
    given = values["created_at"]
    moment = naive_now() if given is None else parse_moment(str(given))
    if moment is None:
        raise ValueError(f"created_at is ISO 8601, not {given!r}")
    values["created_at"] = stored(moment)
    if table == "posts":
        values["city"] = values["city"] or values["ward"]
        values["drivers"] = json.dumps(list(values["drivers"]))
    return values


def stored(moment: datetime) -> str:
    """A moment as the database has it."""
    return moment.isoformat(timespec="microseconds")


def _conditions(ward: str, after: datetime | None) -> tuple[str, tuple[Any, ...]]:
    """A ward means every ward that has it in its name, in any case; `all` means all of them."""
    wanted = ward.strip().lower()
    since = "" if after is None else stored(after)
    if wanted == "all":
        return "created_at > ?", (since,)
    return "created_at > ? and instr(lower(ward), ?) > 0", (since, wanted)
