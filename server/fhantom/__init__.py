"""fhantom: a local stand-in for the SIIM Hackathon server."""

__version__ = "0.1.0"
