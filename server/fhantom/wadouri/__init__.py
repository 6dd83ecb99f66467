"""WADO-URI at `/wadouri` (PS3.18 chapter 9): one object, as DICOM or as a picture."""

from fhantom.wadouri.errors import render_error

__all__ = ["render_error"]
