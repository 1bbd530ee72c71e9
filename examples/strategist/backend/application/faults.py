"""Faults on demand. Without the control process nobody can ask for one."""

import time
from typing import NamedTuple

from .database import Database

KINDS = ("status", "delay", "refuse", "fail", "fatal", "cut", "hang", "lag", "blind")

#: How often a stream that was told to be silent looks whether it may go on.
LOOK_EVERY_S = 0.05


class Fault(NamedTuple):
    """One fault, with what its kind needs."""

    kind: str
    status: int | None
    seconds: float | None


class RoundFailure(Exception):
    """A round, a poll or a step could not be done; the stream goes on."""


class FatalFailure(Exception):
    """The stream cannot go on; it says so and ends."""


class Cut(Exception):
    """The connection is to end in the middle of a response."""


class Faults:
    """What one endpoint has to suffer.

    `status`: answers so. `delay`: answers so many seconds later. `refuse`: says in the stream that
    the login is missing. `fail`: a round or step fails. `fatal`: the stream fails for good. `cut`:
    the connection ends without the end of the response. `hang`: nothing is sent until the fault is
    cleared. `lag`: so many seconds pass between the query of a poll and its sends. `blind`: the
    database cannot be asked.
    """

    def __init__(self, database: Database, endpoint: str) -> None:
        self.database = database
        self.endpoint = endpoint

    def take(self, kind: str) -> Fault | None:
        """The oldest fault of a kind that is meant for this endpoint, used up by once."""
        query = (
            "select id, kind, status, seconds, times_left from faults where kind = ? and"
            " endpoint in (?, '*') and coalesce(times_left, 1) > 0 order by id limit 1"
        )
        values = (kind, self.endpoint)
        with self.database.read() as connection:
            # Nearly always there is none; then nobody has to wait for whoever writes.
            if connection.execute(query, values).fetchone() is None:
                return None
        with self.database.write() as connection:
            found = connection.execute(query, values).fetchone()
            if found is None:
                return None
            connection.execute(
                "update faults set times_left = times_left - 1 where id = ?", found[:1]
            )
            return Fault(*found[1:4])

    def fail_if_told(self) -> None:
        """Raises what a round or step has to suffer, if anything."""
        if self.take("cut"):
            raise Cut("cut on demand")
        if self.take("fatal"):
            raise FatalFailure("fatal failure on demand")
        if self.take("fail"):
            raise RoundFailure("failure on demand")

    def lag(self) -> None:
        """Waits as long as a poll is told to be late."""
        fault = self.take("lag")
        if fault is not None:
            time.sleep(fault.seconds or 1)

    def wait(self, seconds: float) -> None:
        """Waits, blocking the thread, and for as long as the stream has to be silent."""
        time.sleep(seconds)
        while self.take("hang"):
            time.sleep(LOOK_EVERY_S)
