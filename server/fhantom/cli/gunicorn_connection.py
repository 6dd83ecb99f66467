"""A connection as the worker sees it: gunicorn's reader with fewer steps for what most clients send."""

from __future__ import annotations

import re
import select
from typing import Any

from gunicorn.http import Request, RequestParser, wsgi
from gunicorn.http.body import Body, LengthReader
from gunicorn.http.unreader import SocketUnreader
from gunicorn.util import unquote_to_wsgi_str
from gunicorn.workers.gthread import TConn

from fhantom.cli.gunicorn_patience import Patience
from fhantom.cli.gunicorn_response import Response

_KNOWN = 8 * 1024  # bytes of a header section that a connection keeps
_MOST_KNOWN = 8  # header sections that it keeps; a client has one for each media type that it asks for
_AT_ONCE = 1 << 20  # bytes of a body that are read in one go

# Request lines of which there is one reading (RFC 9112 3); all others, and those of methods with a body, are
# gunicorn's to judge.
_LINE = re.compile(rb"(GET|HEAD|DELETE) ((/(?!/)[!\"$->@-~]*)(?:\?([!\"$-~]*))?) HTTP/1\.1")


class Connection(TConn):
    """A connection that knows what its client said before.

    Attributes:
        patience: how long a thread waits for the client.
        is_slow: another connection runs in its place.
    """

    patience: Patience
    is_slow = False
    _heard: select.poll | None = None

    def init(self) -> None:
        """Prepare to read requests, once."""
        is_new = not self.initialized
        super().init()
        if is_new and not self.is_http2:
            self.parser = _Parser(self.cfg, self.sock, self.client)
            self.parser.unreader = _Unreader(self.sock, self.patience)

    def exchange(self, request: Any) -> tuple[Response, dict[str, Any]]:
        """The answer to be written to a request, and what the application is told of it."""
        self.patience.begin()
        if request.told is not None:
            return Response(request, self.sock, self.cfg), request.told
        answer, environ = wsgi.create(request, self.sock, self.client, self.server, self.cfg, response_class=Response)
        self.parser.learn(request, environ)
        return answer, environ

    def ready(self, call: int, milliseconds: int) -> tuple[int, ...]:
        """Which have something to be read first, within a time: the client, the file descriptor `call`, or both."""
        if self._heard is None:
            self._heard = select.poll()
            self._heard.register(self.sock, select.POLLIN)
            self._heard.register(call, select.POLLIN)
        return tuple(descriptor for descriptor, _ in self._heard.poll(milliseconds))


class _Unreader(SocketUnreader):
    """What a client sends, waited for with patience."""

    def __init__(self, sock: Any, patience: Patience) -> None:
        super().__init__(sock)
        self._patience = patience
        self._readable = select.poll()
        self._readable.register(sock, select.POLLIN)

    def chunk(self, size_hint: int | None = None) -> bytes:
        """The next bytes, empty at the end."""
        is_buffered = hasattr(self.sock, "pending") and self.sock.pending()  # decrypted already
        if not is_buffered:
            self._patience.wait(self._readable)
        found: bytes = super().chunk(size_hint)
        return found

    def read(self, size: int | None = None, read_ahead: int | None = None) -> bytes:
        """So many bytes, fewer only at the end; without a size whatever comes next."""
        if size is None or size <= 0:
            found: bytes = super().read(size, read_ahead)
            return found
        pieces = [self.take_buffered()]
        left = size - len(pieces[0])
        while left > 0 and (piece := self.chunk(left)):
            pieces.append(piece)
            left -= len(piece)
        whole = b"".join(pieces)
        if left < 0:
            self.unread(whole[size:])
        return whole[:size]


class _Body(Body):
    """A body of known length that comes as it was received: gunicorn copies each byte four times on the way."""

    def read(self, size: int | None = None) -> bytes:
        """As a file's."""
        if size is None or size < 0 or size > _AT_ONCE or self.buf.tell():
            found: bytes = super().read(size)
            return found
        piece: bytes = self._read_reader(size)
        return piece


class _Request(Request):
    """A request of which only the first line is read anew if its headers are those of an earlier one.

    Most clients send the same headers with every request of a connection, and to judge them is most of the work.

    Attributes:
        told: what the application is told, if that is known already.
    """

    told: dict[str, Any] | None = None
    section = b""
    body: Any

    def set_body_reader(self) -> None:
        """Find out how the body is delimited."""
        super().set_body_reader()
        if isinstance(self.body.reader, LengthReader):
            self.body = _Body(self.body.reader)

    def parse_headers(self, data: bytes, from_trailer: bool = False) -> list[tuple[str, str]]:
        """Names and values of a header section, or of trailers."""
        if from_trailer:
            return list(super().parse_headers(data, from_trailer))
        self.section = data
        known, headers = getattr(self.unreader, "known_headers", (None, []))
        if data == known:
            return list(headers)
        found: list[tuple[str, str]] = super().parse_headers(data)
        if len(data) < _KNOWN and not self._expected_100_continue:  # that is told by the side
            self.unreader.known_headers = (data, list(found))
        return found

    def alike(self, told: dict[str, Any], method: str, uri: str, path: str, query: str) -> _Request:
        """A request with the same headers and another line."""
        request = _Request.__new__(_Request)
        request.__dict__ = {**self.__dict__, "method": method, "uri": uri, "path": path, "query": query}
        path_info = unquote_to_wsgi_str(path) if "%" in path else path
        line = {"REQUEST_METHOD": method, "RAW_URI": uri, "PATH_INFO": path_info, "QUERY_STRING": query}
        request.told = {**told, **line}
        return request


class _Parser(RequestParser):
    mesg_class = _Request

    def __init__(self, cfg: Any, source: Any, source_addr: Any) -> None:
        super().__init__(cfg, source, source_addr)
        self._known: dict[bytes, tuple[_Request, dict[str, Any]]] = {}

    def __next__(self) -> Any:
        found = self._alike() if self._known else None
        if found is None:
            return super().__next__()
        self.mesg = found
        return found

    def learn(self, request: _Request, environ: dict[str, Any]) -> None:
        """Keep what the headers of a request mean, if they would mean the same with another line and no body."""
        reader = request.body.reader
        if (
            request.version == (1, 1)
            and isinstance(reader, LengthReader)
            and reader.length == 0
            and len(request.section) < _KNOWN
            and not (request._expected_100_continue or request.should_close())
            and not environ.keys() & {"HTTP_UPGRADE", "HTTP_TRANSFER_ENCODING", "CONTENT_LENGTH"}
            and not environ["SCRIPT_NAME"]
        ):
            told = {name: value for name, value in environ.items() if name != "wsgi.early_hints"}
            self._known[request.section + b"\r\n\r\n"] = (request, told)
            if len(self._known) > _MOST_KNOWN:
                del self._known[next(iter(self._known))]

    def finish_body(self, deadline: float | None = None, max_bytes: int | None = None) -> bool:
        """Read what the application left of a body; most requests have none."""
        reader = getattr(getattr(self.mesg, "body", None), "reader", None)
        if isinstance(reader, LengthReader) and reader.length == 0:
            return True
        return bool(super().finish_body(deadline, max_bytes))

    def _alike(self) -> _Request | None:
        """The next request, if nothing but its first line is new; whatever else was sent is left to be read."""
        data = self.unreader.read()
        line, _, section = data.partition(b"\r\n")
        known = self._known.get(section)
        fits = known and _LINE.fullmatch(line)
        if not known or not fits:
            self.unreader.unread(data)
            return None
        request, told = known
        return request.alike(told, *(part.decode("ascii") if part else "" for part in fits.groups()))
