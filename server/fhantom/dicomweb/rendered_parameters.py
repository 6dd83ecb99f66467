"""The query parameters of rendered resources (PS3.18 8.3.5), refused in the words of Orthanc."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import cast, get_args

from werkzeug.datastructures import MultiDict

from fhantom.dicomweb.errors import EmptyWindow
from fhantom.errors import BadRequest
from fhantom.pixels import annotation
from fhantom.pixels.geometry import Region, Viewport
from fhantom.pixels.grayscale import Window, WindowFunction
from fhantom.pixels.profiles import IccProfile

_SIDE = re.compile(r"\s*(?:[+-]?\d+)?\s*", re.ASCII)
_FUNCTIONS = ("linear", "linear-exact", "sigmoid")
_TRANSACTION = "in WADO-RS Retrieve Rendered Transaction"


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a request says of the picture that it wants; None where it says nothing."""

    quality: int | None = None
    window: Window | None = None
    region: Region | None = None
    viewport: Viewport | None = None
    annotation: tuple[str, ...] = ()
    icc_profile: IccProfile = "no"


def parse(query: MultiDict[str, str], *, empty_windows: bool = False) -> Parameters:
    """Read the parameters that shape a picture.

    Args:
        empty_windows: take windows of no width, too.

    Raises:
        BadRequest: one of them is malformed or out of range.
    """
    if not query:
        return Parameters()
    # dicomweb-client repeats a parameter for each of its fields: window=40&window=400&window=linear.
    viewport_text, window_text = (_fields(query.getlist(name)) for name in ("viewport", "window"))
    region, viewport = _viewport(viewport_text) if viewport_text is not None else (None, None)
    return Parameters(
        quality=_quality(query.getlist("quality")[-1]) if "quality" in query else None,
        window=_window(window_text, empty_windows) if window_text is not None else None,
        region=region,
        viewport=viewport,
        annotation=annotation.parse(query.get("annotation", "")),
        icc_profile=_icc_profile(query.get("iccprofile", "no")),
    )


def _fields(texts: list[str]) -> str | None:
    """The parameter's one text: the last one if that is complete, else all that stand for a field each."""
    if not texts:
        return None
    return texts[-1] if "," in texts[-1] else ",".join(texts)


def _icc_profile(text: str) -> IccProfile:
    if text not in get_args(IccProfile):
        raise BadRequest(f"iccprofile can be {', '.join(get_args(IccProfile))} here: {text[:20]}")
    return cast(IccProfile, text)


def _quality(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 3 and 1 <= int(text) <= 100):
        raise BadRequest(f'The value of "quality" {_TRANSACTION} must be between 1 and 100, found: {text[:20]}')
    return int(text)


def _window(text: str, may_be_empty: bool) -> Window:
    fields = text.split(",")
    if len(fields) != 3:
        raise BadRequest(f'The number arguments to "window" {_TRANSACTION} must be 3')
    center, width, function = fields
    if function not in _FUNCTIONS:
        raise BadRequest(
            f'The third argument to "window" {_TRANSACTION} must be linear, linear-exact or sigmoid: ' + function[:20]
        )
    at, over = _number(center), _number(width)
    if at is None or over is None:
        raise BadRequest(f'The first and second arguments to "window" {_TRANSACTION} must be floats: {text[:60]}')
    if over <= 0 and not may_be_empty:  # PS3.3 C.11.2.1.2
        raise EmptyWindow("the width of a window must be above 0")
    return Window(at, over, cast(WindowFunction, function))


def _viewport(text: str) -> tuple[Region | None, Viewport | None]:
    fields = text.split(",")
    if len(fields) not in (2, 6):
        raise BadRequest(f'The number arguments to "viewport" {_TRANSACTION} must be 2 or 6')
    numbers = [_whole(field) for field in fields]
    columns, rows = numbers[:2]
    if not all(_SIDE.fullmatch(field) for field in fields[:2]):
        raise BadRequest(f'Out-of-range value for "viewport" {_TRANSACTION}: {text[:60]}')
    if len(numbers) == 2:
        return None, None if columns is None and rows is None else Viewport(columns, rows)
    viewport = Viewport(columns, rows)
    left, top, width, height = numbers[2:]
    return Region(abs(left or 0), abs(top or 0), width, height), viewport  # Orthanc drops the sign of a corner, too


def _whole(text: str) -> int | None:
    """A field of the viewport; an empty one stands for the source's own value."""
    if not text.strip():
        return None
    number = _number(text)
    if number is None or abs(number) > 1e6:
        raise BadRequest(f'The arguments to "viewport" {_TRANSACTION} must be numbers: {text[:20]}')
    return int(number)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
