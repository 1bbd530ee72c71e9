"""Login, logout and the question who is there.

The session is Flask's signed cookie. Its signature ends at an age and is not renewed by requests;
it also names a row of the table of sessions, so that a session can be ended from this side.
"""

import secrets
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, jsonify, make_response, redirect, request, session
from werkzeug.security import check_password_hash, generate_password_hash

from .backend import Backend
from .clock import iso_utc
from .database import Database
from .wire import event, stream

#: Few rounds: these are accounts of an example, and tests log in often.
HASH_METHOD = "pbkdf2:sha256:1000"


class Sessions:
    """The sessions that count."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def start(self, username: str) -> str:
        """Begins one and returns its id."""
        session_id = secrets.token_urlsafe(16)
        with self.database.write() as connection:
            connection.execute("insert into sessions values (?, ?)", (session_id, username))
        return session_id

    def username(self, session_id: str | None) -> str | None:
        """Whose session it is; `None` when it has been ended, or never was."""
        with self.database.read() as connection:
            query = "select username from sessions where id = ?"
            found = connection.execute(query, (session_id,)).fetchone()
        return None if found is None else str(found[0])

    def end(self, session_id: str | None) -> None:
        """Ends one session."""
        with self.database.write() as connection:
            connection.execute("delete from sessions where id = ?", (session_id,))

    def end_all_of(self, username: str) -> int:
        """Ends all sessions of a user, wherever the cookies are; returns how many there were."""
        with self.database.write() as connection:
            query = "delete from sessions where username = ?"
            return connection.execute(query, (username,)).rowcount


def signing_key(database: Database) -> bytes:
    """The key of the cookies: the same in all workers and after a restart."""
    with database.write() as connection:
        connection.execute(
            "insert or ignore into secrets values ('cookies', ?)", (secrets.token_bytes(32),)
        )
        found = connection.execute("select value from secrets where name = 'cookies'").fetchone()
    return bytes(found[0])


class Guard:
    """Lets nobody through who is not logged in."""

    def __init__(self, backend: Backend) -> None:
        self.anonymous = backend.settings.anonymous
        self.sessions = Sessions(backend.database)

    def require_login(self) -> Response | None:
        """For `before_request`: the answer to somebody without a session."""
        if self.sessions.username(session.get("id")) is not None:
            return None
        if self.anonymous == "unauthorized":
            return make_response(jsonify(error="Authentication required"), 401)
        if self.anonymous == "forbidden":
            return make_response(jsonify(error="Forbidden"), 403)
        if self.anonymous == "in-stream":
            return stream(iter([event({"type": "error", "message": "Authentication required"})]))
        # The place has no GET: a reader that follows ends in 405.
        target = request.full_path if request.query_string else request.path
        return make_response(redirect(f"/api/v1/login?next={quote(target, safe='')}"))


def sessions_blueprint(backend: Backend) -> Blueprint:
    """`/api/v1/login`, `/api/v1/logout` and `/api/v1/status`."""
    blueprint = Blueprint("sessions", __name__, url_prefix="/api/v1")
    sessions = Sessions(backend.database)
    users = {
        name: (number, generate_password_hash(password, HASH_METHOD))
        for number, (name, password) in enumerate(backend.settings.users, start=1)
    }

    def describe(username: str) -> dict[str, Any]:
        email = f"{username}@campaign.example"
        return {"id": users[username][0], "username": username, "email": email}

    @blueprint.post("/login")
    def login() -> tuple[Response, int]:
        body = request.get_json(silent=True)
        username, password = _credentials(body)
        if username is None or password is None:
            return jsonify(error="Username and password are required"), 400
        _, password_hash = users.get(username, (0, ""))
        if not password_hash or not check_password_hash(password_hash, password):
            return jsonify(error="Invalid username or password"), 401
        session.clear()
        session["id"] = sessions.start(username)
        user = {**describe(username), "last_login": iso_utc()}
        return jsonify(message="Login successful", user=user), 200

    @blueprint.post("/logout")
    def logout() -> Response:
        username = sessions.username(session.get("id"))
        everywhere = (request.get_json(silent=True) or {}).get("everywhere") is True
        if username is not None and everywhere:
            sessions.end_all_of(username)
        sessions.end(session.get("id"))
        session.clear()
        return jsonify(message="Logged out")

    @blueprint.get("/status")
    def status() -> Response:
        username = sessions.username(session.get("id"))
        user = None if username not in users else describe(username)
        return jsonify(ok=True, authenticated=user is not None, user=user, server_time=iso_utc())

    return blueprint


def _credentials(body: Any) -> tuple[str | None, str | None]:
    if not isinstance(body, dict):
        return None, None
    username, password = body.get("username"), body.get("password")
    if not isinstance(username, str) or not isinstance(password, str):
        return None, None
    return username.strip() or None, password or None
