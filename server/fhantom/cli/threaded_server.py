"""The application in one process with a thread per connection, where gunicorn does not run."""

from __future__ import annotations

import signal
import socket
import sys
import threading
from collections.abc import Callable
from typing import Any
from wsgiref.types import WSGIApplication

from werkzeug.serving import WSGIRequestHandler, make_server

from fhantom.cli.opening import Opening
from fhantom.settings import Settings


class QuietHandler(WSGIRequestHandler):
    """Speaks HTTP/1.1, so that connections stay open."""

    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: Any) -> None:
        """Write nothing: requests are not logged by gunicorn either."""


def run(
    app: WSGIApplication, settings: Settings, opening: Opening, listener: socket.socket, begin: Callable[[], None]
) -> int:
    """Serve until a signal ends it; return the exit status.

    Args:
        begin: begins what the process does besides answering.
    """
    listener.close()  # werkzeug binds by itself; the port was free a moment ago
    chain, private_key = opening.certificate or (None, None)
    tls = (str(chain), str(private_key)) if chain else None
    server = make_server(settings.host, opening.port, app, threaded=True, request_handler=QuietHandler, ssl_context=tls)
    end = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: end.set())
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        opening.finish()
        begin()
        while not end.wait(timeout=1.0):  # a wait without end would keep Windows from delivering Ctrl-C
            pass
    except Exception as error:
        print(f"fhantom: could not start: {error}", file=sys.stderr, flush=True)
        return 1
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    return 0
