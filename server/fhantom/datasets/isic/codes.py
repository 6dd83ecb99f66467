"""The words of the CSV in terminologies. A word that no code was confirmed for has none: text says it as well.

SNOMED CT codes: site and lesion as in PS3.16 CID 4029 and CID 4405 where these have them.
"""

from __future__ import annotations

from typing import NamedTuple

from fhantom.bridge.body_sites import SNOMED
from fhantom.bridge.mapping import Resource


class Code(NamedTuple):
    """A concept of SNOMED CT."""

    code: str
    display: str


SKIN = Code("39937001", "Skin structure")
LESION = Code("95324001", "Skin lesion")
DERMOSCOPY = Code("446078004", "Dermoscopy photography")

# anatom_site_general_challenge -> body structure; of two parts in one word only what both are
SITES: dict[str, Code] = {
    "torso": Code("22943007", "Trunk structure"),
    "lower extremity": Code("371304004", "Skin of lower extremity"),
    "upper extremity": Code("371311000", "Skin of upper extremity"),
    "head/neck": Code("774007", "Head and neck structure"),
    "palms/soles": SKIN,
    "oral/genital": SKIN,
}

UNPAIRED = frozenset({"head/neck"})  # sites that have no left and right

# diagnosis -> what was found; the other words of the set (lichenoid keratosis, solar lentigo, cafe-au-lait macule,
# atypical melanocytic proliferation, unknown) stay text
DIAGNOSES: dict[str, Code] = {
    "melanoma": Code("93655004", "Malignant melanoma of skin"),
    "nevus": Code("400010006", "Melanocytic naevus of skin"),
    "seborrheic keratosis": Code("25499005", "Seborrheic keratosis"),  # a morphology
    "lentigo NOS": Code("767376003", "Lentigo"),  # a morphology
}

# Of these only a disorder may be a Condition: the set calls a lesion malignant once it was examined under a microscope.
DISORDERS = frozenset({"melanoma"})

GENDERS = {"male": "M", "female": "F"}  # sex -> Patient's Sex (0010,0040), PS3.3 C.7.1.1


def concept(code: Code | None, text: str) -> Resource:
    """A CodeableConcept with the word of the CSV as its text."""
    coding = [{"system": SNOMED, "code": code.code, "display": code.display}] if code else []
    return {**({"coding": coding} if coding else {}), "text": text}
