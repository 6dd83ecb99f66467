"""The embedded seed of fhantom: ten made-up patients in FHIR R5 and R4, with their images in DICOM.

Reading (`open_seed`) needs the standard library only. Making the seed again (`python -m
fhantom_seed.generate`) needs the tools of the extra `seed`.
"""

from fhantom_seed.reading import Seed, open_seed

__all__ = ["Seed", "open_seed"]
