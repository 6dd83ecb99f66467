"""The exceptions of fhantom, each with the HTTP status that it becomes.

    FhantomError
    ├── BadRequest              400
    ├── Forbidden               403
    ├── NotFound                404
    ├── MethodNotAllowed        405
    ├── NotAcceptable           406
    ├── Conflict                409
    ├── Gone                    410
    ├── PreconditionFailed      412
    ├── TooLarge                413
    ├── UnsupportedMediaType    415
    ├── RangeNotSatisfiable     416
    ├── Unprocessable           422
    ├── TooManyRequests         429
    ├── NotBuilt                501
    ├── Unavailable             503
    └── StorageFull             507

Rooms raise these (or subclasses of their own); only `fhantom.app` turns them into HTTP, in the form of the
room that was asked: OperationOutcome, Orthanc's error object, or plain JSON.
"""

from __future__ import annotations

from typing import ClassVar


class FhantomError(Exception):
    """Something that the client is told about, in the form of the protocol that it speaks."""

    status: ClassVar[int] = 500

    def __init__(self, message: str = "") -> None:
        super().__init__(message)
        self.message = message


class BadRequest(FhantomError):
    """The request cannot be understood."""

    status = 400


class Forbidden(FhantomError):
    """The key is missing, wrong or expired, or the route is not for this caller."""

    status = 403


class NotFound(FhantomError):
    """Nothing is stored under that name, or the route does not exist."""

    status = 404


class MethodNotAllowed(FhantomError):
    """The resource exists but does not take this method; `allow` names those that it takes."""

    status = 405

    def __init__(self, message: str = "", allow: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.allow = allow


class NotAcceptable(FhantomError):
    """None of the media types that the client accepts can be made of what is stored."""

    status = 406


class Conflict(FhantomError):
    """The state of what is stored forbids the change."""

    status = 409


class Gone(FhantomError):
    """What was asked for existed and was deleted or has expired."""

    status = 410


class PreconditionFailed(FhantomError):
    """A condition that the request carries does not hold."""

    status = 412


class TooLarge(FhantomError):
    """The body, or what would have to be made of it, exceeds a limit of the settings."""

    status = 413


class UnsupportedMediaType(FhantomError):
    """The body is of a type that the resource does not take."""

    status = 415


class RangeNotSatisfiable(FhantomError):
    """The bytes asked for lie outside of what is stored; `size` is its length in bytes."""

    status = 416

    def __init__(self, message: str = "", size: int = 0) -> None:
        super().__init__(message)
        self.size = size


class Unprocessable(FhantomError):
    """The body is well formed but breaks a rule of its kind."""

    status = 422


class TooManyRequests(FhantomError):
    """The key has used up its requests; `retry_after` is in seconds."""

    status = 429

    def __init__(self, message: str = "", retry_after: int | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class NotBuilt(FhantomError):
    """The standard defines this and it is not to be had here, for example for want of a codec."""

    status = 501


class Unavailable(FhantomError):
    """The server is up but cannot answer just now."""

    status = 503


class StorageFull(FhantomError):
    """There is no room to store it; nothing that was stored before is lost."""

    status = 507
