"""WADO-URI: objects and pictures by objectUID."""

from __future__ import annotations

import io

import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.dataset import Dataset

from dicomweb.wado_samples import FRAMES, PIXELS, ct, jpeg, multi_frame, report, store
from doors import Answer, Door
from fhantom.site import Site
from instances import ROOT, dataset, encoded

CT = f"objectUID={ROOT}.1.1.1"
MULTI = f"objectUID={ROOT}.2.1.1"
SR = f"objectUID={ROOT}.4.1.1"
PLACE = f"studyUID={ROOT}.1&seriesUID={ROOT}.1.1&{CT}"
STATE = f"{ROOT}.6.1.1"
SLICE, PHOTOGRAPH = ct(1), jpeg()


def presentation_state() -> bytes:
    """A state that is for the slice: another window, inverted, left and right exchanged."""
    image, series, voi = Dataset(), Dataset(), Dataset()
    image.ReferencedSOPClassUID, image.ReferencedSOPInstanceUID = "1.2.840.10008.5.1.4.1.1.2", f"{ROOT}.1.1.1"
    series.SeriesInstanceUID, series.ReferencedImageSequence = f"{ROOT}.1.1", [image]
    voi.WindowCenter, voi.WindowWidth = "1000", "2000"
    made = dataset(6, SOPClassUID="1.2.840.10008.5.1.4.1.1.11.1", Modality="PR")
    for keyword in ("Rows", "Columns", "PixelData", "BitsAllocated", "BitsStored"):
        if keyword in made:
            del made[keyword]
    made.ReferencedSeriesSequence, made.SoftcopyVOILUTSequence = [series], [voi]
    made.PresentationLUTShape, made.ImageHorizontalFlip = "INVERSE", "Y"
    made.RescaleSlope, made.RescaleIntercept = "1", "-1024"  # the slice's own does not count
    return encoded(made)


@pytest.fixture(scope="module", autouse=True)
def content(module_site: Site) -> None:
    store(module_site.worlds.open(), SLICE, multi_frame(), PHOTOGRAPH, report(), presentation_state())


def asked(door: Door, query: str, accept: str | None = None) -> Answer:
    return door.get(f"/wadouri?requestType=WADO&{query}", {"Accept": accept})


def seen(answer: Answer) -> np.ndarray:
    assert answer.status == 200, answer.body
    return np.asarray(Image.open(io.BytesIO(answer.body)))


@pytest.mark.parametrize("path", ["/wadouri", "/wadouri/"])
@pytest.mark.parametrize("place", [PLACE, CT, f"studyUID={ROOT}.1&{CT}", f"seriesUID={ROOT}.1.1&{CT}"])
def test_the_object_uid_alone_is_enough(door: Door, path: str, place: str) -> None:
    answer = door.get(f"{path}?requestType=WADO&{place}&contentType=application/dicom")
    assert (answer.status, answer.headers["Content-Type"], answer.body) == (200, "application/dicom", SLICE)


@pytest.mark.parametrize(
    ("content_type", "media_type"),
    [
        ("image/jpeg", "image/jpeg"),
        ("image/jpg", "image/jpeg"),
        ("image/png", "image/png"),
        ("image/gif", "image/gif"),
        ("image%2Fpng", "image/png"),
    ],
)
def test_a_picture_says_what_it_is(door: Door, content_type: str, media_type: str) -> None:
    answer = asked(door, f"{CT}&contentType={content_type}")
    assert answer.headers["Content-Type"] == media_type
    assert seen(answer).shape[:2] == (64, 64)


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, "image/jpeg"),
        ("*/*", "image/jpeg"),
        ("image/jpeg", "image/jpeg"),
        ("image/avif,image/webp,image/apng,image/*,*/*;q=0.8", "image/jpeg"),
        ("image/png", "image/png"),
        ("application/dicom", "application/dicom"),
        ("text/html", "image/jpeg"),
    ],
)
def test_without_content_type_the_accept_header_counts(door: Door, accept: str | None, media_type: str) -> None:
    assert asked(door, CT, accept).headers["Content-Type"] == media_type


@pytest.mark.parametrize("content_type", ["text/html", "*/*", "image/jpeg,image/png", "Application/DICOM", "", "a/b"])
def test_another_content_type_is_400(door: Door, content_type: str) -> None:
    answer = asked(door, f"{CT}&contentType={content_type}")
    assert answer.status == 400
    assert "Unsupported content type" in answer.json()["Details"]


