"""Where the files of series can be had: in IDC's buckets, or as zips of TCIA's NBIA.

Of no address here has anybody seen an answer: each is as its makers publish it.
"""

from __future__ import annotations

import hashlib
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode
from xml.etree import ElementTree

from fhantom.datasets.downloads import Remote
from fhantom.datasets.tcia.manifests import digests_of

# IDC's user guide, "Organization of data in AWS and GCP buckets": what Google's mirrors are called at Amazon
_AMAZON = {"idc-open-cr": "idc-open-data-cr", "idc-open-idc1": "idc-open-data-two"}
# "NBIA Search REST API Guide" of TCIA's wiki, getImageWithMD5Hash
_NBIA = "https://services.cancerimagingarchive.net/nbia-api/services/v1/getImageWithMD5Hash"
_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*")
_MD5 = re.compile(r'"?([0-9a-f]{32})"?')  # of an object that was sent in one part
_DIGESTS = "md5hashes.csv"


class Unreadable(Exception):
    """A list of files is none; the message is for the user."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where one series can be had.

    Attributes:
        bucket, folder: of Amazon's S3, empty for a series that is asked of NBIA.
        series_instance_uid: empty for one of which only the folder is known.
    """

    bucket: str = ""
    folder: str = ""
    series_instance_uid: str = ""

    @property
    def name(self) -> str:
        """What it is called below the folder that it comes to."""
        return self.folder or f"{self.series_instance_uid}.zip"

    @property
    def address(self) -> str:
        """Where it is, for people."""
        return f"s3://{self.bucket}/{self.folder}/" if self.bucket else zip_of(self).url


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of the files in a folder of a bucket, and what asks for the next one, empty at the last."""

    files: Sequence[Remote]
    next_token: str


def zip_of(place: Place) -> Remote:
    """The zip that NBIA makes of a series, with the digests of its files in it."""
    query = urlencode({"SeriesInstanceUID": place.series_instance_uid})
    return Remote(f"{place.series_instance_uid}.zip", f"{_NBIA}?{query}", "a series", flaw=flaw_of_zip)


def page_of(place: Place, token: str = "") -> Remote:
    """The answer of S3's ListObjectsV2 about the place's folder."""
    query = {"list-type": "2", "prefix": f"{place.folder}/", **({"continuation-token": token} if token else {})}
    return Remote("listing.xml", f"{_bucket_url(place)}?{urlencode(query)}", "a list of files")


def listing_of(place: Place, page: bytes) -> Listing:
    """The files that such an answer names. Raises Unreadable."""
    try:
        found = ElementTree.fromstring(page)
    except ElementTree.ParseError as error:
        raise Unreadable(f"the list of the files of {place.name} is no XML: {error}") from None
    if not found.tag.endswith("ListBucketResult"):
        raise Unreadable(f"instead of a list of the files of {place.name} comes {found.tag.rsplit('}')[-1]}")
    files = [_remote(place, told) for told in _children(found, "Contents")]
    return Listing([file for file in files if file is not None], _text(found, "NextContinuationToken"))


def _remote(place: Place, told: ElementTree.Element) -> Remote | None:
    """A file; None for what stands for a folder, or would lead out of it."""
    key, size, digest = _text(told, "Key"), _text(told, "Size"), _MD5.fullmatch(_text(told, "ETag"))
    name = key.rsplit("/", 1)[-1]
    if not _NAME.fullmatch(name):
        return None
    url = f"{_bucket_url(place)}{quote(key)}"
    whole = int(size) if size.isdecimal() else None
    return Remote(f"{place.folder}/{name}", url, "", whole, f"md5:{digest[1]}" if digest else "")


def flaw_of_zip(path: Path) -> str:
    """What is wrong with a zip of NBIA: it breaks off, or a file in it has another digest than its list says."""
    if not path.stat().st_size:
        return "it is empty, as NBIA answers for a series that it does not have"
    try:
        with zipfile.ZipFile(path) as archive:
            digests = _digests(archive)
            for member in archive.namelist():
                found = hashlib.md5(archive.read(member), usedforsecurity=False).hexdigest()
                if digests.get(member.rsplit("/", 1)[-1], found) != found:
                    return f"{member} in it is not what {_DIGESTS} says"
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError) as error:
        return f"it is no whole zip ({error})"
    return ""


def _digests(archive: zipfile.ZipFile) -> dict[str, str]:
    lists = (name for name in archive.namelist() if name.rsplit("/", 1)[-1] == _DIGESTS)
    return {name: digest for one in lists for name, digest in digests_of(archive.read(one).decode()).items()}


def amazon(bucket: str) -> str:
    """The bucket at Amazon that has what Google's mirror of it has."""
    return _AMAZON.get(bucket, bucket)


def _bucket_url(place: Place) -> str:
    return f"https://{amazon(place.bucket)}.s3.amazonaws.com/"


def _children(element: ElementTree.Element, name: str) -> Iterator[ElementTree.Element]:
    """By the name without the namespace, which S3's copies elsewhere leave out."""
    return (child for child in element if child.tag.rsplit("}", 1)[-1] == name)


def _text(element: ElementTree.Element, name: str) -> str:
    return next((child.text or "" for child in _children(element, name)), "")


def distinct(places: Iterable[Place]) -> list[Place]:
    """Each place once, in order."""
    return list({place.name: place for place in places}.values())
