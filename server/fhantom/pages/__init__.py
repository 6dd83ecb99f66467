"""The pages a person sees at `/`: sign-in, patients, resources, searches as requests, licences.

They are rendered here and need no script; what data says is escaped by the templates. `frame` holds what every page
has, each other module one kind of page.
"""

from fhantom.pages.frame import render_error

__all__ = ["render_error"]
