"""The API gateway in front of every room: keys, cross-origin access, limits and paths."""

from fhantom.gateway.browsers import SigningIn
from fhantom.gateway.middleware import Gateway

__all__ = ["Gateway", "SigningIn"]
