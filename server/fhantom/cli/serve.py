"""`fhantom serve`: from settings to a server that answers."""

from __future__ import annotations

import gc
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from fhantom.cli import folders
from fhantom.cli.failure import Failure
from fhantom.cli.opening import Opening
from fhantom.cli.people import is_loopback, keep_people_from_network
from fhantom.clock import Clock
from fhantom.datasets.samples import seed_of
from fhantom.loading.prepared import PreparedSeeds
from fhantom.loading.seeds import UnknownSeed
from fhantom.readiness import Phase, Readiness
from fhantom.settings import BUILT_IN_KEY, Settings
from fhantom.site import Site
from fhantom.world import DataFolder, DataFolderInUse, DataTooNew, Worlds


def serve(settings: Settings, *, started: float, seed_given: bool) -> int:
    """Serve until a signal ends it; return the exit status.

    Args:
        settings: what the user chose.
        started: when the process began, by time.monotonic().
        seed_given: whether the seed was asked for by name, and should not be passed over in silence.
    """
    _check_network(settings)
    settings = replace(settings, viewer=settings.viewer or folders.user_viewer())
    with _bind(settings) as listener, _held(settings) as folder:
        clock = Clock()
        try:
            seed = seed_of(settings.seed)
        except UnknownSeed as error:
            raise Failure(str(error)) from None
        opening = Opening(
            settings=settings,
            folder=folder,
            seed=seed if folder.is_empty else None,
            prepared=PreparedSeeds(settings.cache or folders.user_cache(), clock),
            readiness=Readiness(),
            started=started,
            certificate=_certificate(settings, clock),
            port=listener.getsockname()[1],
        )
        if seed_given and not folder.is_empty:
            _say(f"{folder.path} has data already; the seed is not loaded into it")
        opening.begin()
        site = Site(settings, Worlds(folder, settings, clock), clock, opening.readiness)
        _check_data(site)
        return _run(site, opening, listener)


def _run(site: Site, opening: Opening, listener: socket.socket) -> int:
    from fhantom.app import create_app

    if _takes_gunicorn(site.settings):
        from fhantom.cli.gunicorn_server import run
    else:
        from fhantom.cli.threaded_server import run

        if site.settings.server == "auto":
            _say("gunicorn does not run on this system; serving with threads in one process")
    app = create_app(site)
    gc.enable()
    return run(app, site.settings, opening, listener, site.begin)


def _takes_gunicorn(settings: Settings) -> bool:
    return settings.server == "gunicorn" or (settings.server == "auto" and hasattr(os, "fork"))


def _check_network(settings: Settings) -> None:
    """Refuse what would let strangers in."""
    if is_loopback(settings.host):
        return
    if settings.any_key and not settings.any_key_on_network:
        raise Failure(
            f"--any-key on {settings.host} lets everybody on the network in; confirm with --any-key-on-network"
        )
    if not settings.any_key and BUILT_IN_KEY in settings.keys:
        raise Failure(
            f"the built-in key is public and not accepted on {settings.host}; set one with --key or SIIM_API_KEY"
        )


def _bind(settings: Settings) -> socket.socket:
    """A bound socket, so that a port in use is told before anything is touched."""
    try:
        address = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise Failure(f"cannot listen on {settings.host}: {error.strerror}") from None
    listener = socket.socket(address[0], socket.SOCK_STREAM)
    if os.name == "posix":
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address[4])
    except OSError as error:
        listener.close()
        raise Failure(
            f"cannot listen on port {settings.port} of {settings.host}: {error.strerror}; "
            "--port N takes another one, --port 0 any that is free"
        ) from None
    return listener


@contextmanager
def _held(settings: Settings) -> Iterator[DataFolder]:
    """The data folder, which no other server has; a temporary one goes at the end."""
    owner = os.getpid()
    path = settings.data or folders.user_data()
    if settings.ephemeral:
        path = Path(tempfile.mkdtemp(prefix="fhantom-"))
    folder = DataFolder(path)
    try:
        folder.check()
        folder.hold()
        folder.create()
    except (DataFolderInUse, DataTooNew) as error:
        raise Failure(str(error)) from None
    except OSError as error:
        raise Failure(f"cannot use the data folder {path}: {error.strerror}") from None
    try:
        yield folder
    finally:
        if os.getpid() == owner:  # workers leave through here too
            folder.release()
            if settings.ephemeral:
                shutil.rmtree(path, ignore_errors=True)


def _check_data(site: Site) -> None:
    """Bring the data of an older version to the present schema; refuse what is not to be served."""
    if site.readiness.phase is Phase.READY:
        try:
            site.worlds.open()
        except DataTooNew as error:
            raise Failure(str(error)) from None
        keep_people_from_network(site.worlds, site.settings)
        site.worlds.close()


def _certificate(settings: Settings, clock: Clock) -> tuple[Path, Path] | None:
    if settings.tls_certificate and settings.tls_private_key:
        for path in (settings.tls_certificate, settings.tls_private_key):
            if not path.is_file():
                raise Failure(f"there is no file {path}")
        return settings.tls_certificate, settings.tls_private_key
    if not settings.tls:
        return None
    from fhantom.cli.certificates import self_signed

    made = self_signed((settings.cache or folders.user_cache()) / "tls", settings.host, clock)
    return made.chain, made.private_key


def _say(text: str) -> None:
    print(f"fhantom: {text}", file=sys.stderr, flush=True)
