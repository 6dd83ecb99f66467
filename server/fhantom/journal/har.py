"""Journal entries as an HTTP Archive (HAR 1.2), which browsers' tools open."""

from __future__ import annotations

import urllib.parse
from typing import Any

from fhantom import __version__

# What HAR has no place for; members of that name are left to whoever writes one (HAR 1.2, custom fields).
_OWN = ("id", "world", "room", "refusal", "parsed", "ignored", "matches", "findings", "quirks", "fault")


def archive(entries: list[dict[str, Any]]) -> dict[str, Any]:
    """The entries as one HAR document; of answers only the sizes are known."""
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
            **_posted(request, headers),
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
        "_fhantom": {name: entry[name] for name in _OWN if name in entry},
    }


def _posted(request: dict[str, Any], headers: dict[str, str]) -> dict[str, Any]:
    """The body, where it is kept and is text."""
    text = request.get("form", request.get("body", {}).get("text"))
    return {} if text is None else {"postData": {"mimeType": headers.get("content-type", ""), "text": text}}
