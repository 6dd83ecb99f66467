"""`fhantom seed download tcia` and `idc`, against a stand-in of IDC's buckets and of NBIA that cuts and lies."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from datasets.loads import count, load, records
from datasets.stands import Stand, Told, standing
from fhantom.cli import main
from fhantom.datasets import downloading
from fhantom.datasets.catalogue import DATASETS
from fhantom.datasets.idc import sample as idc_sample
from fhantom.datasets.samples import make_sample
from fhantom.datasets.series import fetching, places
from fhantom.datasets.series.making import files_of
from fhantom.datasets.series.places import Place
from fhantom.datasets.series.rows import row_of
from fhantom.site import Site

FOLDER = "28621ba9-1aca-4aab-a2a1-f6d2c3e2ab19"
_PAGE = 2  # files of one answer about a folder


def md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


class Buckets(Stand):
    """What can be fetched by path or, of NBIA, by series; and how it goes wrong."""

    def __init__(self) -> None:
        super().__init__()
        self.files: dict[str, bytes] = {}
        self.zips: dict[str, bytes] = {}
        self.digests: dict[str, str] = {}
        self.cuts: dict[str, int] = {}
        self.listing: bytes | None = None

    def answer(self, path: str) -> Told | None:
        place = urlsplit(path)
        query = {name: values[0] for name, values in parse_qs(place.query).items()}
        if "list-type" in query:
            told = self._listed(query["prefix"], int(query.get("continuation-token", "0")))
            return Told(told if self.listing is None else self.listing)
        if "SeriesInstanceUID" in query:  # NBIA makes its zips as it sends them, and tells no length
            return Told(self.zips.get(query["SeriesInstanceUID"], b""), tells_length=False)
        name = place.path.removeprefix("/")
        if name not in self.files:
            return None
        etag = f'"{self.digests.get(name, md5(self.files[name]))}"'
        return Told(self.files[name], etag, cut=self.cuts.pop(place.path, None))

    def _listed(self, prefix: str, at: int) -> bytes:
        names = sorted(name for name in self.files if name.startswith(prefix))
        rows = "".join(
            f"<Contents><Key>{name}</Key><Size>{len(self.files[name])}</Size>"
            f"<ETag>&quot;{self.digests.get(name, md5(self.files[name]))}&quot;</ETag></Contents>"
            for name in names[at : at + _PAGE]
        )
        more = f"<NextContinuationToken>{at + _PAGE}</NextContinuationToken>" if at + _PAGE < len(names) else ""
        space = "http://s3.amazonaws.com/doc/2006-03-01/"
        return f'<ListBucketResult xmlns="{space}">{rows}{more}</ListBucketResult>'.encode()


@pytest.fixture
def stand() -> Iterator[Buckets]:
    with standing(Buckets()) as stand:
        yield stand


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without pauses between attempts, and without an index that happens to be installed."""
    monkeypatch.setattr(downloading.time, "sleep", lambda seconds: None)
    monkeypatch.setattr(fetching, "installed", lambda: None)


def manifest(folder: Path, *lines: str, name: str = "some.s5cmd") -> str:
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


def zip_of(files: dict[str, bytes], digests: dict[str, str] | None = None) -> bytes:
    packed = io.BytesIO()
    told = {name: md5(content) for name, content in files.items()} if digests is None else digests
    table = "".join(f"{name},{digest}\n" for name, digest in told.items())
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in {**files, "LICENSE": b"CC BY 3.0", "md5hashes.csv": table.encode()}.items():
            archive.writestr(name, content)
    return packed.getvalue()


def test_series_of_a_manifest_come_from_their_bucket_and_load(site: Site, stand: Buckets, tmp_path: Path) -> None:
    sample = make_sample(DATASETS["idc"], tmp_path / "sample")
    row = row_of(idc_sample.rows()[0])
    stand.files = {f"{row.crdc_series_uuid}/{at}.dcm": content for at, content in enumerate(files_of(row))}
    told = manifest(tmp_path, "study_manifest_cp_command", f"cp s3://idc-open-data/{row.crdc_series_uuid}/* .")
    to = str(tmp_path / "to")
    assert main(["seed", "download", "idc", "--from", told, "--to", to, "--mirror", stand.url]) == 0
    assert {path.name for path in Path(to, row.crdc_series_uuid).iterdir()} == {"0.dcm", "1.dcm", "2.dcm"}
    assert count(load(site, "idc", Path(to)), "DICOM") == len(records(site)) == 3
    assert (sample / "all.s5cmd").exists()


