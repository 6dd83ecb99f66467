"""The FHIR servers: R5 at `/fhir` and R4 at `/fhir-r4`, one code over the tables of each version."""

from fhantom.fhir.routes import blueprint, render_error

__all__ = ["blueprint", "render_error"]
