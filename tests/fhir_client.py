"""A thin FHIR client over a door, for tests: JSON in, answers out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from doors import Answer, Door

JSON = "application/fhir+json"
Resource = dict[str, Any]


@dataclass(frozen=True)
class FhirClient:
    """One FHIR server behind a door; paths are below its root."""

    door: Door
    root: str

    @property
    def base(self) -> str:
        return self.door.origin + self.root

    def get(self, path: str = "", **headers: str) -> Answer:
        return self.door.request("GET", self.at(path), _named(headers))

    def send(self, method: str, path: str, body: Any = b"", **headers: str) -> Answer:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.door.request(method, self.at(path), {"Content-Type": JSON, **_named(headers)}, content)

    def at(self, path: str) -> str:
        return self.root + path if path.startswith("?") or not path else f"{self.root}/{path}"

    def put(self, resource: Resource, **headers: str) -> Answer:
        return self.send("PUT", f"{resource['resourceType']}/{resource['id']}", resource, **headers)

    def post(self, resource: Resource, **headers: str) -> Answer:
        return self.send("POST", resource["resourceType"], resource, **headers)

    def bundle(self, kind: str, *entries: Resource, **headers: str) -> Answer:
        return self.send("POST", "", {"resourceType": "Bundle", "type": kind, "entry": list(entries)}, **headers)

    def found(self, path: str) -> list[str]:
        """The references of a search's matches, in order."""
        answer = self.get(path)
        assert answer.status == 200, answer.text
        entries = answer.json().get("entry", [])
        return [
            f"{entry['resource']['resourceType']}/{entry['resource']['id']}"
            for entry in entries
            if entry["search"]["mode"] == "match"
        ]


def _named(headers: dict[str, str]) -> dict[str, str | None]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def patient(id: str, **elements: Any) -> Resource:
    return {"resourceType": "Patient", "id": id, **elements}


def entry(method: str, url: str, resource: Resource | None = None, **rest: Any) -> Resource:
    made: Resource = {"request": {"method": method, "url": url}}
    made["request"] |= {name: rest.pop(name) for name in ("ifMatch", "ifNoneExist", "ifNoneMatch") if name in rest}
    return {**made, **rest, **({} if resource is None else {"resource": resource})}


def diagnostics(answer: Answer) -> str:
    """The words of the first issue of an OperationOutcome."""
    issue: Resource = answer.json()["issue"][0]
    return str(issue["diagnostics"])


def codes(outcome: Resource) -> list[str]:
    """The details codes of an OperationOutcome's issues."""
    return [coding["code"] for issue in outcome["issue"] for coding in issue["details"]["coding"]]