@pytest.mark.parametrize(
    "path",
    [
        "/wadouri",
        f"/wadouri?{CT}",
        f"/wadouri?requestType=wado&{CT}",
        "/wadouri?requestType=WADO",
        "/wadouri?requestType=WADO&objectUID=1.2.3",
        f"/wadouri?requestType=WADO&studyUID=1.2.3&{CT}",
        f"/wadouri?requestType=WADO&seriesUID=1.2.3&{CT}",
    ],
)
def test_what_there_is_not_is_404(door: Door, path: str) -> None:
    answer = door.get(path)
    assert answer.status == 404
    assert (answer.json()["OrthancStatus"], answer.json()["Uri"]) == (17, "/wadouri")


def test_pictures_are_windowed_as_the_file_says(door: Door) -> None:
    expected = np.clip((PIXELS - 1024.0 - 39.5) / 399 + 0.5, 0, 1) * 255
    assert abs(seen(asked(door, f"{CT}&contentType=image/png")) - expected).max() <= 1


def test_a_window_of_the_request_counts_before_the_files(door: Door) -> None:
    query = f"{CT}&contentType=image/png&windowCenter=0&windowWidth=1000"
    expected = np.clip((PIXELS - 1024.0 + 0.5) / 999 + 0.5, 0, 1) * 255
    assert abs(seen(asked(door, query)) - expected).max() <= 1


@pytest.mark.parametrize(
    ("query", "shape"),
    [
        ("rows=16", (16, 16)),
        ("columns=32", (32, 32)),
        ("rows=16&columns=64", (16, 16)),
        ("region=0,0,0.5,0.25", (16, 32)),
        ("region=0.5,0.5,1,1&rows=8", (8, 8)),
    ],
)
def test_size_and_region_are_those_asked_for(door: Door, query: str, shape: tuple[int, int]) -> None:
    assert seen(asked(door, f"{CT}&contentType=image/png&{query}")).shape == shape


def test_a_frame_is_chosen_by_its_number(door: Door) -> None:
    query = f"{MULTI}&contentType=image/png&windowCenter=128&windowWidth=256&frameNumber="
    third = seen(asked(door, query + "3"))
    assert abs(third.reshape(-1).astype(int) - np.frombuffer(FRAMES[2], "u1")).max() <= 1
    assert asked(door, query + "4").status == 400


def test_image_quality_is_that_of_the_jpeg(door: Door) -> None:
    query = f"objectUID={ROOT}.3.1.1&imageQuality="
    assert len(asked(door, query + "5").body) < len(asked(door, query + "100").body)


@pytest.mark.parametrize(
    "query",
    [
        "frameNumber=0",
        "frameNumber=a",
        "rows=-1",
        "columns=99999999999",
        "imageQuality=101",
        "windowCenter=a&windowWidth=5",
        "windowCenter=0&windowWidth=0",
        "windowCenter=nan&windowWidth=inf",
        "region=0,0,1",
        "region=0.5,0,0.4,1",
        "region=0,0,2,2",
        "region=nan,0,1,1",
    ],
)
def test_a_malformed_parameter_is_400(door: Door, query: str) -> None:
    assert asked(door, f"{CT}&{query}").status == 400


@pytest.mark.parametrize("uid", ["1.2.840.10008.1.2.5", "1.2.840.10008.1.2", "1.2.840.10008.1.2.4.90"])
def test_an_object_is_put_in_the_syntax_asked_for(door: Door, uid: str) -> None:
    answer = asked(door, f"{CT}&contentType=application/dicom&transferSyntax={uid}")
    assert pydicom.dcmread(io.BytesIO(answer.body)).file_meta.TransferSyntaxUID == uid


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2.1", "1.2.840.10008.1.2", "1.2.840.10008.1.2.5"])
def test_an_object_is_anonymized_on_request(door: Door, syntax: str) -> None:
    answer = asked(door, f"{CT}&contentType=application/dicom&anonymize=yes&transferSyntax={syntax}")
    found, stored = pydicom.dcmread(io.BytesIO(answer.body)), pydicom.dcmread(io.BytesIO(SLICE))
    assert found.file_meta.TransferSyntaxUID == syntax
    assert found.PatientIdentityRemoved == "YES"
    assert (found.PatientName, found.SOPInstanceUID == stored.SOPInstanceUID) == ("", False)
    assert np.array_equal(found.pixel_array, stored.pixel_array)


@pytest.mark.parametrize("value", ["no", "", "YES"])
def test_anonymize_has_one_value(door: Door, value: str) -> None:
    assert asked(door, f"{CT}&contentType=application/dicom&anonymize={value}").status == 400


