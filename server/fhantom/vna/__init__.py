"""Orthanc's REST API at `/vna`, as far as clients of the real server use it, and the shells of viewers.

`names` turns Orthanc's identifiers into rows, `describing` and `tags` write what Orthanc says of them, `routes` has
the API and `shells` the pages, which hold no data.
"""

from fhantom.vna.errors import render_error

__all__ = ["render_error"]
