"""`fhantom seed download`, against a server of this machine that breaks in every way."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from datasets.stands import Stand, Told, standing
from fhantom.cli import main
from fhantom.datasets.catalogue import DATASETS
from fhantom.datasets.downloading import Unavailable, WrongContent, fetch
from fhantom.datasets.downloads import REMOTES, Remote

CONTENT = bytes(range(256)) * 2000


class OneFile(Stand):
    """The same content at every address."""

    def __init__(self) -> None:
        super().__init__()
        self.content = CONTENT
        self.cuts: list[int] = []
        self.tells_length = True
        self.etag = ""

    def answer(self, path: str) -> Told:
        return Told(self.content, self.etag, self.tells_length, self.cuts.pop(0) if self.cuts else None)


@pytest.fixture
def stand() -> Iterator[OneFile]:
    with standing(OneFile()) as stand:
        yield stand


def remote(stand: OneFile, **more: object) -> Remote:
    return Remote("file.bin", f"{stand.url}/file.bin", "a file", **more)  # type: ignore[arg-type]


def fetched(stand: OneFile, folder: Path, **more: object) -> Path:
    return fetch(remote(stand, **more), folder, lambda done, of: None, pause=0)


def test_a_file_comes_whole(stand: OneFile, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    path = fetch(remote(stand), tmp_path / "new", lambda done, of: told.append((done, of)), pause=0)
    assert path.read_bytes() == CONTENT
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert [one.name for one in path.parent.iterdir()] == ["file.bin"]


def test_a_file_that_is_there_is_not_asked_for(stand: OneFile, tmp_path: Path) -> None:
    (tmp_path / "file.bin").write_bytes(b"mine")
    assert fetched(stand, tmp_path).read_bytes() == b"mine"
    assert stand.ranges == []


def test_a_cut_connection_goes_on_from_where_it_was_cut(stand: OneFile, tmp_path: Path) -> None:
    stand.cuts = [1000, 5000]
    assert fetched(stand, tmp_path).read_bytes() == CONTENT
    assert stand.ranges == ["", "bytes=1000-", "bytes=6000-"]


def test_an_earlier_attempt_is_gone_on_with(stand: OneFile, tmp_path: Path) -> None:
    (tmp_path / "file.bin.part").write_bytes(CONTENT[:777])
    assert fetched(stand, tmp_path).read_bytes() == CONTENT
    assert stand.ranges == ["bytes=777-"]


def test_a_part_that_was_whole_needs_nothing_more(stand: OneFile, tmp_path: Path) -> None:
    (tmp_path / "file.bin.part").write_bytes(CONTENT)
    assert fetched(stand, tmp_path, size=len(CONTENT)).read_bytes() == CONTENT


def test_a_server_without_ranges_begins_anew(stand: OneFile, tmp_path: Path) -> None:
    stand.knows_ranges, stand.cuts = False, [1000]
    assert fetched(stand, tmp_path).read_bytes() == CONTENT


def test_another_file_by_now_begins_anew(stand: OneFile, tmp_path: Path) -> None:
    stand.etag, stand.cuts = '"one"', [1000]
    with pytest.raises(KeyboardInterrupt):
        fetch(remote(stand), tmp_path, _interrupt, pause=0)
    stand.content, stand.etag = CONTENT[::-1], '"two"'
    assert fetched(stand, tmp_path).read_bytes() == CONTENT[::-1]


def _interrupt(done: int, of: int) -> None:
    raise KeyboardInterrupt


def test_a_busy_server_is_asked_again(stand: OneFile, tmp_path: Path) -> None:
    stand.statuses = [503, 500]
    assert fetched(stand, tmp_path).read_bytes() == CONTENT


def test_a_server_that_never_recovers_is_given_up(stand: OneFile, tmp_path: Path) -> None:
    stand.statuses = [503] * 20
    with pytest.raises(Unavailable, match="cannot be reached"):
        fetched(stand, tmp_path)
    assert len(stand.ranges) == 8


def test_a_file_that_is_not_there_is_told_at_once(stand: OneFile, tmp_path: Path) -> None:
    stand.statuses = [404]
    with pytest.raises(Unavailable, match="answers 404"):
        fetched(stand, tmp_path)
    assert len(stand.ranges) == 1


@pytest.mark.parametrize(
    ("size", "digest", "etag", "reason"),
    [
        (1, "", "", "bytes, not 1"),
        (None, f"sha256:{'0' * 64}", "", "its sha256 is"),
        (None, "", f'"{"0" * 32}"', "its md5 is"),
    ],
    ids=["size", "digest", "ETag of S3"],
)
def test_wrong_content_is_thrown_away(
    stand: OneFile, tmp_path: Path, size: int | None, digest: str, etag: str, reason: str
) -> None:
    stand.etag = etag
    with pytest.raises(WrongContent, match=reason):
        fetched(stand, tmp_path, size=size, digest=digest)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("etag", ["", '"abc-7"', "md5"], ids=["none", "of several parts", "md5"])
def test_right_content_is_kept(stand: OneFile, tmp_path: Path, etag: str) -> None:
    md5 = hashlib.md5(CONTENT, usedforsecurity=False).hexdigest()
    stand.etag = f'"{md5}"' if etag == "md5" else etag
    digest = f"sha256:{hashlib.sha256(CONTENT).hexdigest()}"
    assert fetched(stand, tmp_path, size=len(CONTENT), digest=digest).exists()


def test_without_a_network_that_is_said_and_what_came_is_kept(tmp_path: Path) -> None:
    (tmp_path / "file.bin.part").write_bytes(b"half")
    nowhere = Remote("file.bin", "http://127.0.0.1:9/file.bin", "a file")
    with pytest.raises(Unavailable, match=r"no network.*4 bytes are here already"):
        fetch(nowhere, tmp_path, lambda done, of: None, pause=0)
    assert (tmp_path / "file.bin.part").read_bytes() == b"half"


def test_the_command_fetches_and_says_how_to_go_on(
    stand: OneFile, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = ["seed", "download", "isic", "--to", str(tmp_path), "--mirror", stand.url]
    assert main([*wanted, "--file", "ISIC_2020_Test_Metadata.csv"]) == 0
    assert (tmp_path / "ISIC_2020_Test_Metadata.csv").read_bytes() == CONTENT
    assert capsys.readouterr().out.endswith(f"fhantom seed isic --from {tmp_path}\n")


def test_the_command_says_what_is_wrong(stand: OneFile, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stand.statuses = [404]
    assert main(["seed", "download", "coherent", "--to", str(tmp_path), "--mirror", stand.url]) == 1
    assert main(["seed", "download", "coherent", "--file", "other.zip"]) == 1
    told = capsys.readouterr().err
    assert "answers 404" in told and "no file other.zip" in told and "Traceback" not in told


def test_addresses_are_listed_as_untried(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["seed", "download", "isic", "--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(REMOTES["isic"])
    assert all("https://" in line and "(untried)" in line for line in lines)


def test_only_known_data_sets_are_fetched() -> None:
    assert REMOTES.keys() <= DATASETS.keys()
    assert all(any(one.is_wanted for one in remotes) for remotes in REMOTES.values())
