"""Of which pixels the recorded Orthanc makes a picture."""

from __future__ import annotations

from fhantom.dicom.pixel_layout import PixelLayout
from fhantom.dicom.syntaxes import IMPLICIT_VR_LITTLE_ENDIAN


def is_drawn(layout: PixelLayout) -> bool:
    """Whether it has a format for such samples; JPEG 2000 is a matter of its decoders."""
    syntax = layout.transfer_syntax
    if layout.photometric_interpretation == "PALETTE COLOR":
        # In implicit VR the descriptors of palettes have no VR that it could settle on.
        return layout.bits_allocated <= 8 and syntax.uid != IMPLICIT_VR_LITTLE_ENDIAN
    if layout.samples_per_pixel > 1:
        return layout.bits_allocated <= 8 and (syntax.encapsulated or layout.photometric_interpretation == "RGB")
    return layout.bits_allocated <= 16 and not (layout.bits_allocated == 8 and layout.pixel_representation == 1)
