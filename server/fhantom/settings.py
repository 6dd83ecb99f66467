"""Every setting of fhantom, in one typed place.

A field of `Settings` is one row: its type, default, help and place in the documentation. The command line
(`--rate-limit`), the environment (`FHANTOM_RATE_LIMIT`), the configuration file (`rate_limit = 60`) and the
tables of the documentation derive from these rows; `fhantom.cli.options` does the deriving.
"""

from __future__ import annotations

import dataclasses
import typing
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import Any, Literal

BUILT_IN_KEY = "fhantom-local-key"
"""The key that is accepted when none is set; the only one that is ever printed."""

Group = Literal["serving", "data", "keys", "gateway", "DICOMweb", "FHIR"]


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the table.

    Attributes:
        name: the field of `Settings`.
        type: the field's type, which says how a text becomes a value.
        default: the value if nobody sets it.
        help: one line for `--help` and the documentation.
        group: the heading that it stands under.
        flag: the option of the command line.
    """

    name: str
    type: Any
    default: Any
    help: str
    group: Group
    flag: str

    @property
    def word(self) -> str:
        """The name in the configuration file."""
        return self.flag.removeprefix("--").replace("-", "_")

    @property
    def variable(self) -> str:
        """The name of the environment variable."""
        return f"FHANTOM_{self.word.upper()}"


def row(default: Any, help: str, group: Group, *, flag: str | None = None) -> Any:
    """Declare a setting; `flag` is only given where it is not the field's own name."""
    return dataclasses.field(default=default, metadata={"help": help, "group": group, "flag": flag})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the user chose, complete with defaults.

    Sizes are in bytes and durations in seconds; 0 switches a limit off.
    """

    host: str = row("127.0.0.1", "address to listen on", "serving")
    port: int = row(8080, "port to listen on; 0 takes a free one", "serving")
    server: Literal["auto", "gunicorn", "threaded"] = row(
        "auto", "gunicorn, or the threaded server of tests; auto takes gunicorn where it runs", "serving"
    )
    workers: int = row(2, "processes that answer requests", "serving")
    threads: int = row(4, "requests that each process answers at a time", "serving")
    tls: bool = row(False, "speak https, with a certificate of its own making unless one is given", "serving")
    tls_certificate: Path | None = row(None, "certificate chain (PEM) for https", "serving")
    tls_private_key: Path | None = row(None, "private key (PEM) of the certificate", "serving")
    keep_alive: int = row(15, "how long an idle connection stays open", "serving")
    link_base: str = row(
        "own",
        "host of links in FHIR answers: own for the one asked, or another, as localhost:8080 of the real server",
        "serving",
    )
    link_base_r4: str = row("", "the same for /fhir-r4/ (default: as --link-base)", "serving")
    link_base_dicomweb: str = row("own", "the same for DICOMweb", "serving")
    hapi_version: str = row("", "version that FHIR servers tell (default: the one that answers are held to)", "serving")
    random_seed: int = row(
        0, "seed of chance in faults and in ids that nothing else determines, which then repeat; 0 for none", "serving"
    )
    profile: Path | None = row(None, "what fhantom compare learned of a live server, to answer alike", "serving")
    trust_forwarded: bool = row(
        False, "believe Forwarded and X-Forwarded-* headers; only behind a proxy that sets them", "serving"
    )
    journal_bodies: int = row(0, "bytes of each request's body that the journal keeps, at most 1048576", "serving")

    data: Path | None = row(None, "folder that keeps the data (default: the user's data folder)", "data")
    seed: str = row(
        "embedded",
        "what an empty data folder starts with: embedded, none, a folder, samples such as siim,coherent",
        "data",
    )
    viewer: Path | None = row(None, "folder of OHIF's files (default: that of fhantom viewer install)", "data")
    ephemeral: bool = row(False, "keep the data in a temporary folder that goes with the server", "data")
    cache: Path | None = row(None, "folder of prepared seeds (default: the user's cache folder)", "data")
    world_idle: int = row(
        86_400, "seconds after which a world that nobody uses goes with its snapshots (--worlds per-key)", "data"
    )
    nightly_reset: time | None = row(
        None, "New York time when all worlds go back to the seed, as 03:00 on the real server (default: never)", "data"
    )
    nightly_outage: int = row(0, "how long the server is then away, up to 600 seconds", "data")
    nightly_outage_kind: Literal["502", "503", "refused", "partial"] = row(
        "502", "what clients then meet: a status, a connection that ends at once, or data that is not all there", "data"
    )

    keys: tuple[str, ...] = row(
        (BUILT_IN_KEY,),
        "accepted key, repeatable (default: $SIIM_API_KEY, else a built-in one for this machine only)",
        "keys",
        flag="--key",
    )
    any_key: bool = row(False, "accept every key, and requests without one", "keys")
    any_key_on_network: bool = row(False, "confirm --any-key on a host that is not loopback", "keys")
    people_on_network: bool = row(
        False, "confirm serving data that may tell of people who exist on a host that is not loopback", "keys"
    )
    key_prefix: str = row("", "also accept every key that begins with this", "keys")
    worlds: Literal["shared", "per-key"] = row(
        "shared", "whether all keys see one data state, as on the real server, or each its own", "keys"
    )
    control_token: str = row(
        "", "secret that lets other machines use every route below /_fhantom/ (default: none may)", "keys"
    )
    key_expiry: datetime | None = row(
        None, "moment when all keys stop working, as 2026-12-03T00:00:00Z (default: never)", "keys"
    )

    auth_status: Literal[401, 403] | None = row(
        None,
        "status of an answer to a missing or wrong key (default: 403; 401 in the style of kong)",
        "gateway",
    )
    gateway_style: Literal["fhantom", "nginx", "kong"] = row(
        "fhantom", "whose form the gateway's own refusals take", "gateway"
    )
    rate_limit: int = row(0, "requests allowed in a window; more get 429", "gateway")
    rate_limit_window: int = row(60, "length of the window in seconds", "gateway")
    rate_limit_scope: Literal["key", "address", "server"] = row("key", "what the limit is counted by", "gateway")
    retry_after: bool = row(True, "send Retry-After with 429 and 503", "gateway")
    max_body_stow: int = row(0, "largest body of a request to DICOMweb in bytes", "gateway")
    max_body_fhir: int = row(0, "largest body of a request to FHIR in bytes", "gateway")
    max_body_other: int = row(0, "largest body of any other request in bytes", "gateway")
    cors: bool = row(True, "let scripts of web pages from other origins use the data routes", "gateway")
    aliases: bool = row(True, "answer at the older paths /dicom-web and /fhir-overview/fhir too", "gateway")

    strict: bool = row(
        False, "search and store as the real server was recorded, also where this one does better", "DICOMweb"
    )
    duplicates: Literal["keep", "overwrite", "refuse"] = row(
        "keep", "what becomes of a stored instance when another comes under its UIDs", "DICOMweb"
    )

    default_window: Literal["orthanc", "voi"] = row(
        "orthanc",
        "how rendered images are windowed unless asked: spread over all values as Orthanc, or as the file says",
        "DICOMweb",
    )
    inline_bulkdata: int = row(
        0, "largest binary value in bytes that metadata holds itself, from the next store on", "DICOMweb"
    )
    render_cache: int = row(16 << 20, "bytes of rendered images that each process keeps", "DICOMweb")
    max_decoded_frame: int = row(512 << 20, "largest frame in bytes, once decoded, that is decoded at all", "DICOMweb")

    read_cache: int = row(8 << 20, "bytes of answers to reads that each process keeps while nothing is written", "FHIR")
    imaging_link: Literal["off", "immediate", "manual", "time"] = row(
        "off",
        "when stored DICOM shows as ImagingStudy: never (as on the real server), at once, when told, later",
        "FHIR",
    )
    imaging_link_delay: int = row(5, "seconds until stored DICOM shows in FHIR with --imaging-link time", "FHIR")
    mirror_versions: bool = row(
        False, "show what is written to /fhir/ at /fhir-r4/ too, converted, and the other way", "FHIR"
    )
    rewrite_endpoint_address: bool = row(
        True, "show Endpoint.address of the real server as an address of this one", "FHIR"
    )
    validate_strictly: bool = row(False, "let $validate also tell what fhir.resources finds", "FHIR")
    bulk_export: bool = row(False, "answer $export (NDJSON, asynchronous), which the real server refuses", "FHIR")
    cascading_deletes: bool = row(
        False, "let _cascade=delete remove what refers to the resource too, which the real server refuses", "FHIR"
    )
    subscriptions: bool = row(
        False, "tell the endpoints of Subscriptions what is written, which the real server does not", "FHIR"
    )
    subscription_targets: Literal["loopback", "any"] = row(
        "loopback", "whether endpoints of Subscriptions may lie on other machines", "FHIR"
    )
    subscription_heartbeat: int = row(
        0, "seconds of silence until a Subscription that names no heartbeatPeriod gets a sign of life", "FHIR"
    )
    search_text: bool = row(False, "search by _text and _content, which the real server refuses", "FHIR")
    search_source: bool = row(False, "search by _source, which the real server refuses", "FHIR")
    search_of_type: bool = row(
        False, "search by the modifier :of-type of identifiers, which the real server refuses", "FHIR"
    )
    search_identifier: bool = row(
        False, "search by the modifier :identifier of references, which the real server refuses", "FHIR"
    )
    search_contained: bool = row(
        False, "search contained resources by _contained, which the real server refuses", "FHIR"
    )
    search_system: bool = row(False, "search several types at the base address, which the real server refuses", "FHIR")


def _rows() -> tuple[Setting, ...]:
    types = typing.get_type_hints(Settings)
    return tuple(
        Setting(
            name=field.name,
            type=types[field.name],
            default=field.default,
            help=field.metadata["help"],
            group=field.metadata["group"],
            flag=field.metadata["flag"] or "--" + field.name.replace("_", "-"),
        )
        for field in dataclasses.fields(Settings)
    )


SETTINGS: tuple[Setting, ...] = _rows()
"""The rows of `Settings` in their order."""
