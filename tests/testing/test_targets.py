"""The same tests in process, through a socket, and against a server without control routes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from doors import listening
from fhantom.app import create_app
from fhantom.settings import BUILT_IN_KEY
from fhantom.site import Site

pytest_plugins = ["pytester"]

TESTS = """
    import asyncio
    import pytest

    def test_requests(fhantom, fhantom_session):
        assert fhantom_session.get(f"{fhantom.fhir_url}/Patient", params={"name": "x"}).status_code == 200
        fhantom.assert_requested("GET", "/fhir/Patient", query={"name": "x"}, times=1, status=200)

    def test_httpx(fhantom, fhantom_httpx):
        assert fhantom_httpx.get("/dicomweb/studies").json() == []
        fhantom.assert_not_requested("GET", "/fhir/*")

    def test_async_httpx(fhantom, fhantom_async_httpx):
        async def both():
            async with fhantom_async_httpx as client:
                return await asyncio.gather(client.get("/fhir/metadata"), client.get("/dicomweb/series"))
        assert [answer.status_code for answer in asyncio.run(both())] == [200, 200]
        fhantom.assert_requested("GET", "/dicomweb/series", times=1)

    def test_dicomweb(fhantom, fhantom_dicomweb):
        assert fhantom_dicomweb.search_for_studies() == []

    def test_app(fhantom_app):
        pass

    def test_faults(fhantom):
        fhantom.faults.add("/fhir/*", status=503)

    def test_clock(fhantom):
        fhantom.clock.set("2026-12-01T09:00:00Z")

    def test_snapshot(fhantom):
        fhantom.snapshot("one")

    @pytest.mark.fhantom(seed="empty")
    def test_empty(fhantom):
        pass

    @pytest.mark.fhantom(faults=[{"path": "/*", "status": 503}])
    def test_marked_faults(fhantom):
        pass

    def test_journal_of_another_client(fhantom):
        fhantom.assert_not_requested("GET", "/*")
    """


@pytest.fixture
def real(site: Site) -> Iterator[str]:
    """The address of a server in the place of the real one, whose control routes nobody may use."""
    app = create_app(site)

    def without_control(environ, start_response):  # type: ignore[no-untyped-def]
        assert not environ["PATH_INFO"].startswith("/_fhantom"), "the real server has no control routes"
        return app(environ, start_response)

    with listening(without_control) as socket:
        yield socket.origin


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    pytester.makepyfile(TESTS)
    return pytester.runpytest_subprocess("-p", "no:cacheprovider", "-o", "fhantom_seed=none", "-rs", *arguments)


@pytest.mark.parametrize("target", ["inprocess", "socket"])
def test_the_tests_pass_in_process_and_through_a_socket(pytester: pytest.Pytester, target: str) -> None:
    run(pytester, f"--fhantom-target={target}").assert_outcomes(passed=11)


def test_against_the_real_server_what_it_lacks_is_skipped_with_the_reason(
    pytester: pytest.Pytester, real: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIIM_API_KEY", BUILT_IN_KEY)
    result = run(pytester, "--fhantom-target=real", f"--fhantom-url={real}/")
    result.assert_outcomes(passed=4, skipped=7)
    result.stdout.fnmatch_lines_random(
        [
            "SKIPPED*the server of this run is not inside the test's process",
            "SKIPPED*the real server has no POST /_fhantom/faults",
            "SKIPPED*the real server has no PUT /_fhantom/clock",
            "SKIPPED*the real server has no PUT /_fhantom/snapshots/one",
            "SKIPPED*the real server has no POST /_fhantom/reset",
            "SKIPPED*the real server has no journal, and no client of the plugin noted a request",
        ]
    )


def test_the_real_server_needs_a_key(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SIIM_API_KEY", raising=False)
    result = run(pytester, "--fhantom-target=real")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--fhantom-target=real needs a key of the real server in $SIIM_API_KEY*"])
