"""Where the data sets can be had. Of no address has anybody here seen an answer: each is as its makers publish it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_ISIC = "https://isic-challenge-data.s3.amazonaws.com/2020/"
_COHERENT = "https://synthea-open-data.s3.amazonaws.com/coherent/"
_GITHUB = "https://github.com/ImagingInformatics/"


@dataclass(frozen=True, slots=True)
class Remote:
    """A file to be had.

    Attributes:
        name: below the folder that it comes to.
        size: in bytes, None if only the server knows.
        digest: `sha256:` or `md5:` and hexadecimal digits, empty if none was published.
        about: what it is and how large, for people.
        is_wanted: whether it is fetched unless others are named.
        flaw: says what is wrong with the file that came, empty if nothing is.
    """

    name: str
    url: str
    about: str
    size: int | None = None
    digest: str = ""
    is_wanted: bool = True
    flaw: Callable[[Path], str] = lambda path: ""


def _isic(name: str, about: str, *, is_wanted: bool = False) -> Remote:
    return Remote(name, _ISIC + name, about, is_wanted=is_wanted)


# https://github.com/ImagingInformatics, registry.opendata.aws/synthea-coherent-data, challenge.isic-archive.com/data
REMOTES: dict[str, tuple[Remote, ...]] = {
    "siim": (
        Remote("hackathon-dataset.zip", f"{_GITHUB}hackathon-dataset/archive/refs/heads/master.zip", "FHIR R5"),
        Remote(
            "hackathon-dataset-r4.zip",
            f"{_GITHUB}hackathon-dataset/archive/refs/heads/fhir-r4.zip",
            "FHIR R4",
            is_wanted=False,
        ),
        Remote(
            "hackathon-images.zip",
            f"{_GITHUB}hackathon-images/archive/refs/heads/master.zip",
            "images, some GB",
            is_wanted=False,
        ),
    ),
    "coherent": (Remote("coherent-11-07-2022.zip", f"{_COHERENT}coherent-11-07-2022.zip", "all of it, 9 GB"),),
    "isic": (
        _isic("ISIC_2020_Training_GroundTruth_v2.csv", "lines with lesions, 2 MB", is_wanted=True),
        _isic("ISIC_2020_Training_Duplicates.csv", "425 pairs of copies", is_wanted=True),
        _isic("ISIC_2020_Test_Metadata.csv", "lines of the test images, 458 KB", is_wanted=True),
        _isic("ISIC_2020_Training_JPEG.zip", "33,126 images, 23 GB"),
        _isic("ISIC_2020_Test_JPEG.zip", "10,982 images, 6.7 GB"),
        _isic("ISIC_2020_Train_DICOM_corrected.zip", "the same as DICOM, 23 GB"),
        _isic("ISIC_2020_Test_DICOM_corrected.zip", "the same as DICOM, 6.7 GB"),
    ),
}
