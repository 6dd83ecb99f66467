"""`fhantom compare`: what a live server answers otherwise than this one, and a profile of it."""

from __future__ import annotations

import contextlib
import secrets
import sys
import tempfile
import urllib.parse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from fhantom import profile
from fhantom.calibration.asking import Asked, Pace, Pairs, Reply, over_network
from fhantom.calibration.comparing import Comparison, Difference, KeyRefused, Repeated, compare, services_of
from fhantom.calibration.learning import learn
from fhantom.calibration.questions import QUESTIONS, WRITES, Question
from fhantom.cli.failure import Failure
from fhantom.cli.people import is_loopback
from fhantom.clock import Clock
from fhantom.settings import BUILT_IN_KEY

_NAMED = 3  # questions by which a difference of many is told
_PACE = 1.0  # seconds between two requests; only a server of this machine is asked faster


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asks for.

    Attributes:
        url: scheme and host of the server to ask.
        key_env: the variable that holds the key for it.
        services: where its services lie, as `dicomweb=/dicom-web`.
        pace: seconds between two requests.
    """

    url: str
    key_env: str
    services: Sequence[str]
    pace: float
    write: bool
    save: Path | None


def run(wanted: Wanted, environ: Mapping[str, str]) -> int:
    """Ask, tell what differs, keep what was learned; exit status 0 whatever differs."""
    url = wanted.url.rstrip("/")
    parts = urllib.parse.urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Failure(f"--with must be an address such as https://hackathon.siim.org, not {wanted.url!r}")
    if wanted.pace < _PACE and not is_loopback(parts.hostname):
        raise Failure("--pace below 1 is only for a server on this machine")
    if not environ.get(wanted.key_env):
        raise Failure(f"{wanted.key_env} is not set; it must hold the key for {url}")
    try:
        services = services_of(wanted.services)
    except ValueError as error:
        raise Failure(f"--service: {error}") from None
    there = Asked(url, environ[wanted.key_env], over_network, Pace(wanted.pace), services)
    test_id = f"fhantom-compare-{secrets.token_hex(4)}" if wanted.write else ""
    try:
        with _here() as here:
            comparison = compare(here, there, test_id=test_id, told=_told)
    except KeyRefused as error:
        raise Failure(f"{url} does not accept the key in {wanted.key_env}: {error}") from None
    if all(compared.there is None or not compared.there.status for compared in comparison.compared):
        raise Failure(f"no answer from {url}")
    _print(comparison)
    if wanted.save is not None:
        wanted.save.write_text(profile.dump(learn(comparison, f"{Clock().now():%Y-%m-%d}")), encoding="utf-8")
        print(f"saved {wanted.save}; fhantom serve --profile {wanted.save} obeys it")
    return 0


def list_questions() -> int:
    """Print everything that would be asked."""
    for title, questions in (("asked always, and only reading:", QUESTIONS), ("asked with --write:", WRITES)):
        print(title)
        for question in questions:
            print(f"  {_line(question)}")
    return 0


def _line(question: Question) -> str:
    key = "" if question.key == "good" else f", key: {question.key}"
    accept = f", Accept: {question.accept}" if question.accept else ""
    return f"{question.name}: {question.method} [{question.service}]{question.path}{accept}{key}"


@contextlib.contextmanager
def _here() -> Iterator[Asked]:
    """This server with the embedded seed, in this process."""
    from fhantom.testing.calling import call
    from fhantom.testing.servers import LocalServer, settings_of

    with tempfile.TemporaryDirectory(prefix="fhantom-compare-") as folder:
        server = LocalServer(Path(folder) / "data", settings_of({"worlds": "shared"}))

        def send(method: str, url: str, headers: Pairs, body: bytes) -> Reply:
            received = call(server.app, method, url, headers, body)
            return Reply(url, received.status, received.reason, received.headers, received.body)

        try:
            yield Asked("http://localhost", BUILT_IN_KEY, send, Pace(0.0))
        finally:
            server.close()


def _told(name: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[Kasking: {name}", end="", file=sys.stderr, flush=True)


def _print(comparison: Comparison) -> None:
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr)
    differences = comparison.differences
    for repeated in comparison.repeated:
        print(f"{len(repeated.questions)} questions, such as: {'; '.join(repeated.questions[:_NAMED])}")
        _print_facet(repeated)
    for name, found in groupby(comparison.single, key=lambda one: one.question):
        print(name)
        for one in found:
            _print_facet(one)
    asked = {compared.question.name for compared in comparison.compared if compared.there is not None}
    same = len(asked - {one.question for one in differences})
    print(f"{len(asked)} questions, {same} answered alike, {len(differences)} differences")
    for title, lines in (
        ("not there", comparison.absent),
        ("not asked, for want of an instance or a service", comparison.unasked),
        ("asked to come back later", comparison.refusals),
        ("written and not removed", comparison.left),
    ):
        if lines:
            print(f"{title}:")
            for line in lines:
                print(f"  {line}")


def _print_facet(one: Difference | Repeated) -> None:
    print(f"  {one.facet}: there {one.there or '(none)'}")
    print(f"  {' ' * len(one.facet)}  here  {one.here or '(none)'}")
