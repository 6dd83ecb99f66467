from __future__ import annotations

import urllib.parse

import pytest

from fhantom.fhir import parameters, sessions
from fhantom.fhir.outcomes import Refusal
from fhantom.world import World
from fhir_client import FhirClient, Resource, diagnostics, entry, patient

COUNT = 25


@pytest.fixture(scope="module", autouse=True)
def people(fhir: FhirClient) -> None:
    if fhir.get("Patient/p00").status == 200:
        return  # the other door's tests have written them
    entries = [
        entry("PUT", f"Patient/p{at:02}", patient(f"p{at:02}", name=[{"family": "Page"}])) for at in range(COUNT)
    ]
    organization = {"resourceType": "Organization", "id": "org", "name": "Org"}
    cared = patient("cared", managingOrganization={"reference": "Organization/org"})
    entries += [entry("PUT", "Organization/org", organization), entry("PUT", "Patient/cared", cared)]
    assert fhir.bundle("transaction", *entries).status == 200


def links(bundle: Resource) -> dict[str, str]:
    return {link["relation"]: link["url"] for link in bundle.get("link", [])}


def test_self_tells_the_parameters_sorted_and_escaped(fhir: FhirClient) -> None:
    query = "name:contains=pa%20ge,b&_format=json&_count=3"
    bundle = fhir.get(f"Patient?{query}").json()
    expected = "_count=3&_format=json&name%3Acontains=pa%20ge%2Cb"
    assert links(bundle)["self"] == f"{fhir.base}/Patient?{expected}"


def test_a_walk_along_next_shows_every_match_once(fhir: FhirClient) -> None:
    seen: list[str] = []
    relations = []
    url = f"{fhir.base}/Patient?family=Page&_count=10&_elements=name"
    while url:
        bundle = fhir.door.get(url.removeprefix(fhir.door.origin)).json()
        seen += [row["resource"]["id"] for row in bundle["entry"]]
        relations.append(list(links(bundle)))
        url = links(bundle).get("next", "")
    before = "prev" if fhir.root == "/fhir" else "previous"
    assert relations == [["self", "next"], ["self", "next", before], ["self", before]]
    assert sorted(seen) == [f"p{at:02}" for at in range(COUNT)]


def test_next_names_the_kept_search_as_the_real_server_does(fhir: FhirClient) -> None:
    bundle = fhir.get("Patient?family=Page&_count=10&_include=Patient:organization&_elements=name").json()
    split = urllib.parse.urlsplit(links(bundle)["next"])
    pairs = urllib.parse.parse_qsl(split.query)
    assert f"{split.scheme}://{split.netloc}{split.path}" == fhir.base
    assert [name for name, _ in pairs] == [
        "_getpages",
        "_getpagesoffset",
        "_count",
        "_pretty",
        "_include",
        "_bundletype",
        "_elements",
    ]
    assert pairs[0][1].startswith(bundle["id"])


def test_next_names_elements_by_the_alphabet_and_once(fhir: FhirClient) -> None:
    url = links(fhir.get("Patient?family=Page&_count=10&_elements=name,gender&_elements=active,name").json())["next"]
    assert urllib.parse.parse_qsl(url)[-1] == ("_elements", "active,gender,name")


def test_pages_show_what_there_was_when_the_search_began(fhir: FhirClient, fresh: str) -> None:
    bundle = fhir.get("Patient?family=Page&_count=20").json()
    fhir.put(patient(fresh, name=[{"family": "Page"}]))
    page = fhir.door.get(links(bundle)["next"].removeprefix(fhir.door.origin)).json()
    assert fresh not in [row["resource"]["id"] for row in page["entry"]]
    fhir.send("DELETE", f"Patient/{fresh}")


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("_count=10", False),
        ("_count=30", True),
        ("_count=10&_total=accurate", True),
        ("_count=0", True),
        ("_summary=count", True),
        ("_count=10&_total=none", False),
    ],
)
def test_the_total_is_told_when_the_real_server_would(fhir: FhirClient, query: str, told: bool) -> None:
    bundle = fhir.get(f"Patient?family=Page&{query}").json()
    assert bundle.get("total") == (COUNT if told else None)


@pytest.mark.parametrize("query", ["_count=0", "_summary=count"])
def test_a_count_has_neither_links_nor_entries(fhir: FhirClient, query: str) -> None:
    bundle = fhir.get(f"Patient?family=Page&{query}").json()
    assert not {"link", "entry"} & set(bundle)
    assert bundle["meta"]["tag"][0]["code"] == "SUBSETTED"


def test_an_empty_result_has_no_entry(fhir: FhirClient) -> None:
    bundle = fhir.get("Patient?family=Nobody").json()
    assert (bundle["total"], "entry" in bundle) == (0, False)


