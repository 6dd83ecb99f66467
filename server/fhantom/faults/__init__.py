"""Faults on demand: what the real server does on a bad day, for the requests that a test names."""

from fhantom.faults.middleware import Faulting
from fhantom.faults.rules import BadFault, Fault, parse
from fhantom.faults.store import FaultStore

__all__ = ["BadFault", "Fault", "FaultStore", "Faulting", "parse"]
