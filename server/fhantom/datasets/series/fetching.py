"""Fetching the files of series, which a manifest or a table names, into a folder that the loader reads."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from fhantom.datasets.downloading import Told, WrongContent, fetch
from fhantom.datasets.downloads import Remote
from fhantom.datasets.idc.manifests import folders_of
from fhantom.datasets.job import Unusable
from fhantom.datasets.pieces import piece_of_file
from fhantom.datasets.series import places
from fhantom.datasets.series.files import is_alone
from fhantom.datasets.series.index import installed
from fhantom.datasets.series.places import Place
from fhantom.datasets.series.rows import Note, SeriesRow, rows_of
from fhantom.datasets.tcia.manifests import series_of

Redirect = Callable[[Remote], Remote]
"""Where a file is asked for instead."""


class Fetched(NamedTuple):
    """What of a series is on the disk now."""

    files: int
    size: int


def places_named(source: Path, note: Note) -> list[Place]:
    """Where the series are that a manifest or a table names: in a bucket of IDC if the table or the installed index
    tells of one, else NBIA is asked.

    Raises:
        Unusable: it names none.
    """
    if not is_alone(source):
        raise Unusable(f"{source} is no manifest (.tcia, .s5cmd) and no table of series (CSV, JSON)")
    try:
        text = source.read_text("utf-8-sig", "replace")
    except OSError as error:
        raise Unusable(f"{source} cannot be read: {error.strerror or error}") from None
    if folders := folders_of(text):
        return places.distinct(Place(bucket, folder) for bucket, folder in folders)
    listed = series_of(text)
    rows = [] if listed is not None else rows_of(note, piece_of_file(source, source.name)) or []
    if not (listed or rows):
        raise Unusable(f"{source} names no series")
    known = {row.series_instance_uid: row for row in rows}
    absent = [uid for uid in listed or known if uid not in known or not known[uid].bucket]
    index = installed() if absent else None
    told = known | {row.series_instance_uid: row for row in (index.series(absent) if index else ())}
    return places.distinct(_place(uid, told.get(uid)) for uid in listed or known)


def _place(series_instance_uid: str, row: SeriesRow | None) -> Place:
    if row is None or not (row.bucket and row.crdc_series_uuid):
        return Place(series_instance_uid=series_instance_uid)
    return Place(row.bucket, row.crdc_series_uuid, series_instance_uid)


def fetch_series(place: Place, folder: Path, told: Told, redirect: Redirect = lambda remote: remote) -> Fetched:
    """Fetch what is not here yet of a series; a file that is here is not asked for again.

    Raises:
        Unavailable, WrongContent, OSError: as `fetch` does.
    """
    if not place.bucket:
        path = fetch(redirect(places.zip_of(place)), folder, told)
        return Fetched(1, path.stat().st_size)
    files = _listed(place, redirect)
    if not files:
        raise WrongContent(f"there is nothing at {place.address}")
    of, done = sum(file.size or 0 for file in files), 0
    for file in files:
        fetch(redirect(file), folder, lambda here, whole, before=done: told(before + here, of))  # type: ignore[misc]
        done += (folder / file.name).stat().st_size
        told(done, of)
    return Fetched(len(files), done)


def _listed(place: Place, redirect: Redirect) -> list[Remote]:
    files: list[Remote] = []
    token = ""
    while True:
        with tempfile.TemporaryDirectory(prefix="fhantom-listing-") as scratch:
            page = fetch(redirect(places.page_of(place, token)), Path(scratch), lambda here, of: None).read_bytes()
        try:
            listing = places.listing_of(place, page)
        except places.Unreadable as error:
            raise WrongContent(str(error)) from None
        files += listing.files
        token = listing.next_token
        if not token:
            return files
