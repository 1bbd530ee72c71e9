"""Which requests came, which of them still keep a thread, and how often something was begun."""

import json
import os
from typing import Any, NamedTuple

from .clock import iso_utc
from .database import Database

#: So many of the latest requests are kept.
KEPT_REQUESTS = 5000


class Request(NamedTuple):
    """One request, as it came in."""

    endpoint: str
    method: str
    target: str
    headers: dict[str, str]
    began_at: str
    is_open: bool


class Traffic:
    """Counts over all workers, so that whoever looks sees the backend as a whole."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def begin(self, endpoint: str, method: str, target: str, headers: dict[str, str]) -> int:
        """Notes that a request came and has a thread; returns its number."""
        with self.database.write() as connection:
            _count(connection, f"requests:{endpoint}")
            values = (endpoint, method, target, json.dumps(headers), os.getpid(), iso_utc())
            number = connection.execute(
                "insert into requests (endpoint, method, target, headers, pid, began_at, is_open)"
                " values (?, ?, ?, ?, ?, ?, 1)",
                values,
            ).lastrowid
            connection.execute(
                "delete from requests where id <= ? and is_open = 0",
                ((number or 0) - KEPT_REQUESTS,),
            )
            return number or 0

    def end(self, number: int) -> None:
        """Notes that the thread of a request is free again."""
        with self.database.write() as connection:
            connection.execute("update requests set is_open = 0 where id = ?", (number,))

    def count(self, name: str) -> None:
        """Counts something that was begun."""
        with self.database.write() as connection:
            _count(connection, name)

    def forget_open(self, pid: int | None = None) -> None:
        """Closes the requests of a worker that is dead, or of all that there were."""
        with self.database.write() as connection:
            connection.execute(
                "update requests set is_open = 0 where pid = coalesce(?, pid)", (pid,)
            )

    def counts(self) -> dict[str, Any]:
        """How much there was of everything, and what is open now, by endpoint."""
        open_now = "select endpoint, count(*) from requests where is_open = 1 group by endpoint"
        with self.database.read() as connection:
            totals = dict(connection.execute("select name, count from totals"))
            open_requests = dict(connection.execute(open_now))
        prefix = "requests:"
        return {
            "requests": {
                name[len(prefix) :]: count
                for name, count in totals.items()
                if name.startswith(prefix)
            },
            "open": open_requests,
            "analyses_started": totals.get("analyses", 0),
        }

    def latest(self, endpoint: str | None) -> list[Request]:
        """The latest requests, oldest first."""
        query = (
            "select endpoint, method, target, headers, began_at, is_open from requests"
            " where endpoint = coalesce(?, endpoint) order by id"
        )
        with self.database.read() as connection:
            found = connection.execute(query, (endpoint,)).fetchall()
        return [
            Request(endpoint, method, target, json.loads(headers), began_at, bool(is_open))
            for endpoint, method, target, headers, began_at, is_open in found
        ]


def _count(connection: Any, name: str) -> None:
    connection.execute(
        "insert into totals values (?, 1) on conflict (name) do update set count = count + 1",
        (name,),
    )
