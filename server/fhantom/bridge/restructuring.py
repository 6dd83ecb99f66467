"""Elements that the versions do not only name otherwise but keep in other places (FHIR R5, "R4 to R5" of each type).

Each row of `R5_TO_R4` and `R4_TO_R5` makes of a resource of one version the elements that stand for others in the
other; the datatypes within are the same in both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Json = dict[str, Any]
Restructure = Callable[[Json], Json]

_FUNCTIONS = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
# What R4 has elements for, R5 tells by the function of a participant.
_PARTICIPANTS = {"recorder": "enterer", "asserter": "informant"}
_OF_CONTEXT = ("event", "facilityType", "practiceSetting", "period")


def _present(**elements: Any) -> Json:
    return {name: value for name, value in elements.items() if value}


def _participants(four: Json) -> Json:
    made = [
        {"function": {"coding": [{"system": _FUNCTIONS, "code": code}]}, "actor": four[name]}
        for name, code in _PARTICIPANTS.items()
        if name in four
    ]
    return _present(participant=made)


def _recorder_and_asserter(five: Json) -> Json:
    made: Json = {}
    for participant in five.get("participant", ()):
        codes = {coding.get("code") for coding in participant.get("function", {}).get("coding", ())}
        for name, code in _PARTICIPANTS.items():
            if code in codes and "actor" in participant:
                made.setdefault(name, participant["actor"])
    return made


def _payload(four: Json) -> Json:
    payload = _present(type=four.get("payloadType"), mimeType=four.get("payloadMimeType"))
    return _present(payload=[payload] if payload else None)


def _payload_types(five: Json) -> Json:
    payloads = five.get("payload", ())
    return _present(
        payloadType=[concept for payload in payloads for concept in payload.get("type", ())],
        payloadMimeType=[code for payload in payloads for code in payload.get("mimeType", ())],
    )


def _contact(four: Json) -> Json:
    return _present(contact=[{"telecom": four["telecom"]}] if four.get("telecom") else None)


def _telecom(five: Json) -> Json:
    return _present(telecom=[point for contact in five.get("contact", ()) for point in contact.get("telecom", ())])


def _reason(four: Json) -> Json:
    concepts = [{"concept": concept} for concept in four.get("reasonCode", ())]
    references = [{"reference": reference} for reference in four.get("reasonReference", ())]
    return _present(reason=[{"value": [value]} for value in (*concepts, *references)])


def _reason_codes(five: Json) -> Json:
    values = [value for reason in five.get("reason", ()) for value in reason.get("value", ())]
    return _present(
        reasonCode=[value["concept"] for value in values if "concept" in value],
        reasonReference=[value["reference"] for value in values if "reference" in value],
    )


def _out_of_context(four: Json) -> Json:
    context = four.get("context", {})
    made = {name: context.get(name) for name in _OF_CONTEXT}
    made["event"] = [{"concept": concept} for concept in context.get("event", ())]
    return _present(context=context.get("encounter"), **made)


def _into_context(five: Json) -> Json:
    made = {name: five.get(name) for name in _OF_CONTEXT}
    made["event"] = [both["concept"] for both in five.get("event", ()) if "concept" in both]
    return _present(context=_present(encounter=five.get("context"), **made))


R4_TO_R5: Mapping[str, Restructure] = {
    "AllergyIntolerance": _participants,
    "Condition": _participants,
    "DocumentReference": _out_of_context,
    "Encounter": _reason,
    "Endpoint": _payload,
    "PractitionerRole": _contact,
}
R5_TO_R4: Mapping[str, Restructure] = {
    "AllergyIntolerance": _recorder_and_asserter,
    "Condition": _recorder_and_asserter,
    "DocumentReference": _into_context,
    "Encounter": _reason_codes,
    "Endpoint": _payload_types,
    "PractitionerRole": _telecom,
}
