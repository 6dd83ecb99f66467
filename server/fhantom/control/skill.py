"""`SKILL.md`: what a coding agent has to know of this server, written anew for each reader from the running server."""

from __future__ import annotations

from flask import Response, request

from fhantom import __version__
from fhantom.control.asking import Asking
from fhantom.control.table import KEY, Given, Routes, Row
from fhantom.settings import BUILT_IN_KEY
from fhantom.site import Site
from fhantom.wire.context import origin_of
from fhantom.world import facts, snapshots

_ROW = Row(
    "GET",
    "/SKILL.md",
    "Tell a coding agent what it has to know of this server.",
    query=(KEY,),
    media_type="text/markdown",
)

_TEXT = """\
---
name: fhantom
description: A local stand-in for the SIIM Hackathon server (FHIR R5 and R4, DICOMweb, WADO-URI, Orthanc's REST, IHE \
SOLE). Use it to write and test clients of that server.
---

# fhantom {version} at {origin}

| service | base URL | as |
| --- | --- | --- |
| FHIR R5, the usual choice | {origin}/fhir | HAPI FHIR |
| FHIR R4 | {origin}/fhir-r4 | HAPI FHIR |
| DICOMweb: QIDO-RS, WADO-RS, STOW-RS | {origin}/dicomweb | Orthanc |
| WADO-URI | {origin}/wadouri | Orthanc |
| Orthanc's REST, viewer | {origin}/vna | Orthanc |
| IHE SOLE | {origin}/sole/bulk-syslog-events | the reference repository |

On the real server only `{origin}` becomes `https://hackathon.siim.org`: make the base URL a setting.

## Key

{key}
Read it from the environment variable `SIIM_API_KEY`; never put it into code, a URL or a log. No bearer token, no query
parameter. A missing, wrong or expired key gets 403.

```sh
curl -H "apikey: $SIIM_API_KEY" "{origin}/fhir/Patient?name=SIIM"
curl -H "apikey: $SIIM_API_KEY" "{origin}/dicomweb/studies?PatientName=SIIM*&limit=5"
```

## What is stored

{stored}
Ask `{origin}/fhir/$get-resource-counts` and `{origin}/vna/statistics` for more. An empty FHIR search has no `entry`; a
page has 20 entries, and `link` with relation `next` leads on.

## Powers for tests (no key needed on this machine)

- What was this request taken for? `GET {origin}/_fhantom/requests?limit=5` lists the newest: `parsed` is what \
was understood, `ignored` what had no effect, `findings` what the real server would do otherwise. A `Warning: 299 \
fhantom` header says the same of one answer.
- Put everything back: `POST {origin}/_fhantom/reset`. Keep and go back to a state: \
`PUT {origin}/_fhantom/snapshots/NAME`, `POST {origin}/_fhantom/snapshots/NAME/restore`.
- Let things go wrong: `POST {origin}/_fhantom/faults` with `{{"match": {{"path": "/fhir/*"}}, "action": {{"kind": \
"status", "status": 503}}, "times": 2}}`; lift all with `DELETE {origin}/_fhantom/faults`.
- Every route and field: `GET {origin}/_fhantom/openapi.json`.

## Manners

{worlds} Retry 429, 502 and 503 after `Retry-After` seconds. The data is synthetic; this server is for development, \
not for patients.
"""


def register(routes: Routes, site: Site, asking: Asking) -> None:
    """Add the route."""

    @routes.add(_ROW)
    def skill(given: Given) -> Response:
        with site.worlds.open(asking.world()).reading() as connection:
            counts, seed = snapshots.counts(connection), facts.get(connection, "seed")
        held = ", ".join(f"{count:,} {name}" for name, count in sorted(counts.items()))
        text = _TEXT.format(
            version=__version__,
            origin=origin_of(request.environ),
            key=_key(site),
            stored=f"The data began as the seed `{seed or 'none'}`; now it holds {held}.",
            worlds=_WORLDS[site.settings.worlds],
        )
        return Response(text, content_type="text/markdown; charset=utf-8")


_WORLDS = {
    "shared": "All keys share one data state: what you write, others see.",
    "per-key": "Each key has a data state of its own, which begins as the seed.",
}


def _key(site: Site) -> str:
    if site.settings.any_key:
        return "This server takes every key, and requests without one; the real one needs the header `apikey: <key>`."
    known = f" Here `export SIIM_API_KEY={BUILT_IN_KEY}` will do." if BUILT_IN_KEY in site.settings.keys else ""
    return f"Every request carries the header `apikey: <key>`.{known}"
