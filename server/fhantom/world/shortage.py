"""Telling a disk without room from other trouble, however SQLite and the system put it."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import OperationalError

from fhantom.errors import StorageFull

_NUMBERS = (errno.ENOSPC, errno.EDQUOT)
# "disk I/O error" is what SQLite says when it finds no room for the index of a write-ahead log.
_WORDS = ("disk is full", "disk I/O error")


def is_shortage(error: BaseException) -> bool:
    """Whether the error says that there is no room left."""
    if isinstance(error, StorageFull):
        return True
    if isinstance(error, OperationalError):
        return error.orig is not None and is_shortage(error.orig)
    if isinstance(error, sqlite3.OperationalError):
        return any(words in str(error) for words in _WORDS)
    return isinstance(error, OSError) and error.errno in _NUMBERS


@contextmanager
def shortage_told() -> Iterator[None]:
    """Raise StorageFull in place of whatever else says so."""
    try:
        yield
    except (OSError, sqlite3.OperationalError, OperationalError) as error:
        if is_shortage(error):
            raise StorageFull("no space left to store it") from error
        raise
