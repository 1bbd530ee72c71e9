"""Flask under gunicorn: a generator that asks the database for new rows."""

import os
import sqlite3
import time
from collections.abc import Iterator

from flask import Flask, Response, request

app = Flask(__name__)


def connect() -> sqlite3.Connection:
    """The rows outlive the process, and are the same in every worker."""
    database = sqlite3.connect(os.environ["DATABASE"], timeout=10, isolation_level=None)
    database.execute("CREATE TABLE IF NOT EXISTS rows (id INTEGER PRIMARY KEY)")
    return database


@app.post("/rows")
def insert() -> str:
    """Adds a row and says its number."""
    cursor = connect().execute("INSERT INTO rows DEFAULT VALUES")
    return str(cursor.lastrowid)


@app.get("/events")
def events() -> Response:
    """Streams rows, beginning after the last that the reader has."""
    last = int(request.headers.get("Last-Event-ID", "0"))

    def generate() -> Iterator[str]:
        database = connect()
        newest, said_at = last, 0.0
        while True:
            rows = database.execute("SELECT id FROM rows WHERE id > ? ORDER BY id", (newest,))
            for (newest,) in rows.fetchall():
                yield f"id: {newest}\ndata: {newest}\n\n"
                said_at = time.monotonic()
            if time.monotonic() - said_at > 1.1:
                yield ": keep-alive\n\n"
                said_at = time.monotonic()
            time.sleep(0.05)

    return Response(generate(), mimetype="text/event-stream", headers={"Cache-Control": "no-cache"})
