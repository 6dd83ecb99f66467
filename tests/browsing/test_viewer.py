"""The viewer in a real browser: what it draws is what the server renders."""

from __future__ import annotations

import base64
import io
import json
import re
from typing import Any

import pytest

from browser import browser
from browsing.watching import Watched, opened
from doors import listening
from fhantom.settings import BUILT_IN_KEY
from running import Server
from vna.test_rest import orthanc_id

pytestmark = pytest.mark.long
__all__ = ["browser"]  # a fixture

SHOWN = re.compile(r"\d+ / \d+")


def rows(server: Server, path: str) -> list[dict[str, Any]]:
    return server.door.get(f"/dicomweb/{path}").json()


def first(record: dict[str, Any], tag: str) -> Any:
    return record[tag]["Value"][0]


def study_of(server: Server, modality: str, at_least: int = 1) -> str:
    """The study with the most instances of a modality."""
    found = rows(server, f"studies?ModalitiesInStudy={modality}")
    best = max(found, key=lambda one: first(one, "00201208"))
    assert first(best, "00201208") >= at_least
    return str(first(best, "0020000D"))


def drawn(watched: Watched, position: str) -> tuple[str, int, int, bytes]:
    """What the canvas holds once it stands at a position: the address it came from, its size, its pixels."""
    page = watched.page
    watched.expect_text("#position", position)
    address, picture = page.locator("#canvas").evaluate("one => [one.dataset.address, one.toDataURL('image/png')]")
    return address, *pixels_of(base64.b64decode(picture.partition(",")[2]))


def pixels_of(png: bytes) -> tuple[int, int, bytes]:
    from PIL import Image

    image = Image.open(io.BytesIO(png)).convert("RGBA")
    return image.width, image.height, image.tobytes()


def rendered(server: Server, address: str) -> tuple[int, int, bytes]:
    answer = server.door.get(address, {"Accept": "image/png"})
    assert answer.status == 200
    return pixels_of(answer.body)


def test_a_study_is_drawn_scrolled_and_windowed_as_the_server_renders_it(browser: Any, seeded: Server) -> None:
    study = study_of(seeded, "CT", at_least=10)
    with opened(browser) as watched:
        watched.sign_in(seeded)
        page = watched.page
        page.goto(f"{seeded.door.origin}/vna/viewer?study={study}")
        page.wait_for_selector("#series button")
        largest = max(page.query_selector_all("#series button"), key=lambda one: int(one.inner_text().split()[-2]))
        largest.click()
        watched.expect_text("#position", re.compile(r"1 / \d\d+"))
        count = int(page.get_attribute("#slider", "max"))

        seen = [drawn(watched, f"1 / {count}")]
        page.hover("#screen")
        page.mouse.wheel(0, 100)
        seen.append(drawn(watched, f"2 / {count}"))
        page.focus("#screen")
        page.keyboard.press("End")
        seen.append(drawn(watched, f"{count} / {count}"))
        page.keyboard.press("ArrowUp")
        seen.append(drawn(watched, f"{count - 1} / {count}"))
        watched.picture("viewer-desktop")

        for address, width, height, pixels in seen:
            assert (width, height, pixels) == rendered(seeded, address), address
        assert len({pixels for *_, pixels in seen}) > 1

        before = page.inner_text("#window")
        box = page.locator("#screen").bounding_box()
        page.mouse.move(box["x"] + 200, box["y"] + 200)
        page.mouse.down()
        page.mouse.move(box["x"] + 320, box["y"] + 260, steps=6)
        page.mouse.up()
        watched.expect_text("#window", re.compile(f"^(?!{re.escape(before)}$)"))
        page.wait_for_load_state("networkidle")
        address, width, height, pixels = drawn(watched, f"{count - 1} / {count}")
        assert "window=" in address
        assert (width, height, pixels) == rendered(seeded, address)
        assert pixels != seen[-1][3]
        assert watched.complaints == []


def test_links_of_the_real_server_open_the_right_study(browser: Any, seeded: Server) -> None:
    study = study_of(seeded, "MR")
    (record,) = rows(seeded, f"studies?StudyInstanceUID={study}")
    series = first(rows(seeded, f"studies/{study}/series")[-1], "0020000E")
    patient = first(record, "00100020")
    links = {
        f"stone-webviewer/index.html?study={study}": None,
        f"web-viewer/app/viewer.html?series={orthanc_id(patient, study, series)}": series,
        f"app/explorer.html#study?uuid={orthanc_id(patient, study)}": None,
        f"app/explorer.html#series?uuid={orthanc_id(patient, study, series)}": series,
    }
    with opened(browser) as watched:
        watched.sign_in(seeded)
        for link, wanted in links.items():
            watched.page.goto("about:blank")
            watched.page.goto(f"{seeded.door.origin}/vna/{link}")
            watched.page.wait_for_selector("#series button[aria-current]")
            watched.page.wait_for_selector(f"#canvas[data-address*='{study}']")
            if wanted is not None:
                assert watched.page.get_attribute("#series button[aria-current]", "data-uid") == wanted
        assert watched.complaints == []


