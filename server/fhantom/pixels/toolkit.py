"""pydicom's codecs, imported when the first of them is needed, and by one thread.

pydicom's modules import each other in a circle: a thread that comes while another is in it would meet half of one.
"""

from __future__ import annotations

import threading
from typing import Any

_IMPORTING = threading.Lock()
PYLIBJPEG = threading.Lock()
"""Held while a codec of pylibjpeg works.

The binding of OpenJPEG calls Python in the middle of its work, where another thread may enter it, too, and the process
does not survive that. Otherwise it keeps the interpreter to itself, so that nobody has to wait longer than before.
"""


def decoder_of(transfer_syntax_uid: str) -> Any:
    """pydicom's decoder. Raises ImportError without pydicom."""
    with _IMPORTING:
        from pydicom.pixels.decoders.base import get_decoder

        return get_decoder(transfer_syntax_uid)


def encoder_of(transfer_syntax_uid: str) -> Any:
    """pydicom's encoder. Raises ImportError without pydicom."""
    with _IMPORTING:
        from pydicom.pixels.encoders.base import get_encoder

        return get_encoder(transfer_syntax_uid)


def encapsulated(data: bytes) -> bytes:
    """One fragment as encapsulated pixel data (PS3.5 A.4). Raises ImportError without pydicom."""
    with _IMPORTING:
        from pydicom.encaps import encapsulate
    found: bytes = encapsulate([data])
    return found
