"""JSON text: HAPI's indentation, the short form, and moving a text into a Bundle."""

from __future__ import annotations

import json
from typing import Any

import pytest

from definitions.fhir_samples import resource_of
from fhantom.definitions import DecimalText, compact, dump_json, indent, load, load_json

PRETTY = """\
{
  "resourceType": "Patient",
  "active": true,
  "name": [ {
    "family": "Zoë \\"Z\\"\\n",
    "given": [ "A", null, "B" ]
  }, {
    "use": "old"
  } ],
  "multipleBirthInteger": 2,
  "extension": [ {
    "url": null,
    "valueDecimal": 1.00
  } ]
}"""


def sample() -> dict[str, Any]:
    return {
        "resourceType": "Patient",
        "active": True,
        "name": [{"family": 'Zoë "Z"\n', "given": ["A", None, "B"]}, {"use": "old"}],
        "multipleBirthInteger": 2,
        "extension": [{"url": None, "valueDecimal": DecimalText("1.00")}],
    }


def test_pretty_text_opens_an_object_of_a_list_on_the_same_line() -> None:
    assert dump_json(sample()).decode() == PRETTY


def test_compact_text_has_no_white_space_between_tokens() -> None:
    assert dump_json(sample(), pretty=False) == compact(PRETTY.encode())
    assert b'"name":[{"family":"Zo\xc3\xab \\"Z\\"\\n","given":["A",null,"B"]},' in compact(PRETTY.encode())


def test_a_text_moved_to_the_right_is_what_would_have_been_written_there() -> None:
    bundle = {"resourceType": "Bundle", "entry": [{"resource": sample()}]}
    head, tail = '{\n  "resourceType": "Bundle",\n  "entry": [ {\n    "resource": ', "\n  } ]\n}"
    assert dump_json(bundle).decode() == head + indent(PRETTY.encode(), 2).decode() + tail


@pytest.mark.parametrize("value", [{}, {"a": {}}, {"a": []}, {"a": [{}, {}]}, {"a": [[1], []]}], ids=repr)
def test_empty_containers_are_valid_json(value: dict[str, Any]) -> None:
    flat = {key: item for key, item in value.items() if item != [[1], []]}
    assert json.loads(dump_json(flat)) == flat
    assert json.loads(dump_json(value, pretty=False)) == value


def test_control_characters_are_escaped_and_other_characters_are_not() -> None:
    text = dump_json({"a": "\x00\x1f\x7f\u2028山😀\\/"}, pretty=False)
    assert text == '{"a":"\\u0000\\u001f\x7f\u2028山😀\\\\/"}'.encode()


def test_a_loaded_text_has_its_decimals_as_written() -> None:
    value = load_json(PRETTY.encode())["extension"][0]["valueDecimal"]
    assert value == "1.00"
    assert isinstance(value, DecimalText)


def test_a_text_loads_as_what_was_written() -> None:
    made = resource_of(load("R4"), "Claim")
    assert load_json(dump_json(made)) == made
    assert load_json(dump_json(made, pretty=False)) == made
