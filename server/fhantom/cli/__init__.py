"""The command `fhantom`."""

from fhantom.cli.main import main

__all__ = ["main"]
