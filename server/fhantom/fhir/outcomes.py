"""OperationOutcome: how every refusal and every success of a write is told (FHIR http 3.2.0.1.5)."""

from __future__ import annotations

from typing import Any

from fhantom.definitions import ParseRefusal
from fhantom.errors import FhantomError
from fhantom.fhir.outcome_rows import PARSING, Row
from fhantom.fhir.outcome_table import SUCCESSES, TABLE
from fhantom.resources.refusal import SearchRefusal

STORAGE_CODES = "https://hapifhir.io/fhir/CodeSystem/hapi-fhir-storage-response-code"


class _Facts(dict[str, object]):
    """What fills the fields of a row's words; a field that nobody filled stays empty."""

    def __missing__(self, key: str) -> str:
        return ""


class Refusal(FhantomError):
    """A request is refused for the reason that a row of the table names.

    Attributes:
        key: the row's key, mostly the real server's number.
        row: the table's row, with the HTTP status.
        message: the words, with the real server's number in front where it has one.
        headers: what the answer carries besides, for example Allow.
    """

    def __init__(self, key: str, /, **facts: object) -> None:
        self.key = key
        self.row: Row = TABLE[key]
        self.headers: tuple[tuple[str, str], ...] = ()
        numbers = "".join(f"HAPI-{number}: " for number in (self.row.prefix, key) if number.isdigit())
        super().__init__(numbers + self.row.words.format_map(_Facts(facts)))

    def carrying(self, *headers: tuple[str, str]) -> Refusal:
        """The same refusal, its answer with these headers."""
        self.headers = headers
        return self

    @property
    def http_status(self) -> int:
        """The status of the answer."""
        return self.row.status


def refusal_of(error: FhantomError) -> FhantomError:
    """A reader's refusal of a search in this room's words; other errors as they are."""
    if isinstance(error, SearchRefusal) and error.number in TABLE:
        return Refusal(error.number, **{name: _listed(value) for name, value in error.values.items()})
    return error


def cause_of(error: ParseRefusal) -> str:
    """What is wrong with a body, in words, with the real server's numbers in front."""
    facts = {"value": error.value, "expected": error.expected, "element": error.element}
    words = PARSING.get(error.numbers[-1], "{detail}").format(detail=error.detail, **facts)
    return "".join(f"HAPI-{number:04d}: " for number in error.numbers) + words


def _listed(value: object) -> object:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else value


def issue(severity: str, code: str, diagnostics: str, details: dict[str, Any] | None = None) -> dict[str, Any]:
    """One issue, its elements in the order of the definition."""
    if details is None:
        return {"severity": severity, "code": code, "diagnostics": diagnostics}
    return {"severity": severity, "code": code, "details": details, "diagnostics": diagnostics}


def outcome(*issues: dict[str, Any]) -> dict[str, Any]:
    """An OperationOutcome of these issues."""
    return {"resourceType": "OperationOutcome", "issue": list(issues)}


def success(code: str, **facts: object) -> dict[str, Any]:
    """The OperationOutcome of a write that was done, or that needed nothing done."""
    row = SUCCESSES[code]
    coding = {"system": STORAGE_CODES, "code": code, "display": row.display}
    return outcome(issue(row.severity, row.code, row.words.format(**facts), {"coding": [coding]}))


def nothing_deleted(url: str) -> dict[str, Any]:
    """The OperationOutcome of a conditional delete that no resource fulfilled: a warning."""
    code = "SUCCESSFUL_DELETE_NOT_FOUND"
    coding = {"system": STORAGE_CODES, "code": code, "display": SUCCESSES[code].display}
    words = f'no resource fulfils "{url}"; nothing was deleted'
    return outcome(issue("warning", "not-found", words, {"coding": [coding]}))


def status_of(error: FhantomError) -> int:
    """The HTTP status that an error becomes."""
    return error.http_status if isinstance(error, Refusal) else error.status


def told(error: FhantomError, code: str | None = None) -> dict[str, Any]:
    """The OperationOutcome of an error; `code` replaces its issue code, as entries of a batch do."""
    row = error.row if isinstance(error, Refusal) else None
    numbers = "".join(f"HAPI-{number}: " for number in row.in_batch) if row and code else ""
    return outcome(issue("error", code or (row.code if row else "processing"), numbers + error.message))
