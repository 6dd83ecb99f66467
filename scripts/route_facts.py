"""What is known of the real server's addresses, and which rows of the portability tables concern which route."""

from __future__ import annotations

from dataclasses import dataclass

SAME, BETTER, ABSENT, LACKING = "same", "better", "not there", "not here"


@dataclass(frozen=True, slots=True)
class Fact:
    """What the routes are on the real server whose whole rule fits."""

    rule: str
    verdict: str
    words: str


@dataclass(frozen=True, slots=True)
class Family:
    """Rows whose names begin alike concern routes whose rule matches, asked by one method."""

    names: str
    method: str
    rule: str


@dataclass(frozen=True, slots=True)
class Section:
    """Routes that stand together on the page: those whose rule begins so."""

    title: str
    rule: str
    words: tuple[str, ...]
    has_tables: bool = False


ALWAYS = ("head", "options", "patch", "method-override", "forwarded-quoted")
"""Rows that concern a whole room; the words of its section tell them."""

_OBJECT = r"<(study|series|instance)>$"

# The first family that fits a row's name counts. Rules are those of PS3.18 8.2 and 10.
FAMILIES = (
    *(Family(name, "GET", "^/(dicomweb|wadouri)") for name in ALWAYS),
    Family("reject", "POST", "/reject/"),
    Family("qido-", "GET", "^/dicomweb/.*(studies|series|instances)$"),
    Family("qido-", "GET", "^/dicomweb/studies$"),
    Family("stow-", "POST", "^/dicomweb/studies(/<study>)?$"),
    Family("wado-jpeg-2000", "GET", f"^/dicomweb/.*({_OBJECT}|/frames|/rendered$|/thumbnail$)"),
    Family("wado-no-", "GET", f"^/dicomweb/.*({_OBJECT}|/frames|/rendered$|/thumbnail$)"),
    Family("wado-accept-parameter", "GET", "^/dicomweb/.*<study>.*(?<!studies)(?<!series)(?<!instances)$"),
    Family("wado-", "GET", _OBJECT),
    Family("metadata-", "GET", "^/dicomweb/.*/metadata$"),
    Family("frames-", "GET", "^/dicomweb/.*/frames(/<numbers>)?$"),
    Family("bulk-resources", "GET", "^/dicomweb/.*/(bulkdata|pixeldata)"),
    Family("bulk-", "GET", "^/dicomweb/.*/bulk(data)?/<path:path>$"),
    Family("rendered-", "GET", "^/dicomweb/.*/rendered$"),
    Family("thumbnail", "GET", "^/dicomweb/.*/thumbnail$"),
    Family("range", "GET", "^/dicomweb/.*(<instance>|<path:path>)$"),
    Family("not-modified", "GET", "^/dicomweb/.*/metadata$"),
    Family("wadouri-root", "GET", "^/dicomweb$"),
    Family("wadouri-", "GET", "^/wadouri$"),
)

_OWN_PAGE = "a page of fhantom's own"

# hackathon-server.md 4: the addresses that are documented, or that public clients use.
FACTS = (
    Fact("/", BETTER, "there it is HAPI's overview, which needs an add-on for the key"),
    Fact("/vna", BETTER, "the same address; the viewer is another, and opens without an add-on"),
    Fact(r"/vna/(stone-webviewer|web-viewer|app)/.*", BETTER, "links of that viewer open this server's"),
    Fact(r"/vna/(viewer|small|assets/.*)", ABSENT, _OWN_PAGE),
    Fact(r"/vna/.*", SAME, ""),
    Fact(r"/fhir(-r4)?(/<path:path>)?", SAME, "see the interactions below"),
    Fact(r"/sole", BETTER, "there it is the sample page of a framework"),
    Fact(r"/sole/.*", SAME, "all but POST and OPTIONS are 405"),
    Fact(r"/_fhantom.*", ABSENT, ""),
    Fact(r"/(?!dicomweb|wadouri).*", ABSENT, _OWN_PAGE),
)

SECTIONS = (
    Section(
        "DICOMweb",
        "/dicomweb",
        (
            "Also at `/dicom-web/`. On the real server HEAD and OPTIONS are 404 and PATCH is 400 throughout; here HEAD",
            "answers as GET, OPTIONS describes, and PATCH is 405.",
        ),
    ),
    Section("WADO-URI", "/wadouri", ("HEAD is 404 on the real server.",)),
    Section(
        "FHIR",
        "/fhir",
        (
            "R5 at `/fhir/` (also `/fhir-overview/fhir/`), R4 at `/fhir-r4/`. The real server's",
            "[quirks](fhir-quirks.md) are kept.",
        ),
        has_tables=True,
    ),
    Section("SOLE", "/sole", ("There is no way to read events back, on either.",)),
    Section(
        "Viewer and Orthanc's REST",
        "/vna",
        ("Compared with a real Orthanc; [what differs](pages.md#orthancs-rest). What is not listed is 404.",),
    ),
    Section("Pages", r"/(?!dicomweb|wadouri|fhir|sole|vna|_fhantom)", ("For a browser: [pages](pages.md).",)),
    Section(
        "Control",
        "/_fhantom",
        ("Reset, faults, clock, journal: [testing](testing.md), and `/_fhantom/openapi.json` for every field.",),
    ),
)

OPERATION_SETTINGS = {
    "export": "--bulk-export",
    "export-poll-status": "--bulk-export",
    "export-file": "--bulk-export",
    "status": "--subscriptions",
}
"""What switches on an operation that the real server refuses."""

# hackathon-server.md 4
MISSING_HERE = (
    ("/ai-orchestrator/", "work items of 2021; whether it is still there is not known"),
    ("/ethereum/", "of 2022, dropped in 2023"),
    ("/vna/app/`, `/vna/stone-webviewer/", "the files of Orthanc's own viewers; only links to them open here"),
)
