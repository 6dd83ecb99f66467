"""`fhantom seed pull`: copy patients or studies from a live server into a seed folder."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from fhantom.cli.failure import Failure


def add(seeds: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add it to `fhantom seed`."""
    pull = seeds.add_parser(
        "pull",
        help="copy patients or studies from a live DICOMweb and FHIR server into a seed folder",
        allow_abbrev=False,
    )
    pull.add_argument("--from", dest="url", required=True, metavar="URL", help="the server, such as https://host")
    pull.add_argument("--key-env", metavar="NAME", help="the environment variable that holds the apikey")
    pull.add_argument(
        "--out", required=True, metavar="DIR", help="a new folder, or that of a pull that was interrupted"
    )
    pull.add_argument(
        "--patient", default="", metavar="TEXT", help="id, identifier or name, with * and ?; for DICOM the Patient ID"
    )
    pull.add_argument("--study", action="append", default=[], metavar="UID", help="a study, besides those of patients")
    pull.add_argument(
        "--fhir",
        action="append",
        metavar="PATH",
        help="where FHIR is (default: /fhir and /fhir-r4; an empty one: none)",
    )
    pull.add_argument(
        "--dicomweb", default="/dicomweb", metavar="PATH", help="where DICOMweb is (default: %(default)s)"
    )
    pull.add_argument("--metadata-only", action="store_true", help="what searches tell of the images, without them")
    pull.add_argument(
        "--pseudonymise",
        action="store_true",
        help="PS3.15's basic profile with modified dates, and the same in FHIR; pixels stay as they are",
    )
    pull.add_argument("--pause", type=float, default=0.0, metavar="N", help="seconds between requests (default: 0)")
    pull.set_defaults(run=_pull)


def _pull(parsed: argparse.Namespace) -> int:
    from fhantom.cli.progress import Bar
    from fhantom.cli.seed import lines_of
    from fhantom.datasets.job import Unusable
    from fhantom.mirror.client import Server, Unreachable
    from fhantom.mirror.pull import Order, pull

    if not parsed.patient and not parsed.study:
        raise Failure("say what to copy, by --patient or --study")
    order = Order(
        url=parsed.url,
        patient=parsed.patient,
        studies=tuple(parsed.study),
        fhir=("/fhir", "/fhir-r4") if parsed.fhir is None else tuple(path for path in parsed.fhir if path),
        dicomweb=parsed.dicomweb,
        has_pixels=not parsed.metadata_only,
        has_pseudonyms=parsed.pseudonymise,
    )
    bar = Bar()
    try:
        server = Server(parsed.url, _key(parsed.key_env), pause=parsed.pause)
        report = pull(order, server, Path(parsed.out), bar)
    except (ValueError, Unusable) as reason:
        raise Failure(str(reason)) from None
    except Unreachable as reason:
        raise Failure(f"{reason}; what was copied stays, and the same command goes on from there") from None
    except OSError as error:
        raise Failure(f"cannot write to {parsed.out}: {error.strerror or error}") from None
    bar.close()
    for line in lines_of(report, ()):
        print(line)
    if not report.has_loaded:
        raise Failure(f"{parsed.url} has nothing of what was asked for")
    print(f"to load it: fhantom seed folder --from {parsed.out}")
    return 0


def _key(name: str | None) -> str:
    if name is None:
        return ""
    if not os.environ.get(name):
        raise Failure(f"the environment variable {name} is not set")
    return os.environ[name]
