"""Asking two servers the same questions, and telling what differs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from fhantom.calibration.asking import Asked, Reply
from fhantom.calibration.facets import FACETS, content, describe
from fhantom.calibration.questions import PATHS, QUESTIONS, WRITES, Question, Service

_OFTEN = 4  # questions that differ alike, from which on the difference is told once for all of them
_ENOUGH = 5  # refusals of the accepted key, one after another, that say that it is not accepted
_REFUSALS = {401, 403}
_FORM: Sequence[str] = ("status", "media type", "error body")

_UIDS = (("study", "0020000D"), ("series", "0020000E"), ("instance", "00080018"))


@dataclass(frozen=True, slots=True)
class Difference:
    """One facet in which the replies to a question differ; an empty text means that a reply does not have it."""

    question: str
    facet: str
    here: str
    there: str


@dataclass(frozen=True, slots=True)
class Repeated:
    """A difference that many questions show alike."""

    questions: tuple[str, ...]
    facet: str
    here: str
    there: str


class KeyRefused(Exception):
    """The other server does not accept the key, so that nothing else can be learned of it."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A question with both replies; None from a server that could not be asked it."""

    question: Question
    here: Reply | None
    there: Reply | None

    def differences(self, here: str, there: str) -> list[Difference]:
        """What differs; the texts are the bases that were asked."""
        if self.here is None or self.there is None:
            return []
        name = self.question.name
        own, other = describe(self.here, here, name), describe(self.there, there, name)
        return [
            Difference(name, facet.name, own.get(facet.name, ""), other.get(facet.name, ""))
            for facet in FACETS
            if own.get(facet.name) != other.get(facet.name)
        ]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything that was asked.

    Attributes:
        left: what was written there and could not be removed, an address each.
        absent: the services whose place the other server does not know.
    """

    here: str
    there: str
    compared: tuple[Compared, ...]
    refusals: tuple[str, ...]
    left: tuple[str, ...]
    absent: tuple[Service, ...] = ()

    @property
    def differences(self) -> list[Difference]:
        """What differs, in the order of the questions."""
        return [one for compared in self.compared for one in compared.differences(self.here, self.there)]

    @property
    def repeated(self) -> list[Repeated]:
        """The differences that are the same for many questions, each once."""
        found: dict[tuple[str, str, str], list[str]] = {}
        for one in self.differences:
            found.setdefault((one.facet, one.here, one.there), []).append(one.question)
        return [Repeated(tuple(names), *facet) for facet, names in found.items() if len(names) >= _OFTEN]

    @property
    def single(self) -> list[Difference]:
        """The other differences, in the order of the questions."""
        often = {(one.facet, one.here, one.there) for one in self.repeated}
        return [one for one in self.differences if (one.facet, one.here, one.there) not in often]

    @property
    def unasked(self) -> list[str]:
        """The questions that the other server could not be asked."""
        return [compared.question.name for compared in self.compared if compared.there is None]

    def reply(self, name: str) -> Reply | None:
        """The other server's reply to a question."""
        return next((compared.there for compared in self.compared if compared.question.name == name), None)


def compare(here: Asked, there: Asked, *, test_id: str = "", told: Callable[[str], None] | None = None) -> Comparison:
    """Ask both servers every question, one after another.

    Args:
        test_id: the id of what is written; empty for asking only what reads.
        told: is given each question's name before it is asked.

    Raises KeyRefused as soon as it shows.
    """
    known = ({"id": test_id}, {"id": test_id})
    made: tuple[list[str], list[str]] = ([], [])
    compared: list[Compared] = []
    absent = _Absent()
    for question in _questions(there, writes=bool(test_id)):
        if question.service in absent.services:
            compared.append(Compared(question, None, None))
            continue
        if told is not None:
            told(question.name)
        replies: list[Reply | None] = []
        for server, words, created in zip((here, there), known, made, strict=True):
            reply = server.ask(question, words)
            replies.append(reply)
            if reply is not None:
                words.update(_first_instance(question, reply))
                created += _created(server, question, reply, words)
        compared.append(Compared(question, *replies))
        _check_key(compared)
        absent.look(compared[-1])
    _remove(here, made[0])
    left = _remove(there, made[1])
    return Comparison(
        here.base, there.base, tuple(compared), tuple(there.refusals), tuple(left), tuple(absent.services)
    )


@dataclass(slots=True)
class _Absent:
    """Which services the other server lacks: it answers for them as for a path that nobody has."""

    services: list[Service] = field(default_factory=list)
    _unknown: dict[str, str] = field(default_factory=dict)

    def look(self, compared: Compared) -> None:
        question, there = compared.question, compared.there
        if there is None or question.key != "good":
            return
        described = describe(there, "", question.name)
        refusal = {name: described[name] for name in _FORM if name in described}
        if question.answer == "no path":
            self._unknown = refusal
        elif question.service != "root" and there.status == 404 and refusal == self._unknown:
            self.services.append(question.service)


def _check_key(compared: Sequence[Compared]) -> None:
    given = [one.there for one in compared if one.question.key == "good" and one.there is not None]
    if len(given) == _ENOUGH and all(reply.status in _REFUSALS for reply in given):
        raise KeyRefused(f"{given[-1].url} was answered with {given[-1].status}")


def _questions(there: Asked, *, writes: bool) -> Iterable[Question]:
    asked = (*QUESTIONS, *WRITES) if writes else QUESTIONS
    return (question for question in asked if question.service in there.paths)


def _first_instance(question: Question, reply: Reply) -> dict[str, str]:
    found = content(reply)
    if question.name != "the first instance" or not isinstance(found, list) or not found:
        return {}
    try:
        return {word: str(found[0][tag]["Value"][0]) for word, tag in _UIDS}
    except (KeyError, IndexError, TypeError):
        return {}


def _created(server: Asked, question: Question, reply: Reply, words: dict[str, str]) -> list[str]:
    """The address of what a question made, under the base that was asked: servers behind a gateway tell another."""
    if question not in WRITES or question.method not in ("PUT", "POST") or not 200 <= reply.status < 300:
        return []
    base = f"{server.base}{server.paths[question.service]}"
    if question.method == "PUT":
        return [f"{base}/Basic/{words['id']}"]
    told = (reply.header("Location") or "").partition("/Basic/")[2].partition("/")[0]
    body = content(reply)
    id = told or (str(body.get("id", "")) if isinstance(body, dict) else "")
    return [f"{base}/Basic/{id}" if id else f"{base}/Basic (an unknown id)"]


def _remove(server: Asked, made: Sequence[str]) -> list[str]:
    """Delete what was made; what is still there afterwards."""
    left = []
    for url in dict.fromkeys(made):
        reply = server.request("DELETE", url, [("apikey", server.key)])
        if not (200 <= reply.status < 300 or reply.status in (404, 410)):
            left.append(url)
    return left


def services_of(given: Sequence[str]) -> dict[Service, str]:
    """Where the services lie, from texts such as `dicomweb=/dicom-web`; all at their usual places without any.

    Raises ValueError for a service that is not known.
    """
    found: dict[Service, str] = {}
    for text in given:
        name, _, path = text.partition("=")
        service = next((known for known in PATHS if known == name), None)
        if service is None:
            raise ValueError(f"{name!r} is no service: {', '.join(PATHS)}")
        found[service] = path.rstrip("/") if "=" in text else PATHS[service]
    return found or dict(PATHS)
