"""Every method that Python's dicomweb-client has, over a socket and in process."""

from __future__ import annotations

import inspect
import io
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pydicom
import pytest
import requests
from dicomweb_client.api import DICOMwebClient
from PIL import Image

from dicomweb.wado_samples import FRAMES, PIXELS, ct, jpeg, multi_frame, report, store
from doors import listening
from fhantom.app import create_app
from fhantom.settings import BUILT_IN_KEY
from fhantom.site import Site
from fhantom.testing.requests_adapter import AppAdapter
from instances import ROOT

ONE = (f"{ROOT}.1", f"{ROOT}.1.1", f"{ROOT}.1.1.1")
MULTI = (f"{ROOT}.2", f"{ROOT}.2.1", f"{ROOT}.2.1.1")
JPEG = (f"{ROOT}.3", f"{ROOT}.3.1", f"{ROOT}.3.1.1")
REPORT = (f"{ROOT}.4", f"{ROOT}.4.1", f"{ROOT}.4.1.1")
EXPLICIT, ANY = "1.2.840.10008.1.2.1", "*"


@pytest.fixture(scope="module", params=["in process", "socket"])
def connect(request: pytest.FixtureRequest, module_site: Site) -> Iterator[Callable[[], DICOMwebClient]]:
    """Makes clients of a server that holds a few objects."""
    store(module_site.worlds.open(), ct(1), ct(2), ct(3), multi_frame(), jpeg(), report())
    app, headers = create_app(module_site), {"apikey": BUILT_IN_KEY}
    if request.param == "socket":
        with listening(app) as socket:
            yield lambda: DICOMwebClient(f"{socket.origin}/dicomweb", headers=headers)
    else:
        with requests.Session() as session:
            session.mount("http://testserver/", AppAdapter(app))
            session.headers.update(headers)
            yield lambda: DICOMwebClient("http://testserver/dicomweb", session=session)


@pytest.fixture
def client(connect: Callable[[], DICOMwebClient]) -> DICOMwebClient:
    return connect()


def test_a_study_is_retrieved_whole_and_piece_by_piece(client: DICOMwebClient) -> None:
    whole = client.retrieve_study(ONE[0])
    assert [found.SOPInstanceUID for found in whole] == [f"{ROOT}.1.1.{number}" for number in (1, 2, 3)]
    assert [found.SOPInstanceUID for found in client.iter_study(ONE[0])] == [found.SOPInstanceUID for found in whole]


def test_a_series_is_retrieved_whole_and_piece_by_piece(client: DICOMwebClient) -> None:
    assert len(client.retrieve_series(*ONE[:2])) == 3
    assert len(list(client.iter_series(*ONE[:2], media_types=(("application/dicom", ANY),)))) == 3


@pytest.mark.parametrize("syntax", [None, EXPLICIT, ANY, "1.2.840.10008.1.2.5"])
def test_an_instance_is_retrieved_in_the_syntax_asked_for(client: DICOMwebClient, syntax: str | None) -> None:
    media_types = None if syntax is None else (("application/dicom", syntax),)
    found = client.retrieve_instance(*ONE, media_types=media_types)
    assert np.array_equal(found.pixel_array, PIXELS)


def test_metadata_is_retrieved_at_every_level(client: DICOMwebClient) -> None:
    study, series = client.retrieve_study_metadata(ONE[0]), client.retrieve_series_metadata(*ONE[:2])
    instance = client.retrieve_instance_metadata(*ONE)
    assert study == series
    assert study[0] == instance
    dataset = pydicom.Dataset.from_json(
        instance, bulk_data_uri_handler=lambda uri: bytes(client.retrieve_bulkdata(uri)[0])
    )
    assert dataset.PixelData == PIXELS.tobytes()


def test_bulk_data_is_retrieved_by_its_reference(client: DICOMwebClient) -> None:
    uri = client.retrieve_instance_metadata(*REPORT)["00420011"]["BulkDataURI"]
    assert client.retrieve_bulkdata(uri) == [b"%PDF-1.4"]
    assert list(client.iter_bulkdata(uri)) == [b"%PDF-1.4"]
    assert client.retrieve_bulkdata(uri, media_types=("application/octet-stream",)) == [b"%PDF-1.4"]


@pytest.mark.parametrize(
    "media_types",
    [
        None,
        ("application/octet-stream",),
        (("application/octet-stream", EXPLICIT),),
        (("application/octet-stream", ANY),),
        (("image/jpeg", "1.2.840.10008.1.2.4.50"), ("application/octet-stream", EXPLICIT)),
    ],
)
def test_frames_are_retrieved_in_their_order(
    client: DICOMwebClient, media_types: tuple[str | tuple[str, str], ...] | None
) -> None:
    [frame] = client.retrieve_instance_frames(*ONE, frame_numbers=[1], media_types=media_types)
    assert frame == PIXELS.tobytes()
    assert list(client.iter_instance_frames(*MULTI, frame_numbers=[3, 1])) == [FRAMES[2], FRAMES[0]]


def test_a_compressed_frame_is_retrieved_as_it_is(client: DICOMwebClient) -> None:
    media_types = (("image/jpeg", "1.2.840.10008.1.2.4.50"),)
    [frame] = client.retrieve_instance_frames(*JPEG, frame_numbers=[1], media_types=media_types)
    assert Image.open(io.BytesIO(frame)).size == (40, 48)


