"""What clients really sent: the last requests of every worker, as they were understood and answered."""

from fhantom.journal.middleware import Journaling
from fhantom.journal.ring import Ring

__all__ = ["Journaling", "Ring"]
