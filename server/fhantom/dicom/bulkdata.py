"""Values by tag path: `7FE00010`, `54000100/1/54001010` (items count from 1; PS3.18 leaves the form to the server)."""

from __future__ import annotations

from fhantom.dicom.dataset import Dataset, Element

Path = tuple[int, ...]
"""Tag, item, tag, item, ..., tag."""


def parse_path(text: str) -> Path:
    """Tags in hex (any case) or keywords, items from 1.

    Raises:
        NoSuchElement: the text is not such a path.
    """
    ...


def locate(dataset: Dataset, path: Path) -> tuple[Dataset, Element]:
    """The element that a path leads to, and the data set that holds it.

    Raises:
        NoSuchElement: there is none.
    """
    ...


def pieces(dataset: Dataset, element: Element) -> tuple[memoryview, ...]:
    """The value's bytes in little endian: one piece, or one a fragment (without the offset table)."""
    ...
