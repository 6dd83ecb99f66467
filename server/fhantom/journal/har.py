"""Journal entries as an HTTP Archive (HAR 1.2), which browsers' tools open."""

from __future__ import annotations

import urllib.parse
from typing import Any

from fhantom import __version__


def archive(entries: list[dict[str, Any]]) -> dict[str, Any]:
    """The entries as one HAR document; bodies are not kept, only their sizes."""
    return {
        "log": {
            "version": "1.2",
            "creator": {"name": "fhantom", "version": __version__},
            "entries": [_entry(entry) for entry in entries],
        }
    }


def _entry(entry: dict[str, Any]) -> dict[str, Any]:
    request, response = entry["request"], entry["response"]
    headers = request["headers"]
    url = f"http://{headers.get('host', 'localhost')}{request['url']}"
    query = urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query, keep_blank_values=True)
    return {
        "startedDateTime": entry["loggedDate"],
        "time": entry["ms"],
        "request": {
            "method": request["method"],
            "url": url,
            "httpVersion": "HTTP/1.1",
            "headers": [{"name": name, "value": value} for name, value in headers.items()],
            "queryString": [{"name": name, "value": value} for name, value in query],
            "cookies": [],
            "headersSize": -1,
            "bodySize": request["bodySize"],
        },
        "response": {
            "status": response["status"],
            "statusText": response["reason"],
            "httpVersion": "HTTP/1.1",
            "headers": [],
            "cookies": [],
            "content": {"size": response["bodySize"], "mimeType": ""},
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": response["bodySize"],
        },
        "cache": {},
        "timings": {"send": 0, "wait": entry["ms"], "receive": 0},
    }
