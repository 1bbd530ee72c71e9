"""The SQLite file that all processes of the backend share: workers, control and feeder."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

SCHEMA = """
create table if not exists alerts (
  id integer primary key autoincrement, ward text not null, title text not null,
  description text not null, severity text not null, category text not null,
  created_at text not null);
create table if not exists posts (
  id integer primary key autoincrement, ward text not null, city text not null,
  content text not null, emotion text not null, party text, drivers text not null,
  created_at text not null);
create table if not exists briefs (
  id integer primary key autoincrement, ward text not null, title text not null,
  content text not null, priority text not null, confidence real not null,
  created_at text not null);
create index if not exists alerts_by_time on alerts (created_at, id);
create index if not exists posts_by_time on posts (created_at, id);
create table if not exists sessions (id text primary key, username text not null);
create table if not exists secrets (name text primary key, value blob not null);
create table if not exists faults (
  id integer primary key autoincrement, endpoint text not null, kind text not null,
  times_left integer, status integer, seconds real);
create table if not exists requests (
  id integer primary key autoincrement, endpoint text not null, method text not null,
  target text not null, headers text not null, pid integer not null,
  began_at text not null, is_open integer not null);
create table if not exists totals (name text primary key, count integer not null);
"""

#: How long a process waits for another one that writes.
BUSY_WITHIN_S = 10


class Database:
    """Opens a connection for each piece of work: threads and processes share only the file."""

    def __init__(self, path: str) -> None:
        self.path = path

    def prepare(self) -> None:
        """Creates the tables that are not there yet."""
        with self._connect() as connection:
            connection.execute("pragma journal_mode = wal")
            connection.executescript(SCHEMA)

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """A connection for queries."""
        with self._connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """A transaction; it is committed at the end, and undone by an exception."""
        with self._connect() as connection:
            connection.execute("begin immediate")
            try:
                yield connection
            except BaseException:
                connection.execute("rollback")
                raise
            connection.execute("commit")

    @contextmanager
    def _connect(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self.path, timeout=BUSY_WITHIN_S, isolation_level=None)
        try:
            # What was committed survives the death of a process, though not that of the machine.
            connection.execute("pragma synchronous = off")
            yield connection
        finally:
            connection.close()
