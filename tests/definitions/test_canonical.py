"""What of a JSON body is kept, dropped and refused; rows were recorded from HAPI unless they say not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from definitions.fhir_samples import resource_of
from fhantom.definitions import (
    ParseRefusal,
    Version,
    dump_json,
    dump_turtle,
    dump_xml,
    load,
    load_json,
    parse_json,
    parse_xml,
    subset,
)

VERSIONS: list[Version] = ["R4", "R5"]
E = {"url": "http://x/e", "valueString": "v"}

KEPT: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "an unknown element is dropped": ({"foo": "bar"}, {}),
    "an object becomes a list of one": ({"name": {"family": "O"}}, {"name": [{"family": "O"}]}),
    "text in place of an object is dropped": ({"name": "text"}, {}),
    "a list of one becomes a value": ({"gender": ["male"]}, {"gender": "male"}),
    "an empty string is dropped": ({"gender": ""}, {}),
    "null is dropped": ({"gender": None}, {}),
    "an empty list is dropped": ({"name": []}, {}),
    "an empty object is dropped": ({"name": [{}]}, {}),
    "null in a list of objects is dropped": ({"name": [{"family": "A"}, None]}, {"name": [{"family": "A"}]}),
    "white space is kept": ({"name": [{"family": "  a  "}]}, {"name": [{"family": "  a  "}]}),
    "a number is taken as text": ({"birthDate": 1970}, {"birthDate": "1970"}),
    "a boolean is taken from text": ({"active": "true"}, {"active": True}),
    "the first of two choices stays": (
        {"deceasedBoolean": True, "deceasedDateTime": "2020-01-01"},
        {"deceasedBoolean": True},
    ),
    "a time without zone is taken": (
        {"deceasedDateTime": "2020-01-01T10:00:00"},
        {"deceasedDateTime": "2020-01-01T10:00:00"},
    ),
    "a time is taken for a date": (  # hapi-fhir#2884
        {"birthDate": "2020-01-01T00:00:00+02:00"},
        {"birthDate": "2020-01-01T00:00:00+02:00"},
    ),
    "a null stays beside an extension": (
        {"name": [{"given": [None, "B"], "_given": [{"extension": [E]}, None]}]},
        {"name": [{"given": [None, "B"], "_given": [{"extension": [E]}, None]}]},
    ),
    "an extension can stand for a value": (
        {"_birthDate": {"extension": [E]}},
        {"_birthDate": {"extension": [E]}},
    ),
    "an extension without value is dropped": ({"extension": [{"url": "http://x/e"}]}, {}),
    "an extension without url gets a null": (
        {"extension": [{"valueString": "v"}]},
        {"extension": [{"url": None, "valueString": "v"}]},
    ),
    "comments are dropped": ({"fhir_comments": ["x"]}, {}),
    "a missing required element is let through": (
        {"link": [{"type": "seealso"}]},
        {"link": [{"type": "seealso"}]},
    ),
    "a narrative gets its namespace": (
        {"text": {"status": "generated", "div": "<div>a</div>"}},
        {"text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">a</div>'}},
    ),
    "plain text becomes a narrative": (
        {"text": {"div": "plain"}},
        {"text": {"div": '<div xmlns="http://www.w3.org/1999/xhtml">plain</div>'}},
    ),
    "an entity of XHTML becomes its character": (
        {"text": {"div": '<div xmlns="http://www.w3.org/1999/xhtml">&nbsp;&eacute;&amp;</div>'}},
        {"text": {"div": '<div xmlns="http://www.w3.org/1999/xhtml">\xa0é&amp;</div>'}},
    ),
    "an empty narrative is dropped": ({"text": {"div": "<div></div>"}}, {}),
    "lists within lists are one list": (
        {"name": [[{"family": [["F"]], "given": [["A"], "B"]}]]},
        {"name": [{"family": "F", "given": ["A", "B"]}]},
    ),
    "the first of several values counts, be it null": (
        {"gender": [None, "x"], "language": ["de", "en"]},
        {"language": "de"},
    ),
    "the last value of an extension counts": (
        {"extension": [{"url": "u", "valueString": "v", "valueCode": ["c", "d"]}]},
        {"extension": [{"url": "u", "valueCode": "d"}]},
    ),
    "the url of an extension may be empty but no list": (
        {"extension": [{"url": "", "valueString": "v"}, {"url": ["u"], "valueString": "w"}]},
        {"extension": [{"url": "", "valueString": "v"}, {"url": None, "valueString": "w"}]},
    ),
    "an extension within another needs no value": (
        {"extension": [{"url": "u", "extension": [{"url": "v"}]}]},
        {"extension": [{"url": "u", "extension": [{"url": "v"}]}]},
    ),
    "what modifies needs no value": ({"modifierExtension": [{"url": "u"}]}, {"modifierExtension": [{"url": "u"}]}),
    "an id of a primitive is not written again": (
        {"birthDate": "2000", "_birthDate": {"id": "x"}},
        {"birthDate": "2000"},
    ),
    "a companion of a list is a list of its length": (
        {"name": [{"given": ["A"], "_given": [None, {"extension": [E]}]}, {"given": ["B"], "_given": E}]},
        {"name": [{"given": ["A"]}, {"given": ["B"]}]},
    ),
    "a companion alone is an object": (
        {"_birthDate": [{"extension": [E]}], "name": [{"_given": {"extension": [E]}}]},
        {"name": [{"given": [None], "_given": [{"extension": [E]}]}]},
    ),
    "a number in place of text is written out": (
        {"language": 1e3, "active": " true"},
        {"language": "1000.0", "active": True},
    ),
    "contained resources lie side by side without versions": (
        {
            "contained": [
                {
                    "resourceType": "Patient",
                    "id": "#p",
                    "meta": {"versionId": "3"},
                    "contained": [{"resourceType": "Basic", "id": "b"}],
                },
                {"resourceType": "Basic", "id": "b", "language": "de"},
            ]
        },
        {"contained": [{"resourceType": "Basic", "id": "b"}, {"resourceType": "Patient", "id": "p"}]},
    ),
    "base64 is encoded anew": (
        {"photo": [{"data": "YWI", "title": "x"}, {"data": "A"}]},
        {"photo": [{"data": "YWI=", "title": "x"}]},
    ),
    "a script in a narrative is kept": (
        {"text": {"div": '<div xmlns="http://www.w3.org/1999/xhtml"><script>alert(1)</script></div>'}},
        {"text": {"div": '<div xmlns="http://www.w3.org/1999/xhtml"><script>alert(1)</script></div>'}},
    ),
    "a contained resource keeps its type": (
        {"contained": [{"id": "o", "name": "In", "resourceType": "Organization", "foo": 1}]},
        {"contained": [{"resourceType": "Organization", "id": "o", "name": "In"}]},
    ),
    "base64 loses its white space": ({"photo": [{"data": "aGVs\nbG8="}]}, {"photo": [{"data": "aGVsbG8="}]}),
}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("sent", "kept"), KEPT.values(), ids=KEPT)
def test_a_patient_is_kept_as_hapi_keeps_it(version: Version, sent: dict[str, Any], kept: dict[str, Any]) -> None:
    found = parse_json(version, json.dumps({"resourceType": "Patient", **sent}).encode())
    assert found == {"resourceType": "Patient", **kept}


REFUSED: dict[str, tuple[str, tuple[int, ...], str | None, str | None]] = {
    "a bad code": ('{"resourceType":"Patient","gender":"banana"}', (1821,), "gender", "banana"),
    "a number as code": ('{"resourceType":"Patient","gender":5}', (1821,), "gender", "5"),
    "a number as boolean": ('{"resourceType":"Patient","active":1}', (1821,), "active", "1"),
    "a short date": ('{"resourceType":"Patient","birthDate":"1970-1-1"}', (1821,), "birthDate", "1970-1-1"),
    "a 13th month": (
        '{"resourceType":"Patient","birthDate":"1970-13-01"}',
        (1821,),
        "birthDate",
        "1970-13-01",
    ),
    "a 30th of February": (
        '{"resourceType":"Patient","birthDate":"1970-02-30"}',
        (1821,),
        "birthDate",
        "1970-02-30",
    ),
    "a time without seconds": (
        '{"resourceType":"Patient","deceasedDateTime":"2020-01-01T10:00"}',
        (1821,),
        "deceasedDateTime",
        "2020-01-01T10:00",
    ),
    "a broken integer": (
        '{"resourceType":"Patient","multipleBirthInteger":2.5}',
        (1821,),
        "multipleBirthInteger",
        "2.5",
    ),
    "text as a decimal": (
        '{"resourceType":"Observation","valueQuantity":{"value":"abc"}}',
        (1821,),
        "value",
        "abc",
    ),
    "a decimal beyond all bounds": (  # our own bound: HAPI would write the zeros out
        '{"resourceType":"Observation","valueQuantity":{"value":1e999999999}}',
        (1821,),
        "value",
        "1e999999999",
    ),
    "bad base64": ('{"resourceType":"Patient","photo":[{"data":"!!not"}]}', (1821,), "data", "!!not"),
    "value and extensions": (
        '{"resourceType":"Patient","extension":[{"url":"http://x/e","valueString":"v","extension":'
        '[{"url":"http://x/f","valueString":"w"}]}]}',
        (1811,),
        "extension",
        "http://x/e",
    ),
    "an extension that is no list": ('{"resourceType":"Patient","extension":{"url":"u"}}', (1841,), "extension", None),
    "an extension that is no object": ('{"resourceType":"Patient","extension":[null]}', (1841,), "extension", None),
    "two companions of one value": (
        '{"resourceType":"Patient","birthDate":"2000","_birthDate":[null,null]}',
        (1842,),
        "_birthDate",
        None,
    ),
    "white space around a code of a value set": (
        '{"resourceType":"Patient","gender":" male"}',
        (1821,),
        "gender",
        " male",
    ),
    "a paragraph for a narrative": ('{"resourceType":"Patient","text":{"div":"<p>x</p>"}}', (1755,), "div", None),
    "something behind it": ('{"resourceType":"Patient"} trailing', (1861,), None, None),
    "an open tag in a narrative": (
        '{"resourceType":"Patient","text":{"div":"not xml <b>"}}',
        (1755,),
        "div",
        None,
    ),
    "an unknown entity in a narrative": (
        '{"resourceType":"Patient","text":{"div":"&x;"}}',
        (1755,),
        "div",
        None,
    ),
    "a DOCTYPE in a narrative": (
        '{"resourceType":"Patient","text":{"div":"<!DOCTYPE div []><div/>"}}',
        (1755,),
        "div",
        None,
    ),
    "no type": ('{"name":[]}', (1838,), "resourceType", None),
    "another type": ('{"resourceType":"Observation"}', (1814,), "resourceType", "Observation"),
    "an unknown type": ('{"resourceType":"Foo"}', (1814,), "resourceType", "Foo"),
    "an open object": ("{", (1861,), None, None),
    "a trailing comma": ('{"resourceType":"Patient",}', (1861,), None, None),
    "not a number": ('{"resourceType":"Patient","active":NaN}', (1861,), None, None),
    "a raw control character": ('{"resourceType":"Patient","id":"\n"}', (1861,), None, None),
    "a list": ("[]", (1861, 1859), None, "["),
    "a comment": ('// c\n{"resourceType":"Patient"}', (1861, 1859), None, "/"),
    "nothing": (" ", (1861, 1857), None, None),
    "a byte-order mark": ('\ufeff{"resourceType":"Patient"}', (1861, 1859), None, "\ufeff"),
}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("body", "numbers", "element", "value"), REFUSED.values(), ids=REFUSED)
def test_a_bad_body_is_refused_under_hapis_numbers(
    version: Version, body: str, numbers: tuple[int, ...], element: str | None, value: str | None
) -> None:
    expected = "Observation" if "valueQuantity" in body else "Patient"
    with pytest.raises(ParseRefusal) as refused:
        parse_json(version, body.encode(), expected)
    assert refused.value.numbers == numbers
    assert refused.value.element == element
    assert value is None or refused.value.value == value


@pytest.mark.parametrize(
    ("inner", "number"), [('{"resourceType":"Foo"}', 1684), ('{"id":"x"}', 1843)], ids=["unknown", "missing"]
)
def test_a_bad_type_inside_of_another_resource_has_a_number_of_its_own(inner: str, number: int) -> None:
    with pytest.raises(ParseRefusal) as refused:
        parse_json("R4", f'{{"resourceType":"Bundle","entry":[{{"resource":{inner}}}]}}'.encode())
    assert refused.value.numbers == (number,)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("1.00", "1.00"),
        ('"12"', "12"),
        ("1e3", "1000"),
        ('"1e3"', "1e3"),
        ("0.1000000000000000055", "0.1000000000000000055"),
        ("7", "7"),
    ],
    ids=["trailing zeros", "text", "exponent", "exponent in text", "many digits", "integer"],
)
def test_a_decimal_keeps_its_digits(sent: str, kept: str) -> None:
    body = f'{{"resourceType":"Observation","valueQuantity":{{"value":{sent}}}}}'
    text = dump_json(parse_json("R5", body.encode()), pretty=False)
    assert text.decode() == f'{{"resourceType":"Observation","valueQuantity":{{"value":{kept}}}}}'


def test_of_two_properties_of_one_name_the_last_counts() -> None:
    body = b'{"resourceType":"Patient","name":[{"family":"First"}],"name":[{"family":"Second"}]}'
    assert parse_json("R4", body)["name"] == [{"family": "Second"}]


def test_single_quotes_and_a_plus_are_taken() -> None:
    body = b"""{'resourceType':'Patient','language':'it\\'s "x"','multipleBirthInteger':+1}"""
    assert parse_json("R4", body) == {"resourceType": "Patient", "language": 'it\'s "x"', "multipleBirthInteger": 1}


def test_bytes_that_are_no_utf_8_become_replacement_characters() -> None:
    assert parse_json("R4", b'{"resourceType":"Patient","language":"G\xfcl"}')["language"] == "G\ufffdl"


@pytest.mark.parametrize(("version", "kept"), [("R4", " a "), ("R5", "a")], ids=VERSIONS)
def test_only_r5_strips_a_code_that_no_value_set_binds(version: Version, kept: str) -> None:
    assert parse_json(version, b'{"resourceType":"Basic","code":{"coding":[{"code":" a "}]}}')["code"] == {
        "coding": [{"code": kept}]
    }


@pytest.mark.parametrize(
    ("full_url", "own", "found"),
    [
        ("http://x/fhir/Patient/1", {}, {"id": "1"}),
        ("http://x/Patient/1/_history/3", {}, {"id": "1", "meta": {"versionId": "3"}}),
        ("Patient/5", {}, {"id": "5"}),
        ("http://x/Patient", {}, {}),
        ("http://x/Patient/1", {"id": "2"}, {"id": "2"}),
        ("urn:uuid:c757873d", {}, {}),
        ("urn:uuid:c757873d", {"id": "c757873d"}, {}),
        ("urn:uuid:c757873d", {"id": "other"}, {"id": "other"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_resource_in_a_bundle_has_the_id_of_its_full_url(full_url: str, own: Any, found: Any) -> None:
    entry = {"fullUrl": full_url, "resource": {"resourceType": "Basic", **own, "language": "de"}}
    body = json.dumps({"resourceType": "Bundle", "entry": [entry]}).encode()
    assert parse_json("R4", body)["entry"][0]["resource"] == {"resourceType": "Basic", **found, "language": "de"}


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ('<p class="x" id="y"></p>', '<p id="y" class="x"/>'),
        ("a &gt; b > \"c\" 'd'", "a &gt; b &gt; &quot;c&quot; 'd'"),
        ("<a href='x\"y'>l</a><br></br>", '<a href="x&quot;y">l</a><br/>'),
        ("a<!--x--><?pi y?>", "a  <!-- x -->  <!-- ?pi y? -->"),
        ("<![CDATA[a<b]]>", "  <![CDATA[a<b]]>"),
        ("a\r\nb", "a\r\nb"),
    ],
    ids=["attributes by their hash", "escapes", "quotes", "comments", "CDATA", "line breaks"],
)
def test_a_narrative_is_composed_anew(sent: str, kept: str) -> None:
    body = {"resourceType": "Patient", "text": {"div": f"<div>{sent}</div>"}}
    div = parse_json("R5", json.dumps(body).encode())["text"]["div"]
    assert div == f'<div xmlns="http://www.w3.org/1999/xhtml">{kept}</div>'


def test_half_a_surrogate_pair_becomes_a_question_mark() -> None:
    body = rb'{"resourceType":"Patient","name":[{"family":"a\ud800b","text":"\ud83d\ude00"}]}'
    assert parse_json("R4", body)["name"] == [{"family": "a?b", "text": "😀"}]


@pytest.mark.parametrize("depth", [200, 10_000, 100_000], ids=str)
@pytest.mark.parametrize(
    ("opening", "closing"),
    [('{"extension":[', "]}"), ('{"foo":', "}"), ('{"foo":[', "]}")],
    ids=["extensions", "unknown objects", "unknown lists"],
)
def test_deep_nesting_is_refused_or_dropped_but_never_fails(depth: int, opening: str, closing: str) -> None:
    inner = f'{opening * depth}{{"url":"http://x","valueString":"\\ud800"}}{closing * depth}'
    body = f'{{"resourceType":"Patient","extension":[{inner}]}}'.encode()
    try:
        kept = parse_json("R4", body)
    except ParseRefusal as refused:
        assert refused.numbers == (1861,)
    else:
        assert kept == {"resourceType": "Patient"}


def test_the_deepest_resource_that_is_taken_can_be_written_in_every_form() -> None:
    deepest = b'{"url":"u","extension":[' * 95 + b'{"url":"u","valueString":"\\ud800"}' + b"]}" * 95
    kept = parse_json("R4", b'{"resourceType":"Patient","extension":[' + deepest + b"]}")
    assert parse_xml("R4", dump_xml("R4", kept)) == kept
    assert load_json(dump_json(kept)) == kept
    assert dump_turtle("R4", kept).count(b"fhir:index") == 96
    assert subset("R4", kept, elements=["extension"])["extension"] == kept["extension"]


@pytest.mark.parametrize("version", VERSIONS)
def test_every_element_of_every_type_comes_through_unchanged(version: Version) -> None:
    definitions = load(version)
    for resource_type in definitions.resource_types:
        for choice in range(2):
            sample = resource_of(definitions, resource_type, choice)
            kept = parse_json(version, dump_json(sample))
            assert kept == sample, resource_type
            assert list(kept) == sorted(kept, key=list(sample).index), resource_type


@pytest.mark.parametrize("version", VERSIONS)
def test_the_order_of_properties_in_the_body_does_not_matter(version: Version) -> None:
    sample = resource_of(load(version), "Observation")
    shuffled = dict(reversed(sample.items()))
    assert dump_json(parse_json(version, dump_json(shuffled))) == dump_json(parse_json(version, dump_json(sample)))


def test_canonical_text_is_canonical_again() -> None:
    text = dump_json(parse_json("R5", dump_json(resource_of(load("R5"), "ImagingStudy"))))
    assert dump_json(parse_json("R5", text)) == text
    assert dump_json(load_json(text)) == text
