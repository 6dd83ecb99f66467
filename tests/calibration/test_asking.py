"""How a server is asked: one question after another, and later if it says so."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fhantom.calibration.asking import Asked, Pace, Pairs, Reply
from fhantom.calibration.questions import QUESTIONS, Question


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


class Scripted:
    """A server that answers as it is told to, at moments that it remembers."""

    def __init__(self, time: Time, *replies: tuple[int, dict[str, str]]) -> None:
        self._time = time
        self._replies: Iterator[tuple[int, dict[str, str]]] = iter(replies)
        self.moments: list[float] = []
        self.headers: list[Pairs] = []

    def __call__(self, method: str, url: str, headers: Pairs, body: bytes) -> Reply:
        self.moments.append(self._time.now)
        self.headers.append(headers)
        status, told = next(self._replies, (200, {}))
        return Reply(url, status, "", list(told.items()))


def asked(time: Time, server: Scripted, pace: float = 1.0) -> Asked:
    return Asked("http://live.example", "the-key", server, Pace(pace, lambda: time.now, time.sleep))


def test_at_most_one_question_a_second_is_asked() -> None:
    time = Time()
    server = Scripted(time)
    there = asked(time, server)
    for question in QUESTIONS[:5]:
        there.ask(question, {})
        time.now += 0.25  # what an answer takes
    assert [after - before for before, after in zip(server.moments, server.moments[1:], strict=False)] == [1.0] * 4


@pytest.mark.parametrize(
    ("status", "headers", "waited"),
    [
        pytest.param(429, {"Retry-After": "7"}, 7, id="seconds"),
        pytest.param(503, {"retry-after": "30"}, 30, id="in any case of letters"),
        pytest.param(429, {}, 60, id="not told"),
        pytest.param(429, {"Retry-After": "Thu, 01 Jan 1970 00:00:00 GMT"}, 0, id="a date that has passed"),
        pytest.param(429, {"Retry-After": "soon"}, 60, id="no number"),
    ],
)
def test_a_server_that_says_later_is_asked_later(status: int, headers: dict[str, str], waited: float) -> None:
    time = Time()
    there = asked(time, server := Scripted(time, (status, headers)))
    reply = there.ask(QUESTIONS[0], {})
    assert reply is not None
    assert reply.status == 200
    assert time.slept[0] == waited
    assert len(server.moments) == 2
    assert server.moments[1] - server.moments[0] >= max(1.0, waited)
    assert len(there.refusals) == 1
    assert there.refusals[0].startswith(f"request 1 was answered with {status}")


def test_a_server_that_always_says_later_is_left_in_peace() -> None:
    time = Time()
    there = asked(time, server := Scripted(time, *[(429, {"Retry-After": "1"})] * 9))
    reply = there.ask(QUESTIONS[0], {})
    assert reply is not None
    assert reply.status == 429
    assert len(server.moments) == 3


def test_an_outage_without_a_time_and_a_wait_of_hours_are_answers() -> None:
    time = Time()
    there = asked(time, Scripted(time, (503, {}), (429, {"Retry-After": "86400"})))
    assert [getattr(there.ask(question, {}), "status", None) for question in QUESTIONS[:2]] == [503, 429]
    assert there.refusals == []


@pytest.mark.parametrize(
    ("key", "sent"), [("good", "the-key"), ("wrong", "fhantom-compare-no-such-key"), ("none", None)]
)
def test_the_key_goes_only_where_it_is_wanted(key: str, sent: str | None) -> None:
    time = Time()
    there = asked(time, server := Scripted(time))
    there.ask(Question("x", "fhir", "/metadata", key=key), {})  # type: ignore[arg-type]
    assert dict(server.headers[0]).get("apikey") == sent


def test_a_service_that_is_not_there_is_not_asked() -> None:
    time = Time()
    server = Scripted(time)
    there = Asked("http://live.example", "k", server, Pace(0), {"dicomweb": "/dicom-web"})
    assert there.ask(Question("x", "fhir", "/metadata"), {}) is None
    reply = there.ask(Question("y", "dicomweb", "/studies"), {})
    assert reply is not None
    assert reply.url == "http://live.example/dicom-web/studies"
    assert len(server.moments) == 1


@pytest.mark.parametrize(
    ("base", "asked_at"),
    [
        ("https://live.example:8443", "http://live.example/fhir/metadata"),
        ("http://live.example:8080", "http://live.example:8080/fhir/metadata"),
    ],
)
def test_a_plain_question_goes_over_http(base: str, asked_at: str) -> None:
    there = Asked(base, "the-key", Scripted(Time()), Pace(0))
    reply = there.ask(Question("x", "fhir", "/metadata", key="none", plain=True), {})
    assert reply is not None
    assert reply.url == asked_at
