"""DICOMweb at `/dicomweb/` (PS3.18 chapters 8 and 10): searches, retrieval and storage."""

from fhantom.dicomweb.errors import render_error

__all__ = ["render_error"]
