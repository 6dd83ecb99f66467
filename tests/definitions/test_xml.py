"""FHIR XML in and out, by the tables that JSON uses."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from definitions.fhir_samples import resource_of
from fhantom.definitions import ParseRefusal, Version, dump_xml, load, parse_json, parse_xml

VERSIONS: list[Version] = ["R4", "R5"]
PATIENT = """\
<Patient xmlns="http://hl7.org/fhir">
   <id value="x"/>
   <text>
      <status value="generated"/>
      <div xmlns="http://www.w3.org/1999/xhtml">a <b>b</b> &amp; c</div>
   </text>
   <contained>
      <Organization xmlns="http://hl7.org/fhir">
         <id value="o"/>
      </Organization>
   </contained>
   <extension url="http://x/e">
      <valueString value="&quot;&lt;&#xa;"/>
   </extension>
   <active value="true"/>
   <name id="n1">
      <given value="A"/>
      <given id="g2">
         <extension url="http://x/g">
            <valueDecimal value="1.00"/>
         </extension>
      </given>
   </name>
</Patient>"""
AS_JSON = (
    b'{"resourceType":"Patient","id":"x","text":{"status":"generated","div":"<div xmlns=\\"http://www.w3.org/1999/'
    b'xhtml\\">a <b>b</b> &amp; c</div>"},"contained":[{"resourceType":"Organization","id":"o"}],"extension":'
    b'[{"url":"http://x/e","valueString":"\\"<\\n"}],"active":true,"name":[{"id":"n1","given":["A",null],'
    b'"_given":[null,{"id":"g2","extension":[{"url":"http://x/g","valueDecimal":1.00}]}]}]}'
)


@pytest.mark.parametrize("version", VERSIONS)
def test_xml_says_what_the_json_says(version: Version) -> None:
    assert parse_xml(version, PATIENT.encode()) == parse_json(version, AS_JSON)
    assert dump_xml(version, parse_json(version, AS_JSON)).decode() == PATIENT


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("pretty", [True, False], ids=["pretty", "short"])
def test_every_element_of_every_type_survives_the_way_through_xml(version: Version, pretty: bool) -> None:
    definitions = load(version)
    for at, resource_type in enumerate(definitions.resource_types):
        made = resource_of(definitions, resource_type, at)
        assert parse_xml(version, dump_xml(version, made, pretty)) == made, resource_type


def test_elements_are_written_in_the_order_of_the_definition() -> None:
    text = dump_xml("R4", {"resourceType": "Patient", "birthDate": "2020", "active": True, "id": "x", "nope": 1})
    assert [child.tag.rpartition("}")[2] for child in ElementTree.fromstring(text)] == [
        "id",
        "active",
        "birthDate",
    ]


LENIENT = {
    "no namespace": '<Patient><active value="true"/></Patient>',
    "a prefix": '<f:Patient xmlns:f="http://hl7.org/fhir"><f:active value="true"/></f:Patient>',
    "unknown elements": '<Patient><foo><bar/></foo><active value="true"/></Patient>',
    "a comment": '<!-- c --><Patient xmlns="http://hl7.org/fhir"><!-- d --><active value="true"/></Patient>',
    "a declaration": '<?xml version="1.0" encoding="UTF-8"?><Patient><active value="true"/></Patient>',
    "text between elements": '<Patient>a<active value="true">b</active>c</Patient>',
}


@pytest.mark.parametrize("text", LENIENT.values(), ids=LENIENT)
def test_lenient_xml_is_understood(text: str) -> None:
    assert parse_xml("R5", text.encode()) == {"resourceType": "Patient", "active": True}


def test_utf_16_is_understood() -> None:
    text = '<?xml version="1.0" encoding="UTF-16"?><Patient><id value="山"/></Patient>'
    assert parse_xml("R4", text.encode("utf-16")) == {"resourceType": "Patient", "id": "山"}


def test_elements_that_hold_nothing_are_dropped() -> None:
    text = '<Patient><contained/><text><div xmlns="http://www.w3.org/1999/xhtml"/></text></Patient>'
    assert parse_xml("R4", text.encode()) == {"resourceType": "Patient"}


def test_a_narrative_with_a_prefix_loses_it() -> None:
    text = (
        '<Patient xmlns="http://hl7.org/fhir" xmlns:h="http://www.w3.org/1999/xhtml">'
        "<text><h:div>a<h:br/></h:div></text></Patient>"
    )
    div = '<div xmlns="http://www.w3.org/1999/xhtml">a<br/></div>'
    assert parse_xml("R4", text.encode())["text"]["div"] == div


def test_an_entity_of_xhtml_is_understood_in_an_attribute() -> None:
    assert parse_xml("R4", b'<Patient><id value="&eacute;"/></Patient>')["id"] == "é"


BOMB = (
    '<!DOCTYPE b [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><Patient><id value="&b;"/></Patient>'
)
REFUSED = {
    "a bomb": BOMB,
    "a DOCTYPE": "<!DOCTYPE Patient><Patient/>",
    "an outside DTD": '<!DOCTYPE Patient SYSTEM "file:///etc/passwd"><Patient/>',
    "an outside entity": '<!DOCTYPE p [<!ENTITY e SYSTEM "file:///etc/passwd">]><Patient>&e;</Patient>',
    "an unknown entity": '<Patient><id value="&boom;"/></Patient>',
    "an open tag": '<Patient xmlns="http://hl7.org/fhir"><active',
    "JSON": '{"resourceType":"Patient"}',
    "nothing": "",
    "two roots": "<Patient/><Patient/>",
    "deep nesting": "<Patient>" + "<extension>" * 10_000 + "</extension>" * 10_000 + "</Patient>",
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_xml_that_is_broken_or_hostile_is_refused_with_1852(text: str) -> None:
    with pytest.raises(ParseRefusal) as refused:
        parse_xml("R4", text.encode(), "Patient")
    assert refused.value.numbers == (1852,)


def test_deep_unknown_elements_are_skipped() -> None:
    text = "<Patient>" + "<foo>" * 100_000 + "</foo>" * 100_000 + '<active value="true"/></Patient>'
    assert parse_xml("R4", text.encode()) == {"resourceType": "Patient", "active": True}


@pytest.mark.parametrize(
    ("text", "number"),
    [('<Patient><gender value="x"/></Patient>', 1821), ("<Observation/>", 1814), ("<Foo/>", 1814)],
    ids=["code", "another type", "unknown type"],
)
def test_xml_is_refused_under_the_numbers_of_json_within_one_of_its_own(text: str, number: int) -> None:
    with pytest.raises(ParseRefusal) as refused:
        parse_xml("R4", text.encode(), "Patient")
    assert refused.value.numbers == (1851, number)


def test_characters_that_xml_has_not_become_question_marks() -> None:
    text = dump_xml("R4", {"resourceType": "Patient", "id": "a\x00b\x1fc"})
    assert ElementTree.fromstring(text)[0].get("value") == "a?b?c"
