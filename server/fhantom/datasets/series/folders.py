"""What folders say of the series in them: a LICENSE beside or above the files, and the collection in the path."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import PurePosixPath

from fhantom.datasets.pieces import Piece, Unfit, read
from fhantom.datasets.series.files import collection_of, header
from fhantom.datasets.series.index import Index
from fhantom.datasets.series.rows import SeriesRow
from fhantom.datasets.series.telling import Known

_PATIENT_ID = 0x00100020
_NAMED = re.compile(r"(CC BY[-A-Z]* \d\.\d|Creative Commons Attribution[- A-Za-z]* \d\.\d)")
_ADDRESS = re.compile(r"https?://creativecommons\.org/licenses/[a-z-]+/\d\.\d/?", re.IGNORECASE)
_DOI = re.compile(r"\b10\.\d{4,9}/[^\s\"'<>,;)]+[^\s\"'<>,;).]")


def knowledge(
    rows: Iterable[SeriesRow], objects: Sequence[Piece], licences: Sequence[Piece], index: Index | None
) -> Callable[[list[str]], Known]:
    """What is known of studies, best last: folders, the installed index, the tables of the source."""
    told = {row.series_instance_uid: row for row in rows}
    of_folders = {row.series_instance_uid: row for row in _of_folders(objects, licences, told)}

    def known(studies: list[str]) -> Known:
        unknown = studies if of_folders else []
        of_index = index.of_studies(unknown) if index is not None and unknown else []
        return {**of_folders, **{row.series_instance_uid: row for row in of_index}, **told}

    return known


def _of_folders(objects: Sequence[Piece], licences: Sequence[Piece], told: Known) -> Iterable[SeriesRow]:
    """A row for each folder whose series no table tells of; all layouts have a folder a series."""
    texts = {PurePosixPath(piece.name).parent: _text(piece) for piece in licences}
    first = {PurePosixPath(piece.name).parent: piece for piece in reversed(objects)}
    for folder, piece in first.items():
        file = header(piece)
        if file is None or file.series_instance_uid in told:
            continue
        licence = next((texts[place] for place in (folder, *folder.parents) if place in texts), "")
        address, name, doi = _ADDRESS.search(licence), _NAMED.search(licence), _DOI.search(licence)
        yield SeriesRow(
            file.series_instance_uid,
            file.study_instance_uid,
            file.dataset.text(_PATIENT_ID),
            collection_of(piece, file),
            licence=name[0] if name else "",
            licence_url=address[0] if address else "",
            doi=doi[0] if doi else "",
        )


def _text(piece: Piece) -> str:
    try:
        return " ".join(read(piece).decode("utf-8", "replace").split())
    except Unfit:
        return ""