def test_a_viewer_in_a_frame_of_another_site_asks_for_the_key_itself(browser: Any, seeded: Server) -> None:
    study = study_of(seeded, "MR")
    shell = f"{seeded.door.origin}/vna/stone-webviewer/index.html?study={study}"

    def foreign(environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "text/html")])
        return [f'<!DOCTYPE html><html lang="en"><iframe title="v" width="900" src="{shell}"></iframe></html>'.encode()]

    with listening(foreign) as other, opened(browser) as watched:
        watched.sign_in(seeded)  # which is of no use there: the cookie stays with its own site
        watched.page.goto(f"http://localhost:{other.port}/")
        frame = watched.page.frame_locator("iframe")
        frame.locator("#key").fill(BUILT_IN_KEY)
        frame.locator("#sign-in button").click()
        frame.locator("#series button[aria-current]").wait_for()
        frame.locator(f"#canvas[data-address*='{study}']").wait_for()
        assert [one for one in watched.complaints if "403" not in one] == []


@pytest.mark.parametrize("modality", ["US", "MG", "PT", "SEG", "SR", "DOC", "ECG", "SM", "XC", "RTSTRUCT", "CR"])
def test_every_kind_of_the_seed_is_shown_without_an_error(browser: Any, seeded: Server, modality: str) -> None:
    found = rows(seeded, f"studies?ModalitiesInStudy={modality}")
    if not found:
        pytest.skip(f"the embedded seed has no {modality}")
    study = first(found[0], "0020000D")
    series = next(
        first(one, "0020000E") for one in rows(seeded, f"studies/{study}/series") if first(one, "00080060") == modality
    )
    with opened(browser) as watched:
        watched.sign_in(seeded)
        watched.page.goto(f"{seeded.door.origin}/vna/viewer?study={study}&series={series}")
        watched.expect_text("#position", SHOWN)
        watched.page.wait_for_load_state("networkidle")
        shown = watched.page.evaluate(
            "document.getElementById('canvas').width > 1 || document.getElementById('document').childNodes.length > 0"
        )
        assert shown
        assert watched.page.inner_text("#message") == ""
        watched.picture(f"viewer-{modality}")
        assert watched.complaints == []


def test_the_attributes_of_an_image_are_shown_as_text(browser: Any, seeded: Server) -> None:
    from instances import MULTIPART, ROOT, instance, multipart

    script = "<img src=x onerror=alert(1)>"
    file = instance(77, 1, 1, PatientName=script, SeriesDescription=script, StudyDescription=script)
    assert seeded.door.request("POST", "/dicomweb/studies", {"Content-Type": MULTIPART}, multipart(file)).status == 200
    with opened(browser) as watched:
        watched.sign_in(seeded)
        page = watched.page
        page.goto(f"{seeded.door.origin}/vna/viewer?study={ROOT}.77")
        watched.expect_text("#position", "1 / 1")
        page.click("#tags summary")
        page.wait_for_selector("#attributes dd")
        assert script in page.inner_text("#attributes")
        assert script in page.inner_text("#series")
        assert page.query_selector("#view img[src=x]") is None
        page.goto(f"{seeded.door.origin}/vna/")
        page.wait_for_selector("#studies li")
        page.fill("#name", "img")
        page.click("#find button")
        watched.expect_count("#studies li", 1)
        assert script in page.inner_text("#studies")
        assert watched.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_the_viewer_passes_the_checker_of_accessibility(browser: Any, seeded: Server, size: str, scheme: str) -> None:
    study = study_of(seeded, "CT")
    with opened(browser, size, scheme) as watched:
        page = watched.page
        page.goto(f"{seeded.door.origin}/vna/viewer?study={study}")
        page.wait_for_selector("#signing:not([hidden])")
        found = {"key": watched.accessibility()}
        watched.picture(f"viewer-key-{size}-{scheme}")
        page.fill("#key", BUILT_IN_KEY)
        page.click("#sign-in button")
        watched.expect_text("#position", SHOWN)
        page.click("#tags summary")
        page.wait_for_selector("#attributes dd")
        page.wait_for_load_state("networkidle")
        found["study"] = watched.accessibility()
        watched.picture(f"viewer-study-{size}-{scheme}")
        page.goto(f"{seeded.door.origin}/vna/")
        page.wait_for_selector("#studies li")
        found["list"] = watched.accessibility()
        watched.picture(f"viewer-list-{size}-{scheme}")
        assert found == {"key": [], "study": [], "list": []}, json.dumps(found, indent=2)
