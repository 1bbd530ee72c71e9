"""The control: rows, counts, faults and sessions, for tests and for the feeder.

It is a process of its own, on loopback, beside the application: it answers also when all threads of
the application are taken, or when the application is dead. Nobody has to start it.
"""

import logging
import os
import threading
import time
from typing import Any

from flask import Flask, Response, jsonify, make_response, request
from werkzeug.serving import make_server

from .backend import Backend
from .clock import iso_utc
from .faults import KINDS
from .sessions import Sessions
from .settings import read_settings


def create_control(backend: Backend) -> Flask:
    """Builds it. All bodies are JSON, which other sites cannot post from a browser."""
    control = Flask(__name__)

    @control.post("/__rows")
    def insert_rows() -> Response:
        """One row, or `{rows: [...]}` in one transaction; the moment is that after the commit."""
        body = request.get_json()
        ids = backend.rows.insert(body.get("rows", [body]))
        return jsonify(ids=ids, committed_at=iso_utc(), committed_ms=time.time() * 1000)

    @control.get("/__rows")
    def count_rows() -> Response:
        """How many rows there are, in all tables together."""
        return jsonify(count=backend.rows.count())

    @control.get("/__counts")
    def counts() -> Response:
        return jsonify(backend.traffic.counts())

    @control.get("/__requests")
    def requests() -> Response:
        found = backend.traffic.latest(request.args.get("endpoint"))
        return jsonify([seen._asdict() for seen in found])

    @control.post("/__requests/closed")
    def forget_open() -> Response:
        """The application was killed: nothing of it is open any more."""
        backend.traffic.forget_open()
        return jsonify({})

    @control.post("/__faults")
    def set_fault() -> Response:
        fault = request.get_json()
        if fault.get("kind") not in KINDS:
            raise ValueError(f"kind is one of {KINDS}, not {fault.get('kind')!r}")
        # Silence lasts until it is cleared; all else happens once, unless it is told how often.
        times = None if fault["kind"] == "hang" else fault.get("times", 1)
        values = (fault.get("endpoint", "*"), fault["kind"], times)
        with backend.database.write() as connection:
            connection.execute(
                "insert into faults (endpoint, kind, times_left, status, seconds)"
                " values (?, ?, ?, ?, ?)",
                (*values, fault.get("status"), fault.get("seconds")),
            )
        return jsonify({})

    @control.get("/__faults")
    def pending_faults() -> Response:
        """How often faults that happen so many times are still to happen."""
        query = "select coalesce(sum(times_left), 0) from faults"
        with backend.database.read() as connection:
            return jsonify(pending=connection.execute(query).fetchone()[0])

    @control.delete("/__faults")
    def clear_faults() -> Response:
        with backend.database.write() as connection:
            connection.execute("delete from faults")
        return jsonify({})

    @control.post("/__sessions/end")
    def end_sessions() -> Response:
        username = request.get_json()["user"]
        return jsonify(ended=Sessions(backend.database).end_all_of(username))

    @control.errorhandler(ValueError)
    def refuse(error: ValueError) -> Response:
        return make_response(jsonify(error=str(error)), 400)

    return control


def end_with_stdin() -> None:
    """Ends this process when the one that holds its standard input is gone."""

    def watch() -> None:
        while os.read(0, 1024):
            pass
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()


def main(env: Any = os.environ) -> None:
    """Serves the control on `CONTROL_PORT` (default: any that is free), and says where."""
    backend = Backend(read_settings())
    backend.database.prepare()
    if env.get("END_WITH_STDIN"):
        end_with_stdin()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    port = int(env.get("CONTROL_PORT", "0"))
    server = make_server("127.0.0.1", port, create_control(backend), threaded=True)
    print(f"Control listens at http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