def test_what_was_cut_goes_on_and_what_is_here_is_not_asked_for(stand: Buckets, tmp_path: Path) -> None:
    stand.files = {f"{FOLDER}/{name}.dcm": bytes(1000) for name in "abc"}
    stand.cuts = {f"/{FOLDER}/b.dcm": 400}
    order = ["seed", "download", "idc", "--from", manifest(tmp_path, f"cp s3://idc-open-data/{FOLDER}/* .")]
    order += ["--to", str(tmp_path), "--mirror", stand.url]
    assert main(order) == 0
    assert [path.stat().st_size for path in sorted((tmp_path / FOLDER).iterdir())] == [1000] * 3
    assert stand.asked.count(f"/{FOLDER}/b.dcm") == 2
    stand.asked.clear()
    assert main(order) == 0
    assert not [path for path in stand.asked if path.endswith(".dcm")]


def test_a_wrong_digest_spoils_its_own_series_only(
    stand: Buckets, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = FOLDER.replace("2", "3")
    stand.files = {f"{folder}/a.dcm": bytes(1000) for folder in (FOLDER, other)}
    stand.digests = {f"{FOLDER}/a.dcm": "0" * 32}
    lines = [f"cp s3://idc-open-data/{folder}/* ." for folder in (FOLDER, other)]
    order = ["seed", "download", "idc", "--from", manifest(tmp_path, *lines), "--to", str(tmp_path)]
    assert main([*order, "--mirror", stand.url]) == 1
    told = capsys.readouterr()
    assert "its md5 is" in told.out and "1 of 2 series did not come" in told.err
    assert not list((tmp_path / FOLDER).iterdir())
    assert (tmp_path / other / "a.dcm").exists()


@pytest.mark.parametrize(
    ("listing", "said"),
    [
        (b"<ListBucketResult/>", "there is nothing at s3://idc-open-data/"),
        (b"<ListBucketResult><Contents>", "no XML"),
        (b"<html/>", "comes html"),
    ],
    ids=["empty", "broken off", "a page"],
)
def test_a_list_that_is_none_is_told(
    stand: Buckets, tmp_path: Path, capsys: pytest.CaptureFixture[str], listing: bytes, said: str
) -> None:
    stand.listing = listing
    order = ["seed", "download", "idc", "--from", manifest(tmp_path, f"cp s3://idc-open-data/{FOLDER}/* .")]
    assert main([*order, "--to", str(tmp_path), "--mirror", stand.url]) == 1
    told = capsys.readouterr()
    assert said in told.out and "Traceback" not in told.err


def test_a_listed_name_cannot_lead_out_of_the_folder() -> None:
    page = "<ListBucketResult>" + "".join(
        f"<Contents><Key>{key}</Key><Size>1</Size></Contents>"
        for key in (f"{FOLDER}/..", f"{FOLDER}/", f"{FOLDER}/.hidden", f"{FOLDER}/../../x.dcm")
    )
    found = places.listing_of(Place("idc-open-data", FOLDER), f"{page}</ListBucketResult>".encode())
    assert [file.name for file in found.files] == [f"{FOLDER}/x.dcm"]


@pytest.mark.parametrize(
    ("bucket", "host"),
    [
        ("idc-open-data", "idc-open-data."),
        ("idc-open-cr", "idc-open-data-cr."),
        ("idc-open-idc1", "idc-open-data-two."),
    ],
)
def test_buckets_of_googles_mirrors_are_asked_for_at_amazon(bucket: str, host: str) -> None:
    assert places.page_of(Place(bucket, FOLDER)).url.startswith(f"https://{host}s3.amazonaws.com/?list-type=2")


def test_series_of_tcia_that_no_index_knows_come_as_zips_of_nbia_and_load(
    site: Site, stand: Buckets, tmp_path: Path
) -> None:
    row = row_of(idc_sample.rows()[0])
    stand.zips = {row.series_instance_uid: zip_of({f"1-{at}.dcm": content for at, content in enumerate(files_of(row))})}
    told = manifest(tmp_path, "ListOfSeriesToDownload=", row.series_instance_uid, name="some.tcia")
    to = str(tmp_path / "to")
    assert main(["seed", "download", "tcia", "--from", told, "--to", to, "--mirror", stand.url]) == 0
    assert stand.asked[0].startswith("/nbia-api/services/v1/getImageWithMD5Hash?SeriesInstanceUID=")
    assert count(load(site, "tcia", Path(to)), "DICOM") == 3


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "it is empty"),
        (zip_of({"1-1.dcm": bytes(900)})[:700], "no whole zip"),
        (zip_of({"1-1.dcm": bytes(900)}, {"1-1.dcm": "0" * 32}), "is not what md5hashes.csv says"),
    ],
    ids=["series that NBIA lacks", "broken off", "wrong digest"],
)
def test_a_zip_that_is_not_whole_is_thrown_away(
    stand: Buckets, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, said: str
) -> None:
    uid = "1.3.6.1.4.1.14519.5.2.1.1"
    stand.zips = {uid: content}
    told = manifest(tmp_path, "ListOfSeriesToDownload=", uid, name="some.tcia")
    to = tmp_path / "to"
    assert main(["seed", "download", "tcia", "--from", told, "--to", str(to), "--mirror", stand.url]) == 1
    assert said in capsys.readouterr().out
    assert not list(to.iterdir())


