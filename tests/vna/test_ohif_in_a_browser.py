"""The real OHIF, fetched from npm's registry, over the embedded seed in a real browser."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from browser import Opener, browser, tab
from fhantom.cli.failure import Failure
from fhantom.cli.viewer import install
from fhantom.settings import BUILT_IN_KEY
from fhantom.vna import ohif
from running import Server, serving

pytestmark = pytest.mark.long
__all__ = ["browser", "tab"]  # fixtures

_DRAWN = 60_000  # milliseconds; Chromium draws volumes without a graphics card
_COLOURS = 24  # a picture of an object has more, an empty viewport fewer


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = Path(os.environ.get("FHANTOM_VIEWER") or tmp_path_factory.mktemp("viewer"))
    try:
        install(folder)
    except Failure as reason:
        pytest.skip(f"needs OHIF's package: {reason}")
    with serving(tmp_path_factory.mktemp("home"), "--ephemeral", "--viewer", str(folder)) as running:
        yield running


@pytest.fixture
def page(tab: Opener, server: Server) -> Any:
    """A signed-in browser."""
    page = tab(viewport={"width": 1600, "height": 900})
    page.set_default_timeout(_DRAWN)
    page.goto(f"{server.door.origin}/sign-in")
    page.fill("input[type=password]", BUILT_IN_KEY)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "sign-in" not in url)
    return page


def studies(server: Server, modality: str) -> list[dict[str, Any]]:
    found = server.door.get(f"/dicomweb/studies?ModalitiesInStudy={modality}").json()
    return sorted(found, key=lambda one: -one["00201208"]["Value"][0])


def show(page: Any, server: Server, modality: str, query: str = "") -> str:
    """Open the largest study with a modality; its Study Instance UID."""
    uid = str(studies(server, modality)[0]["0020000D"]["Value"][0])
    page.goto(f"{server.door.origin}/vna/viewer?StudyInstanceUIDs={uid}{query}")
    return uid


def colours(page: Any, selector: str = "[data-cy=viewport-pane] canvas", place: int = 0) -> int:
    """How many colours a part of the page shows."""
    from PIL import Image

    picture = Image.open(io.BytesIO(page.locator(selector).nth(place).screenshot())).convert("RGB")
    width, height = picture.size
    middle = picture.crop((width // 4, height // 4, 3 * width // 4, 3 * height // 4))
    return len(middle.getcolors(1 << 24) or ())


def wait_until_drawn(page: Any, selector: str = "[data-cy=viewport-pane] canvas", place: int = 0) -> None:
    page.locator(selector).nth(place).wait_for()
    for _ in range(_DRAWN // 500):
        if colours(page, selector, place) > _COLOURS:
            return
        page.wait_for_timeout(500)
    raise AssertionError(f"nothing is drawn at {page.url}")


def test_its_list_shows_the_studies(page: Any, server: Server) -> None:
    page.goto(f"{server.door.origin}/vna/")
    page.get_by_text("SIIM, Sally").or_(page.get_by_text("SIIM^Sally")).first.wait_for()


@pytest.mark.parametrize("modality", ["CR", "CT", "MR", "US", "MG", "PT", "NM", "XC", "OP", "SM"])
def test_it_draws(page: Any, server: Server, modality: str) -> None:
    show(page, server, modality)
    wait_until_drawn(page)


def test_it_draws_an_ecg(page: Any, server: Server) -> None:
    show(page, server, "ECG")
    page.get_by_text("12 lead, rest").first.wait_for()
    wait_until_drawn(page, "[data-cy=viewport-pane]")


VIDEO, PDF = "1.2.840.10008.5.1.4.1.1.77.1.4.1", "1.2.840.10008.5.1.4.1.1.104.1"

# Lets a test ask the player, which OHIF keeps outside of the document.
PLAYERS = """
const create = Document.prototype.createElement;
window.players = [];
Document.prototype.createElement = function (name, ...rest) {
  const made = create.call(this, name, ...rest);
  if (String(name).toLowerCase() === "video") window.players.push(made);
  return made;
};
"""


def show_series(page: Any, server: Server, sop_class_uid: str) -> str:
    """Open the first series with objects of a SOP class; the address of one of them."""
    (row, *_) = server.door.get(f"/dicomweb/instances?SOPClassUID={sop_class_uid}").json()
    study, series, instance = (str(row[tag]["Value"][0]) for tag in ("0020000D", "0020000E", "00080018"))
    page.goto(f"{server.door.origin}/vna/viewer?StudyInstanceUIDs={study}&SeriesInstanceUIDs={series}")
    return f"/dicomweb/studies/{study}/series/{series}/instances/{instance}"


def test_a_video_plays(page: Any, server: Server) -> None:
    page.add_init_script(PLAYERS)
    show_series(page, server, VIDEO)
    wait_until_drawn(page)
    page.locator("[data-cy=MoreTools-split-button-secondary]").click()
    page.locator("[data-cy=Cine]").first.click()
    page.locator("[data-cy=cine-player-play-pause]").click()
    page.wait_for_function("players.some((one) => !one.paused && one.currentTime > 0.2)")
    assert page.evaluate("players.filter((one) => one.src).map((one) => one.src.split(':')[0])") == ["blob"]
    wait_until_drawn(page)


def test_a_pdf_reaches_the_browsers_own_reader(page: Any, server: Server) -> None:
    """What the reader then draws is not tested: Chromium has none without a window."""
    path = show_series(page, server, PDF)
    page.locator("object[type='application/pdf'][data^=blob]").wait_for()
    shown = page.evaluate(
        "fetch(document.querySelector('object').data).then((answer) => answer.arrayBuffer())"
        ".then((bytes) => Array.from(new Uint8Array(bytes)))"
    )
    assert bytes(shown[:5]) == b"%PDF-"
    assert bytes(shown).rstrip(b"\0") == server.door.get(f"{path}/rendered").body.rstrip(b"\0")


def test_no_tour_stands_in_front_of_the_images(page: Any, server: Server) -> None:
    show(page, server, "CR")
    wait_until_drawn(page)
    assert page.locator(".shepherd-element").count() == 0


def test_a_page_that_is_loaded_again_shows_the_same_study(page: Any, server: Server) -> None:
    uid = show(page, server, "US")
    wait_until_drawn(page)
    page.reload()
    wait_until_drawn(page)
    assert uid in page.url


def test_a_ct_is_cut_in_three_planes(page: Any, server: Server) -> None:
    show(page, server, "SEG", "&hangingProtocolId=mpr")
    for plane in range(3):
        wait_until_drawn(page, place=plane)


@pytest.mark.parametrize("name", ["Organs", "Planning contours"])
def test_a_segmentation_and_contours_open_over_their_images(page: Any, server: Server, name: str) -> None:
    show(page, server, "SEG")
    wait_until_drawn(page)
    page.get_by_text(name).first.dblclick()
    page.get_by_text("Do you want to open this Segmentation?").first.wait_for()
    page.get_by_role("button", name="Yes").first.click()
    page.get_by_text("Do you want to open this Segmentation?").first.wait_for(state="hidden")
    wait_until_drawn(page)


def test_a_measurement_is_stored_as_sr_and_shown_again(page: Any, server: Server) -> None:
    uid = show(page, server, "SR")
    wait_until_drawn(page)
    before = reports(server, uid)
    page.locator("[data-cy*=MeasurementTools]").first.click()
    box = page.locator("[data-cy=viewport-pane] canvas").first.bounding_box()
    page.mouse.move(box["x"] + 200, box["y"] + 300)
    page.mouse.down()
    page.mouse.move(box["x"] + 300, box["y"] + 360, steps=8)
    page.mouse.up()
    page.get_by_role("button", name="Yes").first.click()  # track the measurements of this series
    page.locator("[data-cy=trackedMeasurements-btn]").click()
    page.get_by_text("Measurements (1)").wait_for()
    page.get_by_text("Create SR").first.click()
    with page.expect_response(lambda answer: answer.request.method == "POST") as stored:
        page.get_by_role("button", name="Save").last.click()
    assert stored.value.status == 200
    page.get_by_text("Create Report").first.wait_for()
    assert len(reports(server, uid)) == len(before) + 1
    show(page, server, "SR")
    page.get_by_text("Create Report").first.wait_for()


def reports(server: Server, uid: str) -> list[Any]:
    found: list[Any] = json.loads(server.door.get(f"/dicomweb/studies/{uid}/series?Modality=SR").body)
    return found


def test_the_files_are_those_of_the_version_that_is_pinned(server: Server) -> None:
    answer = server.door.get("/vna/viewer", {"apikey": None, "Accept": "text/html"})
    assert answer.status == 200 and ohif.BELOW in answer.text
