"""Which data sets there are, their terms of use, and where their code is. Light, since `--help` imports it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


class UnknownDataset(Exception):
    """There is no data set of that name."""


@dataclass(frozen=True, slots=True)
class Option:
    """One flag of one loader; it reaches the loader as `job.options[name]`.

    Attributes:
        choices: what its value can be; without any, and without `metavar`, it is a switch.
    """

    flag: str
    help: str
    choices: tuple[str, ...] = ()
    metavar: str = ""
    default: Any = None

    @property
    def name(self) -> str:
        """`keep_headers` of `--keep-headers`."""
        return self.flag.removeprefix("--").replace("-", "_")


@dataclass(frozen=True, slots=True)
class Dataset:
    """A data set that fhantom can load.

    Attributes:
        name: what the user calls it.
        accepts: what `--from` may be, as half a sentence.
        counts: what `--limit` counts.
        licence, licence_url, attribution: of the whole; a loader adds others where they differ within.
        page: where its makers describe it; kept as `meta.source`.
        loader: `module:function`, called with a `fhantom.datasets.job.Job`.
        sampler: `module:function`, called with an empty folder, into which it writes the sample; empty if it has none.
        installed: `module:function` that says where a package has put what is loaded without `--from`; empty if none.
    """

    name: str
    title: str
    accepts: str
    counts: str
    licence: str
    licence_url: str
    attribution: str
    page: str
    loader: str
    sampler: str
    options: tuple[Option, ...] = field(default=())
    installed: str = ""


CC_BY_4 = "https://creativecommons.org/licenses/by/4.0/"
CC_BY_NC_4 = "https://creativecommons.org/licenses/by-nc/4.0/"

_SIIM = Dataset(
    name="siim",
    title="SIIM hackathon data set",
    accepts="a clone of ImagingInformatics/hackathon-dataset, branch master or fhir-r4, or its zip",
    counts="patients",
    licence="MIT",  # LICENSE of the repository; the images have terms of their own, named in its README
    licence_url="https://opensource.org/license/mit",
    attribution="(c) 2015 Society of Imaging Informatics in Medicine; images of TCIA, ISIC, DICOM WG-26 and others",
    page="https://github.com/ImagingInformatics/hackathon-dataset",
    loader="fhantom.datasets.siim.loading:load",
    sampler="fhantom.datasets.siim.sample:make",
    options=(
        Option("--release", "the FHIR version of the files (default: seen from them)", choices=("R5", "R4")),
        Option("--no-convert", "leave the other FHIR version empty instead of converting into it"),
    ),
)

_COHERENT = Dataset(
    name="coherent",
    title="Coherent Data Set",
    accepts="its folder, or coherent-11-07-2022.zip as it was downloaded",
    counts="patients, those with images first",
    licence="CC BY 4.0",  # README of the zip; MITRE Public Release 21-1917
    licence_url=CC_BY_4,
    attribution="(c) 2021 The MITRE Corporation; Walonoski J et al., Electronics 2022, 11(8):1199",
    page="https://doi.org/10.3390/electronics11081199",
    loader="fhantom.datasets.coherent.loading:load",
    sampler="fhantom.datasets.coherent.sample:make",
    options=(
        Option("--versions", "FHIR versions to fill; R5 is converted", choices=("both", "R4", "R5"), default="both"),
        Option("--skip-claims", "leave out Claim and ExplanationOfBenefit, about a quarter of all"),
        Option("--keep-original-headers", "store DICOM as it is, with its wrong names and repeated UIDs"),
    ),
)

_ISIC = Dataset(
    name="isic",
    title="SIIM-ISIC Melanoma Classification 2020",
    accepts="a folder or zip with the CSV and any of the images, JPEG or DICOM; or the CSV alone",
    counts="images, some of every diagnosis",
    licence="CC BY-NC 4.0",
    licence_url=CC_BY_NC_4,
    attribution=(
        "(c) ISDIS 2020, doi 10.34970/2020-ds01: Hospital Clinic de Barcelona, Medical University of Vienna, Memorial"
        " Sloan Kettering Cancer Center, Melanoma Institute Australia, University of Queensland, University of Athens"
        " Medical School; Rotemberg V et al., Sci Data 8:34 (2021)"
    ),
    page="https://doi.org/10.34970/2020-ds01",
    loader="fhantom.datasets.isic.loading:load",
    sampler="fhantom.datasets.isic.sample:make",
    options=(
        Option("--csv", "a CSV that lies elsewhere", metavar="FILE"),
        Option(
            "--sop",
            "what a JPEG becomes: VL Photographic (XC) or Dermoscopic Photography (DMS)",
            choices=("photographic", "dermoscopic"),
            default="photographic",
        ),
        Option("--keep-duplicates", "load also what the list of duplicates calls a copy"),
    ),
)

_TCIA = Dataset(
    name="tcia",
    title="The Cancer Imaging Archive",
    accepts="a folder of the NBIA Data Retriever, a zip, a .tcia manifest, or a table of series (CSV, JSON)",
    counts="studies",
    licence="as each collection says",
    licence_url="https://www.cancerimagingarchive.net/data-usage-policies-and-restrictions/",
    attribution="each collection by its DOI, and Clark K et al., J Digit Imaging 2013;26(6):1045-57",
    page="https://www.cancerimagingarchive.net/",
    loader="fhantom.datasets.tcia.loading:load",
    sampler="fhantom.datasets.tcia.sample:make",
)

_IDC = Dataset(
    name="idc",
    title="NCI Imaging Data Commons",
    accepts="a downloaded folder, a zip, an .s5cmd manifest, or a table of series (CSV, JSON, NDJSON, parquet);"
    " default: the installed index, of the extra fhantom[idc]",
    counts="studies",
    licence="as each series says",
    licence_url="https://portal.imaging.datacommons.cancer.gov/",
    attribution="each series by its DOI, and Fedorov A et al., Radiographics 2023;43(12)",
    page="https://portal.imaging.datacommons.cancer.gov/",
    loader="fhantom.datasets.idc.loading:load",
    sampler="fhantom.datasets.idc.sample:make",
    options=(
        Option("--collection", "only these collections, by commas", metavar="NAME"),
        Option("--modality", "only series of these modalities, by commas", metavar="CODE"),
        Option("--patient", "only these Patient IDs, by commas", metavar="ID"),
        Option("--study", "only these studies, by commas", metavar="UID"),
        Option("--series", "only these series, by commas", metavar="UID"),
        Option("--where", "an SQL condition over the columns of idc_index", metavar="SQL"),
        Option("--write-manifest", "write what is chosen as an s5cmd manifest, and load nothing", metavar="FILE"),
        Option("--index-only", "studies without pixels only: leave DICOM files unread"),
    ),
    installed="fhantom.datasets.series.index:installed_parquet",
)

DATASETS: dict[str, Dataset] = {dataset.name: dataset for dataset in (_SIIM, _COHERENT, _ISIC, _TCIA, _IDC)}

FOLDER = Dataset(
    name="folder",
    title="Seed folder",
    accepts="a folder that `fhantom seed export` or `fhantom seed make` has written",
    counts="objects with images",
    licence="as its manifest says",
    licence_url="",
    attribution="whom its manifest names",
    page="",
    loader="fhantom.datasets.folder.loading:load",
    sampler="fhantom.datasets.making.making:sample",
)
"""No data set of its own: whatever a world held."""

FHIR = Dataset(
    name="fhir",
    title="FHIR files",
    accepts="a folder of Bundles as Synthea writes them, NDJSON as a bulk export does, or single resources",
    counts="files, of NDJSON megabytes",
    licence="as its makers say",
    licence_url="",
    attribution="whom they name",
    page="",
    loader="fhantom.datasets.fhir_files:load",
    sampler="",
    options=(Option("--release", "the FHIR version of the files", choices=("R4", "R5"), default="R4"),),
)
"""No data set of its own either: any resources, by any number."""

FOLDERS = (FOLDER, FHIR)
"""What is loaded by the same manners, and has no sample."""


def dataset_named(name: str) -> Dataset:
    """The data set that a user calls `name`. Raises UnknownDataset."""
    try:
        return DATASETS[name]
    except KeyError:
        raise UnknownDataset(f"there is no data set {name!r}: it is one of {', '.join(DATASETS)}") from None
