"""Rendered resources and thumbnails: types, parameters, refusals."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from dicomweb.wado_samples import (
    CT,
    JPEG,
    MISSING,
    MULTI,
    PIXELS,
    SERIES,
    SR,
    STUDY,
    ct,
    jpeg,
    multi_frame,
    report,
    retrieved,
    store,
)
from doors import Answer, Door
from fhantom.site import Site

BROWSER = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"


@pytest.fixture(scope="module", autouse=True)
def content(module_site: Site) -> None:
    store(module_site.worlds.open(), ct(1), ct(2), multi_frame(), jpeg(), report())


def seen(answer: Answer) -> Image.Image:
    assert answer.status == 200, answer.body
    return Image.open(io.BytesIO(answer.body))


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, "image/jpeg"),
        ("*/*", "image/jpeg"),
        ("image/jpeg", "image/jpeg"),
        ("image/png", "image/png"),
        ("image/gif", "image/gif"),
        ("image/jpeg;q=0.5, image/png", "image/png"),
        ("image/jpeg;q=0.9", "image/jpeg"),
        (BROWSER, "image/jpeg"),
    ],
)
@pytest.mark.parametrize("resource", ["rendered", "thumbnail"])
@pytest.mark.parametrize("path", [CT, SERIES, STUDY, f"{CT}/frames/1"], ids=["one", "series", "study", "frame"])
def test_a_picture_comes_in_the_best_type_that_the_client_takes(
    door: Door, path: str, resource: str, accept: str | None, media_type: str
) -> None:
    answer = door.get(f"{path}/{resource}", {"Accept": accept})
    assert answer.headers["Content-Type"] == media_type
    assert seen(answer).format == media_type.removeprefix("image/").upper()


@pytest.mark.parametrize("accept", ["", "text/html", "image/jpg", "application/dicom"])
def test_a_type_that_pictures_do_not_have_is_400(door: Door, accept: str) -> None:
    assert door.get(f"{CT}/rendered", {"Accept": accept}).status == 400


def test_accept_in_the_query_wins_as_ohif_needs_it(door: Door) -> None:
    headers = {"Accept": 'multipart/related; type="application/octet-stream"'}
    assert seen(door.get(f"{CT}/thumbnail?accept=image%2Fjpeg", headers)).format == "JPEG"
    assert seen(door.get(f"{CT}/rendered?accept=image/png", {"Accept": "image/jpeg"})).format == "PNG"


def test_the_values_are_spread_as_orthanc_does(door: Door) -> None:
    grey = np.asarray(seen(door.get(f"{CT}/rendered", {"Accept": "image/png"})))
    assert abs(grey - np.round(PIXELS / 4095 * 255)).max() <= 1


@pytest.mark.parametrize(
    ("query", "size"),
    [
        ("viewport=32,32", (32, 32)),
        ("viewport=256%2C256", (256, 256)),
        ("viewport=100,32", (100, 32)),
        ("viewport=,", (64, 64)),
        ("viewport=32,16,8,8,16,16", (32, 16)),
        ("viewport=,,0,0,-16,8", (64, 64)),
        ("viewport=,33", (64, 33)),
        ("viewport=10,10&viewport=30,20", (30, 20)),
        ("viewport=30&viewport=20", (30, 20)),
    ],
)
def test_the_viewport_is_the_size_of_the_picture(door: Door, query: str, size: tuple[int, int]) -> None:
    assert seen(door.get(f"{CT}/rendered?{query}")).size == size


def test_a_window_names_the_values_that_are_shown(door: Door) -> None:
    answer = door.get(f"{CT}/rendered?window=0,1000,linear", {"Accept": "image/png"})
    expected = np.clip((PIXELS - 1024.0 + 0.5) / 999 + 0.5, 0, 1) * 255
    assert abs(np.asarray(seen(answer)) - expected).max() <= 1


def test_quality_is_that_of_the_jpeg(door: Door) -> None:
    low, high = (len(door.get(f"{JPEG}/rendered?quality={quality}").body) for quality in (5, 100))
    assert low < high


@pytest.mark.parametrize(
    "query",
    [
        "quality=0",
        "quality=101",
        "quality=abc",
        "viewport=32",
        "viewport=0,0",
        "viewport=-5,5",
        "viewport=a,b",
        "viewport=10.5,10",
        "viewport=1e1,10",
        "viewport=99999999,1",
        "viewport=10,10,64,64,5",
        "window=40,400",
        "window=40,400,cubic",
        "window=40,400,LINEAR",
        "window=a,b,linear",
        "window=40,0,linear",
        "window=nan,inf,linear",
    ],
)
def test_a_malformed_parameter_is_400(door: Door, query: str) -> None:
    answer = door.get(f"{CT}/rendered?{query}")
    assert answer.status == 400
    assert answer.json()["HttpStatus"] == 400


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"{CT}/frames/0/rendered", 400),
        (f"{CT}/frames/2/rendered", 400),
        (f"{CT}/frames/1,2/rendered", 400),
        (f"{CT}/frames/abc/rendered", 400),
        (f"{MISSING}/rendered", 404),
    ],
)
def test_what_there_is_not_is_refused(door: Door, path: str, status: int) -> None:
    assert door.get(path).status == status


def test_a_report_is_no_image(door: Door) -> None:
    assert door.get(f"{SR}/rendered", {"Accept": "image/png"}).status == 400


def test_every_frame_has_its_picture_and_a_gif_has_all(door: Door) -> None:
    pictures = {door.get(f"{MULTI}/frames/{number}/rendered", {"Accept": "image/png"}).body for number in (1, 2)}
    assert len(pictures) == 1  # the frames differ by a constant, which spreading takes away
    gif = seen(door.get(f"{MULTI}/rendered", {"Accept": "image/gif"}))
    assert getattr(gif, "n_frames", 0) >= 1


@pytest.mark.parametrize("accept", [None, "*/*", 'multipart/related; type="image/jpeg"'])
def test_frames_of_a_list_come_as_parts(door: Door, accept: str | None) -> None:
    found = retrieved(door, f"{MULTI}/frames/2,1,2/rendered", accept)
    alone = door.get(f"{MULTI}/frames/2/rendered")
    assert [headers["content-type"] for headers, _ in found] == ["image/jpeg"] * 3
    assert found[0][1] == found[2][1] == alone.body


def test_frames_of_a_list_move_in_a_gif(door: Door) -> None:
    assert seen(door.get(f"{MULTI}/frames/2,1/rendered", {"Accept": "image/gif"})).format == "GIF"
    assert door.get(f"{MULTI}/frames/2,1/rendered", {"Accept": "image/png"}).status == 400
    assert door.get(f"{MULTI}/frames/2,99/rendered").status == 400


def test_all_pictures_of_a_series_come_as_multipart(door: Door) -> None:
    found = retrieved(door, f"{SERIES}/rendered", 'multipart/related; type="image/png"')
    assert [headers["content-type"] for headers, _ in found] == ["image/png", "image/png"]


def test_a_thumbnail_is_small_and_keeps_the_aspect(door: Door) -> None:
    assert max(seen(door.get(f"{JPEG}/thumbnail")).size) == 128
    assert seen(door.get(f"{CT}/thumbnail?viewport=20,20")).size == (20, 20)


def test_a_picture_can_be_asked_for_in_parts(door: Door) -> None:
    whole = door.get(f"{CT}/rendered")
    part = door.get(f"{CT}/rendered", {"Range": "bytes=0-9"})
    assert (part.status, part.body) == (206, whole.body[:10])
    assert part.headers["Content-Range"] == f"bytes 0-9/{len(whole.body)}"
