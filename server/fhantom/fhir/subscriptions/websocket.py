"""Clients that are told through a socket: `bind ID`, answered by `bound ID`, then `ping ID` (R4 subscription).

Each process looks for news of its own clients in the world's tables, so it does not matter which process matched.
"""

from __future__ import annotations

import logging
import socket
import threading
from functools import partial

import flask

from fhantom.definitions import Version
from fhantom.errors import BadRequest, Unavailable
from fhantom.fhir.subscriptions import queue
from fhantom.fhir.subscriptions.subscriber import WEBSOCKET
from fhantom.fhir.subscriptions.watching import subscriber_of
from fhantom.resources import store
from fhantom.wire.context import world_of
from fhantom.wire.frames import CLOSE, PING, PONG, TEXT, BrokenFrame, FrameReader, accept_of, frame
from fhantom.wire.takeover import TAKEOVER, connection_of
from fhantom.world import World, Worlds

log = logging.getLogger("fhantom")

MOST_CLIENTS = 64
"""Sockets that each process keeps open."""

_LOOK_AGAIN = 0.1  # seconds between two looks for news
_PROTOCOL_ERROR = 1002  # RFC 6455 7.4.1


class Sockets:
    """The clients of one process, each with a thread that mostly sleeps."""

    def __init__(self, worlds: Worlds) -> None:
        self._worlds = worlds
        self._free = threading.Semaphore(MOST_CLIENTS)
        self._closing = threading.Event()

    def answer(self, version: Version) -> flask.Response:
        """Take the present request's connection over. BadRequest if it is no handshake or cannot be taken."""
        request = flask.request
        key = request.headers.get("Sec-WebSocket-Key", "")
        if request.headers.get("Upgrade", "").lower() != "websocket" or not key:
            raise BadRequest("this address is for WebSocket handshakes")
        if connection_of(request.environ) is None:
            raise BadRequest("there is no plain connection that could be taken over; with https use rest-hook")
        if not self._free.acquire(blocking=False):
            raise Unavailable(f"{MOST_CLIENTS} sockets are open, which is as many as there may be")
        client = partial(self._begin, world_of(request.environ).key, version, accept_of(key))
        request.environ[TAKEOVER] = client
        return flask.Response(status=101)

    def close(self) -> None:
        """Let go of every client."""
        self._closing.set()

    def _begin(self, key: str, version: Version, accept: str, connection: socket.socket) -> None:
        work = (key, version, accept, connection)
        threading.Thread(target=self._serve, args=work, name="fhantom-websocket", daemon=True).start()

    def _serve(self, key: str, version: Version, accept: str, connection: socket.socket) -> None:
        try:
            with connection:
                connection.settimeout(_LOOK_AGAIN)
                head = "HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"
                connection.sendall("\r\n".join((*head, f"Sec-WebSocket-Accept: {accept}", "\r\n")).encode())
                client = _Client(connection, version)
                while not self._closing.is_set() and client.listen(self._worlds.open(key)):
                    client.tell(self._worlds.open(key))
        except OSError:  # the client has gone
            pass
        except Exception:
            log.exception("a client at a socket could not be told")
        finally:
            self._free.release()


class _Client:
    """One client, and how many events of each of its Subscriptions it knows of."""

    def __init__(self, connection: socket.socket, version: Version) -> None:
        self._connection = connection
        self._version = version
        self._frames = FrameReader()
        self._bound: dict[str, int] = {}

    def listen(self, world: World) -> bool:
        """Wait a moment for what the client says; whether the conversation goes on."""
        try:
            data = self._connection.recv(4096)
        except TimeoutError:
            return True
        if not data:
            return False
        try:
            return all(self._heard(world, opcode, payload) for opcode, payload in self._frames.feed(data))
        except BrokenFrame as error:
            return self._end(str(error))

    def tell(self, world: World) -> None:
        """Ping for each Subscription that has had events since the client last heard of it."""
        if not self._bound:
            return
        with world.reading() as connection:
            known = {one.id: one.events for one in queue.watched(connection).values() if one.release == self._version}
        for id, events in self._bound.items():
            if known.get(id, 0) > events:
                self._say(f"ping {id}")
            self._bound[id] = known.get(id, 0)

    def _heard(self, world: World, opcode: int, payload: bytes) -> bool:
        if opcode == PING:
            self._connection.sendall(frame(PONG, payload))
        elif opcode == CLOSE:
            self._connection.sendall(frame(CLOSE, payload[:2]))
            return False
        elif opcode == TEXT:
            return self._bind(world, payload.decode("utf-8", "replace"))
        return True

    def _bind(self, world: World, text: str) -> bool:
        command, _, reference = text.strip().partition(" ")
        id = reference.strip().removeprefix("Subscription/")
        if command != "bind" or not id:
            return self._end("only bind with the id of a Subscription is understood")
        with world.reading() as connection:
            stored = store.read(connection, self._version, "Subscription", id)
            known = queue.watched(connection)
        subscriber = subscriber_of(world, self._version, stored.digest) if stored else None
        if stored is None or subscriber is None or subscriber.channel != WEBSOCKET or not subscriber.is_live:
            return self._end(f"there is no Subscription {id} with the channel websocket")
        self._bound[id] = known[stored.key].events if stored.key in known else 0
        self._say(f"bound {id}")
        return True

    def _say(self, text: str) -> None:
        self._connection.sendall(frame(TEXT, text.encode()))

    def _end(self, reason: str) -> bool:
        self._connection.sendall(frame(CLOSE, _PROTOCOL_ERROR.to_bytes(2, "big") + reason.encode()[:120]))
        return False