@pytest.mark.parametrize("uid", ["*", "1.2.3", "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.1"])
def test_without_a_way_into_a_syntax_the_object_goes_out_as_it_is(door: Door, uid: str) -> None:
    assert asked(door, f"{CT}&contentType=application/dicom&transferSyntax={uid}").body == SLICE


def test_compressed_objects_go_out_as_they_came(door: Door) -> None:
    assert asked(door, f"objectUID={ROOT}.3.1.1&contentType=application/dicom").body == PHOTOGRAPH


def test_an_object_without_pixels_is_no_picture(door: Door) -> None:
    assert asked(door, SR).status == 400
    assert asked(door, f"{SR}&contentType=application/dicom").status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_another_method_is_405(door: Door, method: str) -> None:
    answer = door.request(method, f"/wadouri?requestType=WADO&{CT}")
    assert (answer.status, answer.body) == (405, b"")


def test_head_answers_without_a_body(door: Door) -> None:
    answer = door.request("HEAD", f"/wadouri?requestType=WADO&{CT}&contentType=application/dicom")
    assert (answer.status, answer.headers["Content-Type"], answer.body) == (200, "application/dicom", b"")


@pytest.mark.parametrize("root", ["/dicomweb", "/dicomweb/", "/dicom-web"])
def test_the_root_of_dicomweb_answers_too_as_the_javascript_client_asks(door: Door, root: str) -> None:
    query = f"requestType=WADO&{PLACE}&contentType=application/dicom&transferSyntax=*"
    answer = door.get(f"{root}?{query}")
    assert (answer.status, answer.body) == (200, SLICE)
    refused = door.get(root)
    assert (refused.status, refused.json()["OrthancStatus"]) == (404, 17)
    assert door.request("OPTIONS", root).status == 200


@pytest.mark.parametrize(
    ("asked_for", "used", "codec"),
    [
        ("", "utf-8", "utf-8"),
        ("&charset=ISO-8859-1", "ISO-8859-1", "latin-1"),
        ("&charset=none-such,shift_jis;q=0.5", "shift_jis", "shift_jis"),
        ("&charset=utf-16", "utf-8", "utf-8"),
        ("&charset=rot13", "utf-8", "utf-8"),
    ],
)
@pytest.mark.parametrize("content_type", ["text/html", "text/plain"])
def test_a_report_comes_as_text_in_the_charset_asked_for(
    door: Door, content_type: str, asked_for: str, used: str, codec: str
) -> None:
    answer = asked(door, f"{SR}&contentType={content_type}{asked_for}")
    assert (answer.status, answer.headers["Content-Type"]) == (200, f"{content_type}; charset={used}")
    assert "Doe" in answer.body.decode(codec)


@pytest.mark.parametrize("content_type", ["text/html", "text/plain"])
def test_an_image_is_no_text(door: Door, content_type: str) -> None:
    assert asked(door, f"{CT}&contentType={content_type}").status == 400


def test_an_image_of_8_bits_without_a_window_is_shown_as_it_is(door: Door) -> None:
    shown = seen(asked(door, f"{MULTI}&contentType=image/png"))
    assert np.array_equal(shown, np.frombuffer(FRAMES[0], np.uint8).reshape(shown.shape) * 255.0 // 256)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("presentationUID=1.2", 400),
        ("presentationSeriesUID=1.2", 400),
        ("presentationUID=1.2&presentationSeriesUID=1.3", 404),
        (f"presentationUID={ROOT}.4.1.1&presentationSeriesUID={ROOT}.4.1", 400),
        (f"presentationUID={STATE}&presentationSeriesUID={ROOT}.6.1&region=0,0,1,1", 400),
        (f"presentationUID={STATE}&presentationSeriesUID={ROOT}.6.2", 404),
    ],
)
def test_a_presentation_state_has_to_be_there_and_for_that_image(door: Door, query: str, status: int) -> None:
    assert asked(door, f"{CT}&contentType=image/png&{query}").status == status


def test_a_presentation_state_arranges_the_image(door: Door) -> None:
    state = f"presentationUID={STATE}&presentationSeriesUID={ROOT}.6.1"
    arranged = seen(asked(door, f"{CT}&contentType=image/png&{state}"))
    plain = seen(asked(door, f"{CT}&contentType=image/png&windowCenter=1000&windowWidth=2000"))
    assert np.array_equal(arranged, np.fliplr(255 - plain))
