"""Why pixels were not decoded, encoded or rendered."""

from __future__ import annotations

from fhantom.errors import BadRequest, NotAcceptable, NotFound, TooLarge


class UnreadablePixels(BadRequest):
    """The pixel data contradicts the attributes that describe it, or its codestream is broken."""


class NoCodec(NotAcceptable):
    """No codec that is installed reads or writes this transfer syntax for such pixels."""


class NoPixels(NotFound):
    """The instance has no pixel data."""


class NoSuchFrame(BadRequest):
    """The frame number is not one of the instance's; Orthanc answers 400 here, not 404."""


class ImageTooLarge(TooLarge):
    """The image would need more memory than the settings allow; nothing was allocated."""
