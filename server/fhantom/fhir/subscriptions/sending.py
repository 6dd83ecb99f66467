"""One HTTP request to an endpoint that a client named: bounded in time, without redirects, to allowed targets only."""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
from urllib.parse import SplitResult, urlsplit

from fhantom.fhir.subscriptions.notifying import Call

TIMEOUT = 10.0
"""Seconds that an endpoint has for each step of an answer."""

_PORTS = {"http": 80, "https": 443}
_HEADER_ENDS = ("\r", "\n", "\0")


class NotDelivered(Exception):
    """The endpoint was not reached, is not allowed, or did not answer with 2xx; the message says which."""


def send(call: Call, *, loopback_only: bool, timeout: float = TIMEOUT) -> None:
    """Send a call; NotDelivered unless the answer is a success. What is answered beside the status is not read."""
    parts = target(call.url)
    try:
        connection = http.client.HTTPConnection(parts.hostname or "", _port(parts), timeout=timeout)
        with _connected(parts, timeout, loopback_only=loopback_only) as connection.sock:
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.putrequest(call.method, path, skip_accept_encoding=True)
            connection.putheader("Content-Length", str(len(call.body)))
            for name, value in call.headers:
                if name and not any(end in name + value for end in _HEADER_ENDS):
                    connection.putheader(name, value.encode("utf-8"))
            connection.endheaders(call.body or None)
            status = connection.getresponse().status
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NotDelivered(f"{call.url} cannot be reached: {error or type(error).__name__}") from error
    if not 200 <= status < 300:
        raise NotDelivered(f"{call.url} answered with {status}")


def target(url: str) -> SplitResult:
    """The parts of an endpoint's address. NotDelivered if it is none that can be called."""
    try:
        parts = urlsplit(url)
        _port(parts)
    except ValueError:
        raise NotDelivered(f"{url} is no address") from None
    if parts.scheme not in _PORTS or not parts.hostname:
        raise NotDelivered(f"{url} is no http or https address")
    return parts


def check_allowed(url: str, *, loopback_only: bool) -> None:
    """NotDelivered if an endpoint is none that may be called."""
    parts = target(url)
    if loopback_only:
        _addresses(parts, loopback_only=True)


def _port(parts: SplitResult) -> int:
    return parts.port or _PORTS.get(parts.scheme, 80)


def _connected(parts: SplitResult, timeout: float, *, loopback_only: bool) -> socket.socket:
    """A connection to an address that was checked, not to a name that may mean another one a moment later."""
    for family, address in _addresses(parts, loopback_only=loopback_only):
        connection = socket.socket(family, socket.SOCK_STREAM)
        connection.settimeout(timeout)
        try:
            connection.connect(address)
            if parts.scheme == "https":
                return ssl.create_default_context().wrap_socket(connection, server_hostname=parts.hostname)
            return connection
        except OSError as error:
            connection.close()
            failure = error
    raise failure


def _addresses(parts: SplitResult, *, loopback_only: bool) -> list[tuple[socket.AddressFamily, tuple[object, ...]]]:
    try:
        found = socket.getaddrinfo(parts.hostname, _port(parts), type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NotDelivered(f"{parts.hostname} is not known") from None
    if loopback_only and not all(ipaddress.ip_address(row[4][0]).is_loopback for row in found):
        raise NotDelivered(f"{parts.hostname} is not this machine, and other targets are not allowed")
    return [(row[0], row[4]) for row in found]
