"""JSON as Orthanc writes it: sorted by whoever made it, three spaces deep, a space on both sides of the colon."""

from __future__ import annotations

import json
from typing import Any

from flask import Response


def written(value: Any, status: int = 200) -> Response:
    """The answer that holds a value."""
    text = json.dumps(value, indent=3, separators=(",", " : "), ensure_ascii=False)
    return Response(text.encode(), status=status, content_type="application/json; charset=utf-8")


def plain(text: str) -> Response:
    """The answer that holds a text."""
    return Response(text.encode(), content_type="text/plain")
