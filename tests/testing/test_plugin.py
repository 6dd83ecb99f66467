"""The plugin in test runs of its own."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

pytest_plugins = ["pytester"]


@pytest.fixture
def run(pytester: pytest.Pytester):  # type: ignore[no-untyped-def]
    """Run a test module in a process of its own; returns the result."""

    def run(source: str, *arguments: str) -> pytest.RunResult:
        pytester.makepyfile(source)
        return pytester.runpytest_subprocess("-p", "no:cacheprovider", "-o", "fhantom_seed=none", *arguments)

    return run


def test_a_run_that_does_not_use_it_imports_no_server() -> None:
    program = "import fhantom.testing.plugin, fhantom.testing.clients, sys\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    loaded = set(done.stdout.split())
    assert loaded & {"flask", "sqlalchemy", "sqlite3", "requests", "httpx", "fhantom.app"} == set()
    assert {name for name in loaded if name.startswith("fhantom")} == {
        "fhantom",
        "fhantom.testing",
        "fhantom.testing.clients",
        "fhantom.testing.plugin",
    }


def test_a_fault_that_did_not_strike_fails_the_test_if_asked(run) -> None:  # type: ignore[no-untyped-def]
    result = run(
        """
        import pytest

        @pytest.mark.fhantom(strict=True, faults=[{"path": "/fhir/*", "status": 503, "times": 2}])
        def test_strict(fhantom_session, fhantom):
            fhantom_session.get(f"{fhantom.fhir_url}/Patient")

        @pytest.mark.fhantom(faults=[{"path": "/fhir/*", "status": 503, "times": 2}])
        def test_lenient(fhantom_session, fhantom):
            assert fhantom_session.get(f"{fhantom.fhir_url}/Patient").status_code == 503
        """
    )
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "*faults that did not strike as often as they should have:*",
            "*status for /fhir/[*]: struck 1 of 2*",
            "*GET /fhir/Patient -> 503 (fault status)*",
        ]
    )


OF_A_DECIMAL = """
    def test_it(fhantom, fhantom_session):
        url = f"{fhantom.dicomweb_url}/studies?PatientWeight=70.5"
        assert fhantom_session.get(url).status_code == 200
    """


def test_what_the_real_server_answers_otherwise_fails_the_test_if_asked(run) -> None:  # type: ignore[no-untyped-def]
    result = run(OF_A_DECIMAL, "-o", "fhantom_strict=true")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E*requests that the real server would have answered otherwise:", "E*qido-decimals*"])


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "with xdist"])
def test_the_end_of_a_run_lists_what_the_real_server_answers_otherwise(run, workers: tuple[str, ...]) -> None:  # type: ignore[no-untyped-def]
    through_socket = """
    import urllib.request

    def test_socket(fhantom):
        url = f"{fhantom.dicomweb_url}/series?PatientWeight=70.5"
        urllib.request.urlopen(urllib.request.Request(url, headers=fhantom.headers)).close()
    """
    result = run(f"{OF_A_DECIMAL}\n{through_socket}", *workers)
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(
        [
            "*these 2 requests would have got another answer from the real server*",
            "GET /dicomweb/series?PatientWeight=70.5 -> 200: *qido-decimals, recorded*",
            "GET /dicomweb/studies?PatientWeight=70.5 -> 200: *qido-decimals, recorded*",
        ]
    )


def test_assertions_tell_what_came_in_and_how_it_differs(run) -> None:  # type: ignore[no-untyped-def]
    result = run(
        """
        def test_it(fhantom, fhantom_session):
            fhantom_session.get(f"{fhantom.dicomweb_url}/studies?PatientID=B")
            fhantom_session.delete(f"{fhantom.fhir_url}/Patient/none")
            fhantom.assert_requested("GET", "/dicomweb/studies", query={"PatientID": "B"}, times=1, status=200)
            fhantom.assert_not_requested("POST", "/*")
            fhantom.assert_requested("GET", "/dicomweb/studies", query={"PatientID": "A"}, times=2)
        """
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "E*expected 2, found 0 of: GET /dicomweb/studies?PatientID=A",
            "E*these do not:",
            "E*GET /dicomweb/studies?PatientID=B -> 200",
            "E*query: PatientID=B instead of PatientID=A",
            "E*DELETE /fhir/Patient/none -> *",
            "E*method: DELETE instead of GET",
        ]
    )
    result.stdout.no_fnmatch_line("*testing/world.py*")


@pytest.mark.parametrize(
    ("mark", "message"),
    [("sede='empty'", "*takes seed, strict, faults by name*"), ("seed='full'", "*seed must be 'seed' or 'empty'*")],
    ids=["unknown word", "unknown seed"],
)
def test_a_mark_that_cannot_be_understood_is_told(run, mark: str, message: str) -> None:  # type: ignore[no-untyped-def]
    result = run(
        f"""
        import pytest

        @pytest.mark.fhantom({mark})
        def test_it(fhantom):
            pass
        """
    )
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([message])


def test_the_server_takes_other_settings(run) -> None:  # type: ignore[no-untyped-def]
    result = run(
        """
        import pytest

        @pytest.fixture(scope="session")
        def fhantom_settings():
            return {"gateway_style": "kong"}

        def test_it(fhantom, fhantom_httpx):
            assert fhantom_httpx.get("/fhir/Patient?_summary=count").json()["total"] == 0
            assert fhantom_httpx.get("/fhir/Patient", headers={"apikey": "x"}).status_code == 401
        """
    )
    result.assert_outcomes(passed=1)


def test_what_fails_on_the_real_server_is_listed_apart(run) -> None:  # type: ignore[no-untyped-def]
    result = run(
        """
        def test_it(fhantom, fhantom_httpx):
            assert fhantom_httpx.options("/dicomweb/studies").status_code == 200
            assert fhantom_httpx.get("/dicomweb/studies?PatientWeight=70.5").status_code == 200
        """
    )
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(
        [
            "*this request worked here and would have failed on the real server*",
            "OPTIONS /dicomweb/studies -> 200: 404*options, recorded*",
            "*this request would have got another answer from the real server*",
            "GET /dicomweb/studies?PatientWeight=70.5 -> 200: *",
        ]
    )
    assert run(OF_A_DECIMAL, "--fhantom-strict").parseoutcomes() == {"failed": 1}


def test_a_failed_test_shows_what_its_searches_nearly_found(run) -> None:  # type: ignore[no-untyped-def]
    result = run(
        """
        def test_it(fhantom, fhantom_httpx):
            fhantom_httpx.post("/fhir/Patient", json={"resourceType": "Patient", "gender": "male"})
            fhantom_httpx.get("/fhir/Patient?gender=Male")
            fhantom.assert_requested("GET", "/fhir/Patient", query={"gender": "male"})
        """
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "E*GET /fhir/Patient[?]gender=Male -> 200",
            "E*found nothing; 1 Patient resource would match with gender=male",
            "E*query: gender=Male instead of gender=male",
            "*Captured fhantom call*",
            "POST /fhir/Patient -> 201",
            "GET /fhir/Patient[?]gender=Male -> 200",
            "    found nothing; 1 Patient resource would match with gender=male",
        ]
    )


SHARED = """
    import os
    import pytest
    import requests

    @pytest.mark.parametrize("number", range(6))
    def test_socket(fhantom, number):
        patient = {"resourceType": "Patient", "name": [{"family": "Fresh"}]}
        with requests.Session() as session:
            session.headers.update(fhantom.headers)
            session.post(f"{fhantom.fhir_url}/Patient", json=patient)
            assert session.get(f"{fhantom.fhir_url}/Patient?family=Fresh").json()["total"] == 1
            fhantom.clock.set(f"2026-12-01T09:0{number}:00Z")
            written = session.post(f"{fhantom.fhir_url}/Patient", json=patient).json()["meta"]["lastUpdated"]
        assert f"T09:0{number}:00" in written
        assert len(fhantom.journal) == 3
        print("SERVED BY", fhantom.url)

    @pytest.mark.parametrize("number", range(4))
    def test_in_process(fhantom, fhantom_session, number):
        assert fhantom_session.get(f"{fhantom.fhir_url}/Patient").status_code == 200
        fhantom.assert_requested("GET", "/fhir/Patient", times=1)
    """


def test_workers_of_xdist_share_one_server_and_no_world(run) -> None:  # type: ignore[no-untyped-def]
    result = run(SHARED, "-n", "2", "-rP")
    result.assert_outcomes(passed=10)
    served = set(re.findall(r"SERVED BY (\S+)", result.stdout.str()))
    assert len(served) == 1
    with pytest.raises(OSError, match="refused"):
        import urllib.request

        urllib.request.urlopen(f"{served.pop()}/_fhantom/health", timeout=5)