def test_an_offset_pages_by_itself(fhir: FhirClient) -> None:
    bundle = fhir.get("Patient?family=Page&_count=10&_offset=10").json()
    assert links(bundle)["next"] == f"{fhir.base}/Patient?_count=10&_offset=20&family=Page"
    last = fhir.get("Patient?family=Page&_count=10&_offset=20").json()
    assert (last["total"], "next" in links(last)) == (COUNT, False)


def test_included_resources_are_whole_and_marked(fhir: FhirClient) -> None:
    bundle = fhir.get("Patient?_id=cared&_include=Patient:organization&_elements=id").json()
    match, included = bundle["entry"]
    assert (match["search"]["mode"], included["search"]["mode"]) == ("match", "include")
    assert included["resource"]["name"] == "Org"
    assert included["fullUrl"] == f"{fhir.base}/Organization/org"


def test_a_form_searches_and_stays_out_of_the_links(fhir: FhirClient) -> None:
    form: dict[str, str | None] = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}
    answer = fhir.door.request("POST", fhir.at("Patient/_search?family=Page"), form, b"_id=p01&_format=xml")
    assert answer.headers["Content-Type"] == "application/fhir+xml;charset=UTF-8"
    assert f'<url value="{fhir.base}/Patient/_search"/>' in answer.text
    assert '<total value="1"/>' in answer.text
    other = fhir.send("POST", "Patient/_search", b'{"a":1}')
    assert other.status == 200


@pytest.mark.parametrize(
    ("query", "status", "number"),
    [
        ("foo=bar", 400, "HAPI-0524"),
        ("_language=en", 400, "HAPI-1223"),
        ("_count=abc", 400, "HAPI-0375"),
        ("_offset=-1", 400, "HAPI-0389"),
        ("_sort=bogus", 400, "HAPI-1194"),
        ("_include=Patient:bogus", 400, "HAPI-2015"),
        ("_text=x", 400, "HAPI-1192"),
        ("_contained=true", 405, "HAPI-0984"),
        ("_source=x", 400, "HAPI-1216"),
        ("birthdate=bogus", 400, "HAPI-1940"),
        ("organization.bogus=x", 400, "HAPI-1243"),
        ("organization:bogus=x", 400, "HAPI-2498"),
        ("_has:Foo:x:y=1", 400, "HAPI-1208"),
        ("_filter=bogus", 400, "HAPI-1221"),
    ],
)
def test_a_search_that_cannot_be_done_is_refused_by_number(
    fhir: FhirClient, query: str, status: int, number: str
) -> None:
    answer = fhir.get(f"Patient?{query}")
    assert (answer.status, diagnostics(answer)[:9]) == (status, number)


def test_an_unknown_parameter_is_told_with_those_there_are(fhir: FhirClient) -> None:
    words = diagnostics(fhir.get("Patient?foo=bar", Prefer="handling=lenient"))
    assert '"foo"' in words
    assert "active, address, address-city" in words


def session(pairs: parameters.Pairs = (("name", "x"),), started: int = 1000) -> sessions.Session:
    id = "2a9b7c1e-0000-4000-8000-000000000000"
    return sessions.Session(id, "Patient", pairs, 7, started, (20, 31))


@pytest.mark.parametrize("length", [1, 100_000], ids=["in the link", "in the world"])
def test_a_session_comes_back_from_its_token(world: World, length: int) -> None:
    values = tuple(("name", f"{at}-{'x' * 20}") for at in range(length // 20 + 1))
    told = sessions.token(world, session(values))
    assert len(told) < 1300
    assert sessions.resumed(world, told, 2000) == session(values)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "bogus",
        "00000000-0000-4000-8000-000000000000",
        "00000000-0000-4000-8000-000000000000-pa",
        "00000000-0000-4000-8000-000000000000-!!",
    ],
)
def test_what_is_no_session_is_refused(world: World, value: str) -> None:
    with pytest.raises(Refusal) as refusal:
        sessions.resumed(world, value, 0)
    assert refusal.value.key == "0417"


def test_a_session_expires_after_an_hour(world: World) -> None:
    told = sessions.token(world, session(started=0))
    assert sessions.resumed(world, told, sessions.LIFETIME).path == "Patient"
    with pytest.raises(Refusal):
        sessions.resumed(world, told, sessions.LIFETIME + 1)


def test_parameters_are_parsed_with_their_empty_pieces_left_out() -> None:
    assert parameters.parse("&&a=1&b&c=%E9&a+b=c%2Bd") == (
        ("a", "1"),
        ("b", ""),
        ("c", "\ufffd"),
        ("a b", "c+d"),
    )
