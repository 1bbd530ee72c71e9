"""How gunicorn serves the application: in the production shape of the original, unless told."""

import os
import signal
import threading
from typing import Any

from application.backend import Backend
from application.settings import read_settings

bind = os.environ.get("BACKEND_BIND", "127.0.0.1:5000")
worker_class = "gthread"
workers = int(os.environ.get("BACKEND_WORKERS", "2"))
threads = int(os.environ.get("BACKEND_THREADS", "4"))
timeout = 120
#: How long open streams may go on after a signal to stop; none of them ends by itself in time.
graceful_timeout = int(os.environ.get("GRACEFUL_TIMEOUT_S", "5"))
wsgi_app = "application.app:create_app()"


def on_starting(_server: Any) -> None:
    """What was open when an earlier backend was killed is not open any more."""
    backend = Backend(read_settings())
    backend.database.prepare()
    backend.traffic.forget_open()


def when_ready(_server: Any) -> None:
    """Ends with whoever started it, if that is wanted: a test that was killed leaves nothing."""
    if not os.environ.get("END_WITH_STDIN"):
        return

    def watch() -> None:
        while os.read(0, 1024):
            pass
        # The launcher has made this process the leader of a group: the workers go with it.
        os.killpg(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, daemon=True).start()


def child_exit(_server: Any, worker: Any) -> None:
    """The requests of a dead worker are over."""
    Backend(read_settings()).traffic.forget_open(worker.pid)


def post_worker_init(worker: Any) -> None:
    """Said for the launcher, which waits until all workers can answer."""
    worker.log.info("Worker is ready")