@pytest.mark.parametrize("media_type", ["image/jpeg", "image/png", "image/gif"])
def test_pictures_are_retrieved(client: DICOMwebClient, media_type: str) -> None:
    whole = client.retrieve_instance_rendered(*ONE, media_types=(media_type,))
    frame = client.retrieve_instance_frames_rendered(*ONE, frame_numbers=[1], media_types=(media_type,))
    assert whole == frame
    assert Image.open(io.BytesIO(whole)).format == media_type.removeprefix("image/").upper()


def test_the_parameters_of_a_picture_are_taken(client: DICOMwebClient) -> None:
    parameters = {"quality": 50, "window": (40, 400, "linear"), "viewport": (32, 32)}
    found = client.retrieve_instance_rendered(*ONE, media_types=("image/jpeg",), params=parameters)
    assert Image.open(io.BytesIO(found)).size == (32, 32)


def test_what_a_search_finds_can_be_retrieved(client: DICOMwebClient) -> None:
    for study in client.search_for_studies(get_remaining=True, limit=2):
        [study_uid] = study["0020000D"]["Value"]
        for series in client.search_for_series(study_uid):
            [series_uid] = series["0020000E"]["Value"]
            for instance in client.search_for_instances(study_uid, series_uid):
                [sop_uid] = instance["00080018"]["Value"]
                assert client.retrieve_instance(study_uid, series_uid, sop_uid).SOPInstanceUID == sop_uid


def count(found: Any) -> int:
    return len(list(found))


# What each method finds; those that only set the client up come with a call that needs what they set.
CALLS: dict[str, Callable[[DICOMwebClient], object]] = {
    "iter_bulkdata": lambda it: count(
        it.iter_bulkdata(it.retrieve_instance_metadata(*REPORT)["00420011"]["BulkDataURI"])
    ),
    "iter_instance_frames": lambda it: count(it.iter_instance_frames(*MULTI, frame_numbers=[2])),
    "iter_series": lambda it: count(it.iter_series(*ONE[:2])) // 3,
    "iter_study": lambda it: count(it.iter_study(ONE[0])) // 3,
    "lookup_keyword": lambda it: it.lookup_keyword("00100020") == "PatientID",
    "lookup_tag": lambda it: it.lookup_tag("PatientID") == "00100020",
    "retrieve_bulkdata": lambda it: count(
        it.retrieve_bulkdata(it.retrieve_instance_metadata(*ONE)["7FE00010"]["BulkDataURI"], byte_range=(0, 3))
    ),
    "retrieve_instance": lambda it: it.retrieve_instance(*ONE).SOPInstanceUID == ONE[2],
    "retrieve_instance_frames": lambda it: count(it.retrieve_instance_frames(*MULTI, frame_numbers=[1])),
    "retrieve_instance_frames_rendered": lambda it: kind(it.retrieve_instance_frames_rendered(*ONE, [1])) == "JPEG",
    "retrieve_instance_metadata": lambda it: it.retrieve_instance_metadata(*ONE)["00080018"]["Value"] == [ONE[2]],
    "retrieve_instance_rendered": lambda it: kind(it.retrieve_instance_rendered(*ONE)) == "JPEG",
    "retrieve_series": lambda it: count(it.retrieve_series(*ONE[:2], media_types=("application/dicom",))) // 3,
    "retrieve_series_metadata": lambda it: count(it.retrieve_series_metadata(*ONE[:2])) // 3,
    "retrieve_series_rendered": lambda it: kind(it.retrieve_series_rendered(*ONE[:2], ("image/png",))) == "PNG",
    "retrieve_study": lambda it: count(it.retrieve_study(ONE[0])) // 3,
    "retrieve_study_metadata": lambda it: count(it.retrieve_study_metadata(ONE[0])) // 3,
    "search_for_instances": lambda it: count(it.search_for_instances(*ONE[:2], fields=["Rows"], limit=1)),
    "search_for_series": lambda it: count(it.search_for_series(ONE[0], offset=0)),
    "search_for_studies": lambda it: count(it.search_for_studies(search_filters={"StudyInstanceUID": ONE[0]})),
    "set_chunk_size": lambda it: it.set_chunk_size(1000) or count(it.iter_instance_frames(*MULTI, frame_numbers=[1])),
    "set_http_retry_params": lambda it: it.set_http_retry_params(retry=False) or count(it.search_for_series(ONE[0])),
    "store_instances": lambda it: count(it.store_instances([it.retrieve_instance(*ONE)]).ReferencedSOPSequence),
}
DELETIONS = {"delete_instance": ONE, "delete_series": ONE[:2], "delete_study": ONE[:1]}


def kind(picture: bytes) -> str | None:
    return Image.open(io.BytesIO(picture)).format


def test_no_method_of_the_client_is_left_out() -> None:
    methods = {name for name, _ in inspect.getmembers(DICOMwebClient, inspect.isfunction) if not name.startswith("_")}
    assert methods == CALLS.keys() | DELETIONS.keys()


@pytest.mark.parametrize("name", CALLS)
def test_every_method_finds_the_one_thing_that_it_asks_for(client: DICOMwebClient, name: str) -> None:
    assert CALLS[name](client) == 1


@pytest.mark.parametrize("name", DELETIONS)
def test_deletions_are_refused_as_the_real_server_refuses_them(client: DICOMwebClient, name: str) -> None:
    with pytest.raises(requests.HTTPError, match="405"):
        getattr(client, name)(*DELETIONS[name])