def test_a_table_with_buckets_needs_no_index(tmp_path: Path) -> None:
    make_sample(DATASETS["idc"], tmp_path)
    found = fetching.places_named(tmp_path / "idc_index.csv", lambda *told: None)
    assert [place.folder for place in found] == [row["crdc_series_uuid"] for row in idc_sample.rows()]


def test_genuine_manifests_name_their_series(shared: Path) -> None:
    samples = shared / "samples"
    assert len(fetching.places_named(samples / "idc" / "study_manifest_aws.s5cmd", lambda *told: None)) == 3
    listed = fetching.places_named(samples / "tcia" / "sample_manifest.tcia", lambda *told: None)
    assert (len(listed), {place.bucket for place in listed}) == (13, {""})


def test_what_would_be_fetched_can_be_listed_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_sample(DATASETS["idc"], tmp_path)
    order = ["seed", "download", "idc", "--from", str(tmp_path / "all.s5cmd"), "--list", "--limit", "2"]
    assert main(order) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2 and all("s3://idc-open-data/" in line and "(untried)" in line for line in lines)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ([], "--from, a manifest or a table"),
        (["--from", "nowhere.tcia"], "is no manifest"),
        (["--from", "{empty}"], "names no series"),
        (["--from", "{empty}", "--limit", "0"], "at least 1"),
        (["--from", "{empty}", "--mirror", "ftp://x"], "--mirror is an address"),
    ],
    ids=["nothing named", "no file", "empty manifest", "no limit", "no address"],
)
def test_wrong_orders_are_told_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], more: list[str], said: str
) -> None:
    empty = manifest(tmp_path, "ListOfSeriesToDownload=", name="empty.tcia")
    assert main(["seed", "download", "tcia", *(word.format(empty=empty) for word in more)]) == 1
    told = capsys.readouterr().err
    assert said in told and "Traceback" not in told and len(told.splitlines()) == 1


def test_without_a_network_the_first_series_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = manifest(tmp_path, f"cp s3://idc-open-data/{FOLDER}/* .")
    order = ["seed", "download", "idc", "--from", told, "--to", str(tmp_path), "--mirror", "http://127.0.0.1:9"]
    assert main(order) == 1
    assert "there is no network, or 127.0.0.1 cannot be reached" in capsys.readouterr().err
