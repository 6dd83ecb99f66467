"""The child of `fhantom.pixels.isolation`: reads frames from its input, writes samples to its output."""

from __future__ import annotations

import os
import sys
from typing import Any

from fhantom.dicom.pixel_layout import PixelLayout
from fhantom.dicom.syntaxes import transfer_syntax
from fhantom.pixels.codecs import decode_here
from fhantom.pixels.errors import NoCodec, UnreadablePixels
from fhantom.pixels.isolation import read_message, write_message


def main() -> None:
    """Answer one frame after the other, until the parent closes the pipe."""
    # What a codec prints must not get between the answers.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    while True:
        try:
            head, data = read_message(sys.stdin.buffer)
        except EOFError:
            return
        write_message(answers, *_answer(head, data))


def _answer(head: dict[str, Any], data: bytes) -> tuple[dict[str, Any], bytes]:
    import numpy

    head["transfer_syntax"] = transfer_syntax(head["transfer_syntax"])
    layout = PixelLayout(**{**head, "frames": (), "first_bits": ()})
    try:
        samples, interpretation = decode_here(layout, data)
    except NoCodec as error:
        return {"missing": error.message}, b""
    except UnreadablePixels as error:
        return {"error": error.message}, b""
    found = {
        "dtype": samples.dtype.str,
        "shape": samples.shape,
        "photometric_interpretation": interpretation,
    }
    return found, numpy.ascontiguousarray(samples).tobytes()


if __name__ == "__main__":
    main()
