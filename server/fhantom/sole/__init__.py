"""IHE SOLE (Standardized Operational Log of Events) at `/sole/`, as its reference repository answers."""

from fhantom.sole.answers import render_error

__all__ = ["render_error"]
