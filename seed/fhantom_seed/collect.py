"""`python -m fhantom_seed.collect --from CLONE`: take the true SOPInstanceUIDs from the published files.

Writes facts/instances.tsv and facts/selections.tsv: only identifiers, for the images that facts/series.tsv
embeds. Where the published list has no instance numbers, an image's number is its place in the list.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fhantom_seed import facts

FOLDER = Path(__file__).with_name("facts")


def published(clone: Path, resource_type: str) -> Iterator[dict[str, Any]]:
    """Every resource of one type in a clone of the hackathon-dataset repository, in path order."""
    for path in sorted(clone.glob("siim_*/**/*.json")):
        resource = json.loads(path.read_text("utf-8"))
        if resource["resourceType"] == resource_type:
            yield resource


def listed_instances(clone: Path) -> dict[tuple[str, int], str]:
    """(SeriesInstanceUID, number) -> SOPInstanceUID of all ImagingStudies that list their instances."""
    known: dict[tuple[str, int], str] = {}
    for study in published(clone, "ImagingStudy"):
        for series in study.get("series", []):
            for place, instance in enumerate(series.get("instance", []), start=1):
                known.setdefault((series["uid"], instance.get("number", place)), instance["uid"])
    return known


def selection_rows(clone: Path) -> Iterator[tuple[dict[str, Any], str, int, int]]:
    """ImagingSelections with the id of their study, and the series and image number that their name holds."""
    embedded = {series.study for series in facts.series()}
    ids = {study.uid: study.id for study in facts.studies() if study.id in embedded}
    for selection in published(clone, "ImagingSelection"):
        series_number, image_number = selection["identifier"][0]["value"].rsplit(".", 2)[1:]
        yield selection, ids[selection["studyUid"]], int(series_number), int(image_number)


def write(name: str, header: str, lines: list[str]) -> None:
    (FOLDER / f"{name}.tsv").write_text("\n".join([header, *lines]) + "\n", "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--from", dest="clone", type=Path, required=True, help="a clone of hackathon-dataset")
    clone: Path = parser.parse_args().clone
    known = listed_instances(clone)
    lines = []
    for selection, study, series, image in selection_rows(clone):
        known.setdefault((selection["seriesUid"], image), selection["instance"][0]["uid"])
        frame = selection["frameOfReferenceUid"]
        lines.append("\t".join([selection["id"], study, str(series), str(image), frame]))
    write("selections", "id\tstudy\tseries\timage\tframe_of_reference_uid", lines)
    wanted = [(series.uid, image) for series in facts.series() for image in series.images]
    write(
        "instances",
        "series_instance_uid\tnumber\tsop_instance_uid",
        [f"{uid}\t{image}\t{known[uid, image]}" for uid, image in wanted if (uid, image) in known],
    )


if __name__ == "__main__":
    main()
