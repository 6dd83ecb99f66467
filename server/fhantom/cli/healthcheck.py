"""Asks a server whether it is ready, for containers that have no curl."""

from __future__ import annotations

import http.client
import json
import ssl
import sys
import urllib.parse
from typing import Any


def healthcheck(url: str, timeout: float) -> int:
    """0 if the server at `url` is ready, else 1 with the reason on stderr."""
    try:
        status, answer = ask(url, "/_fhantom/ready", timeout)
    except (OSError, http.client.HTTPException, ValueError) as error:
        print(f"fhantom: no answer from {url}: {error}", file=sys.stderr)
        return 1
    if status == 200:
        return 0
    phase = answer.get("phase", f"status {status}") if isinstance(answer, dict) else f"status {status}"
    print(f"fhantom: {url} is not ready: {phase}", file=sys.stderr)
    return 1


def ask(url: str, path: str, timeout: float) -> tuple[int, Any]:
    """GET a JSON answer; a certificate is not checked, since it may be of the server's own making."""
    parts = urllib.parse.urlsplit(url)
    host, port = parts.hostname or "127.0.0.1", parts.port
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        connection = http.client.HTTPSConnection(host, port, timeout=timeout, context=context)
    else:
        connection = http.client.HTTPConnection(host, port, timeout=timeout)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()
