"""Which maker makes which recipe of facts/series.tsv."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from fhantom_seed.making import (
    breast,
    documents,
    papers,
    photographs,
    planes,
    projections,
    segmentation,
    slides,
    structure_set,
    tomography,
)
from fhantom_seed.plan import PlannedSeries, PlannedStudy

Maker = Callable[[PlannedStudy, PlannedSeries], Iterator[bytes]]

MAKERS: dict[str, Maker] = {
    **dict.fromkeys(planes.STACKS, planes.make_stack),
    "scout": projections.make_scout,
    "cr-chest": projections.make_cr,
    "nm-body": projections.make_nm,
    "nm-static": projections.make_nm,
    "nm-capture": projections.make_nm,
    "mg": breast.make_mg,
    "mg-specimen": breast.make_mg,
    "mr-t1": breast.make_mr,
    "mr-stir": breast.make_mr,
    "skin": photographs.make_skin,
    "fundus-right": photographs.make_fundus,
    "fundus-left": photographs.make_fundus,
    "infrared-right": photographs.make_fundus,
    "infrared-left": photographs.make_fundus,
    "us-cine": photographs.make_ultrasound,
    "us-still": photographs.make_ultrasound,
    "video": photographs.make_video,
    "opt-right": tomography.make_opt,
    "opt-left": tomography.make_opt,
    "opt-lines-right": tomography.make_opt,
    "opt-lines-left": tomography.make_opt,
    "opt-edema": tomography.make_opt,
    "slide": slides.make_slide,
    "slide-all": slides.make_slide,
    "slide-cover": slides.make_slide,
    "seg": segmentation.make_seg,
    "rtstruct": structure_set.make_rtstruct,
    "sr": documents.make_sr,
    "ko": documents.make_ko,
    "pr": documents.make_pr,
    "pdf": papers.make_pdf,
    "ecg": papers.make_ecg,
}
