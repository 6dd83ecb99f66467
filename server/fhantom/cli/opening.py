"""What happens between a server's start and its first answer: data is made ready, then the world is told."""

from __future__ import annotations

import http.client
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fhantom.cli.healthcheck import ask
from fhantom.cli.people import keep_people_from_network
from fhantom.clock import Clock
from fhantom.loading.prepared import PreparedSeeds
from fhantom.loading.seeds import Seed
from fhantom.readiness import Phase, Readiness
from fhantom.settings import BUILT_IN_KEY, Settings
from fhantom.world import DataFolder, Worlds, prepare

_ANY_HOST = {"0.0.0.0": "127.0.0.1", "::": "::1"}
_PATIENCE = 60.0  # seconds that workers may take to start


@dataclass(frozen=True, slots=True)
class Opening:
    """One start of one server.

    Attributes:
        seed: what an empty data folder is to be filled with; None where it has data.
        prepared: seeds that an earlier start has loaded.
        started: when the process began, by time.monotonic().
        certificate: chain and private key for https.
    """

    settings: Settings
    folder: DataFolder
    seed: Seed | None
    prepared: PreparedSeeds
    readiness: Readiness
    started: float
    certificate: tuple[Path, Path] | None
    port: int

    def begin(self) -> None:
        """Do what takes no time: fill the folder from a prepared seed. Else the phase stays STARTING."""
        found = self.prepared.find(self.seed) if self.seed is not None else None
        if found is not None:
            prepare.restore(found, self.folder)
        if self.seed is None or found is not None:
            self.readiness.report(Phase.READY)

    def finish(self) -> None:
        """Load the seed if that is still to be done, wait for the first answer and announce it."""
        if self.readiness.phase is not Phase.READY and self.seed is not None:
            self._load(self.seed)
        self._wait()
        self._announce()

    def _load(self, seed: Seed) -> None:
        def report(done: int, of: int) -> None:
            self.readiness.report(Phase.SEEDING, done, of)

        report(0, 0)
        print(f"fhantom: first start, preparing the seed {seed.name}", file=sys.stderr, flush=True)
        try:
            self._fill(seed, report)
            worlds = Worlds(self.folder, self.settings, Clock())
            keep_people_from_network(worlds, self.settings)
            worlds.close()
        except BaseException:
            self.readiness.report(Phase.FAILED)
            raise
        self.readiness.report(Phase.READY)

    def _fill(self, seed: Seed, report: Callable[[int, int], None]) -> None:
        if self.prepared.is_writable:
            prepare.restore(self.prepared.make(seed, report), self.folder)
            return
        with tempfile.TemporaryDirectory(prefix="fhantom-seed-") as scratch:
            elsewhere = PreparedSeeds(Path(scratch), Clock())
            prepare.restore(elsewhere.make(seed, report), self.folder)

    def _wait(self) -> None:
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            try:
                if ask(self.url(local=True), "/_fhantom/ready", timeout=_PATIENCE)[0] == 200:
                    return
            except (OSError, http.client.HTTPException, ValueError):
                time.sleep(0.01)
        raise TimeoutError(f"no answer from {self.url()} within {_PATIENCE:.0f} seconds")

    def _announce(self) -> None:
        key = BUILT_IN_KEY if BUILT_IN_KEY in self.settings.keys else "$SIIM_API_KEY"
        insecure = "-k " if self.certificate else ""
        ready = f"ready {self.url()} in {time.monotonic() - self.started:.1f}s"
        example = f'''curl {insecure}-H "apikey: {key}" "{self.url(local=True)}/fhir/Patient?name=SIIM"'''
        print(f"{ready}\n{example}", flush=True)  # at once: who has read the first line may be gone

    def url(self, *, local: bool = False) -> str:
        """Where the server is; with `local`, an address that this machine can reach it at."""
        scheme = "https" if self.certificate else "http"
        host = self.settings.host
        if local:
            host = _ANY_HOST.get(host, host)
        return f"{scheme}://{f'[{host}]' if ':' in host else host}:{self.port}"
