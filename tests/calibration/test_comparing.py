"""Two servers compared, and one that obeys what was learned of the other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from calibration.key_gateway import KeyGateway
from calibration.odd_gateway import KEY, OddGateway
from doors import listening
from fhantom.app import create_app
from fhantom.calibration.asking import Asked, Pace, over_network
from fhantom.calibration.comparing import Comparison, compare
from fhantom.calibration.learning import learn
from fhantom.calibration.questions import QUESTIONS, WRITES
from fhantom.cli import options
from fhantom.profile import Profile, dump
from fhantom.settings import BUILT_IN_KEY, Settings
from fhantom.site import Site
from fhantom.world import Worlds
from instances import MULTIPART, instance, multipart

NOBODY_WAITS = Pace(0, sleep=lambda seconds: None)


def served(site: Site, settings: Settings) -> Site:
    """A server with other settings over the same data."""
    return Site(settings, Worlds(site.worlds.folder, settings, site.clock), site.clock)


@pytest.fixture(scope="module")
def module_settings() -> Settings:
    return Settings(ephemeral=True)


@pytest.fixture(scope="module")
def live_settings(module_settings: Settings) -> Settings:
    """Of the server behind the gateway: it has another version, and links to where nobody can reach it."""
    return replace(module_settings, keys=(KEY,), link_base="localhost:8080", hapi_version="7.0.1")


def compared(here: Site, there: Site, **chosen: object) -> tuple[Comparison, OddGateway]:
    """What differs between one site and another behind the odd gateway."""
    gate = OddGateway(create_app(there), busy=int(str(chosen.pop("busy", 0))))
    with listening(create_app(here)) as own, listening(gate) as live:
        own.request("POST", "/dicomweb/studies", {"Content-Type": MULTIPART}, multipart(instance()))
        own.request("PUT", "/fhir/Patient/siimjoe", {"Content-Type": "application/json"}, PATIENT)
        asked = compare(
            Asked(own.origin, BUILT_IN_KEY, over_network, NOBODY_WAITS),
            Asked(live.origin, KEY, over_network, NOBODY_WAITS),
            **chosen,  # type: ignore[arg-type]
        )
    return asked, gate


PATIENT = b'{"resourceType": "Patient", "id": "siimjoe"}'


@pytest.fixture(scope="module")
def comparison(module_site: Site, live_settings: Settings) -> Comparison:
    return compared(module_site, served(module_site, live_settings))[0]


@pytest.fixture(scope="module")
def profile(comparison: Comparison) -> Profile:
    return learn(comparison, "2026-12-01")


def facet(comparison: Comparison, question: str, name: str) -> tuple[str, str] | None:
    """Here and there, where they differ."""
    found = [(one.here, one.there) for one in comparison.differences if (one.question, one.facet) == (question, name)]
    return found[0] if found else None


def test_a_server_does_not_differ_from_itself(module_site: Site) -> None:
    app = create_app(module_site)
    with listening(app) as door:
        both = [Asked(door.origin, BUILT_IN_KEY, over_network, NOBODY_WAITS) for _ in range(2)]
        assert compare(*both).differences == []


@pytest.mark.parametrize(
    ("question", "name", "here", "there"),
    [
        ("no key", "status", "403", "401"),
        ("a wrong key", "error body", "is not accepted", "who are you"),
        ("a search, R5", "link base", "its own", "http://localhost:8080"),
        ("a search, R4", "link base", "its own", "http://localhost:8080"),
        ("the capability statement, R5", "versions", "HAPI FHIR Server 8.8.0", "HAPI FHIR Server 7.0.1"),
        ("the older path of DICOMweb", "status", "200", "404"),
        ("a request of another origin", "CORS", "allow-origin: *", ""),
        ("a preflight without a key", "status", "200", "401"),
        ("studies", "limits", "", "X-RateLimit-Limit-Minute: 100"),
    ],
)
def test_what_differs_is_told(comparison: Comparison, question: str, name: str, here: str, there: str) -> None:
    found = facet(comparison, question, name)
    assert found is not None
    assert here in found[0]
    assert there in found[1]


def test_what_was_learned_is_kept_without_the_key(profile: Profile) -> None:
    assert profile.settings == {
        "auth_status": 401,
        "cors": False,
        "aliases": False,
        "link_base": "http://localhost:8080",
        "link_base_r4": "http://localhost:8080",
        "link_base_dicomweb": "own",
        "hapi_version": "7.0.1",
        "rate_limit": 100,
        "rate_limit_window": 60,
    }
    assert profile.answers["no key"].body == '{"error": "who are you"}'
    assert profile.answers["no key"].headers["X-Gate"] == "north"
    assert profile.rows["thumbnail"] == 200
    assert KEY not in dump(profile)


def test_a_server_that_obeys_the_profile_answers_alike(
    module_site: Site, live_settings: Settings, profile: Profile, tmp_path: Path
) -> None:
    (tmp_path / "profile.toml").write_text(dump(profile))
    obeying = replace(options.load({"profile": str(tmp_path / "profile.toml")}, {}), ephemeral=True, rate_limit=0)
    after, _ = compared(served(module_site, obeying), served(module_site, live_settings))
    for question, name in (
        ("no key", "status"),
        ("no key", "error body"),
        ("no key", "headers"),
        ("a wrong key", "error body"),
        ("a search, R5", "link base"),
        ("the capability statement, R5", "versions"),
        ("the older path of DICOMweb", "status"),
        ("a request of another origin", "CORS"),
        ("an unknown path", "error body"),
    ):
        assert facet(after, question, name) is None, f"{question}: {name}"


def test_a_row_that_was_refuted_is_no_finding_and_a_confirmed_one_is_calibrated(module_site: Site) -> None:
    path = module_site.worlds.folder.path / "profile.toml"
    where = "/dicomweb/studies?limit=1"
    for status, findings in ((200, []), (404, ["calibrated against https://live.example on 2026-12-01"])):
        path.write_text(dump(Profile("https://live.example", "2026-12-01", rows={"head": status})))
        site = served(module_site, replace(module_site.settings, profile=path))
        with listening(create_app(site)) as door:
            warnings = door.request("HEAD", where).headers.get_all("Warning") or []
        assert [finding for finding in findings if not any(finding in warning for warning in warnings)] == []
        assert bool(warnings) == bool(findings)


def test_a_busy_server_is_asked_again_and_told_of(module_site: Site, live_settings: Settings) -> None:
    found, gate = compared(module_site, served(module_site, live_settings), busy=2)
    assert len(found.refusals) == 2
    assert found.refusals[0].endswith("429, Retry-After 1")
    assert facet(found, "no key", "status") == ("403", "401")
    assert len(gate.seen) == len(QUESTIONS) + 2


def test_only_reading_questions_are_asked_without_being_told_to_write(
    module_site: Site, live_settings: Settings
) -> None:
    _, gate = compared(module_site, served(module_site, live_settings))
    assert {method for method, _ in gate.seen} == {"GET", "HEAD", "OPTIONS"}


def test_what_was_written_and_cannot_be_removed_is_listed(module_site: Site, live_settings: Settings) -> None:
    found, gate = compared(module_site, served(module_site, live_settings), test_id="fhantom-compare-1")
    assert any(url.endswith("/fhir/Basic/fhantom-compare-1") for url in found.left)
    made = [path for method, path in gate.seen if method in ("PUT", "POST")]
    assert len(made) == sum(question.method in ("PUT", "POST") for question in WRITES)
    assert facet(found, "a DELETE, R5", "status") == ("200", "405")
    assert learn(found, "").answers["DELETE fhir"].status == 405
    for url in found.left:  # what is left there is left here, since both have the same worlds
        assert "/Basic/" in url


def test_what_was_written_here_is_removed_again(module_site: Site, live_settings: Settings) -> None:
    with listening(create_app(module_site)) as door:
        before = door.get("/fhir/Basic?_summary=count").json()["total"]
        here = Asked(door.origin, BUILT_IN_KEY, over_network, NOBODY_WAITS)
        assert compare(here, here, test_id="fhantom-compare-2").left == ()
        assert door.get("/fhir/Basic?_summary=count").json()["total"] == before


@pytest.fixture(scope="module")
def without_dicom(module_site: Site, live_settings: Settings) -> Comparison:
    """A site compared with one whose gateway knows the way to FHIR alone."""
    there = served(module_site, replace(live_settings, any_key=True))
    with listening(create_app(module_site)) as own, listening(create_app(there)) as behind:
        gate = KeyGateway({"fhir": f"{behind.origin}/fhir", "fhir-r4": f"{behind.origin}/fhir-r4"})
        with listening(gate) as live:
            return compare(
                Asked(own.origin, BUILT_IN_KEY, over_network, NOBODY_WAITS),
                Asked(live.origin, KEY, over_network, NOBODY_WAITS),
            )


def test_a_service_that_is_not_there_is_asked_once_and_teaches_nothing(without_dicom: Comparison) -> None:
    assert without_dicom.absent == ("dicomweb", "wadouri", "vna", "sole")
    answered = {
        one.question.service for one in without_dicom.compared if one.there is not None and one.there.status < 400
    }
    assert answered == {"fhir", "fhir-r4"}
    assert "HEAD" in without_dicom.unasked
    learned = learn(without_dicom, "2026-11-20")
    assert learned.rows == {}
    assert "dicomweb is not there" in learned.notes


def test_what_many_questions_show_alike_is_told_once(without_dicom: Comparison) -> None:
    [links] = [one for one in without_dicom.repeated if one.facet == "link base" and one.there]
    assert (links.here, links.there) == ("its own", "http://localhost:8080")
    assert len(links.questions) > 10
    assert not [one for one in without_dicom.single if (one.facet, one.there) == ("link base", links.there)]
    assert len(without_dicom.differences) > len(without_dicom.single)
