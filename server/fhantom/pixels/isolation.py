"""Codecs that end or hang the process on broken input, kept in a process of their own.

The child is started when it is first needed and ends with its parent, whose pipe it reads. A frame that it
does not answer in time, or that ends it, is unreadable; the next one gets a new child.
"""

from __future__ import annotations

import atexit
import json
import struct
import subprocess
import sys
from dataclasses import asdict, replace
from threading import Lock, Timer
from typing import IO, TYPE_CHECKING, Any

from fhantom.dicom.pixel_layout import PixelLayout
from fhantom.pixels.errors import NoCodec, UnreadablePixels

if TYPE_CHECKING:
    from numpy.typing import NDArray

SECONDS = 10.0
_PREFIX = struct.Struct("<II")  # lengths of the JSON head and of the bytes that follow it


def write_message(stream: IO[bytes], head: dict[str, Any], body: bytes) -> None:
    """Send a JSON object and some bytes."""
    text = json.dumps(head).encode()
    stream.write(_PREFIX.pack(len(text), len(body)))
    stream.write(text)
    stream.write(body)
    stream.flush()


def read_message(stream: IO[bytes]) -> tuple[dict[str, Any], bytes]:
    """Receive them. EOFError if the other side has gone."""
    head_length, body_length = _PREFIX.unpack(_exactly(stream, _PREFIX.size))
    head: dict[str, Any] = json.loads(_exactly(stream, head_length))
    return head, _exactly(stream, body_length)


def _exactly(stream: IO[bytes], length: int) -> bytes:
    data = stream.read(length)
    if len(data) < length:
        raise EOFError
    return data


class CodecProcess:
    """The child, and the one conversation that it holds at a time."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._child: subprocess.Popen[bytes] | None = None

    def decode(self, layout: PixelLayout, data: bytes) -> tuple[NDArray[Any], str]:
        """The samples of a frame and their photometric interpretation.

        Raises:
            UnreadablePixels: it cannot be decoded, or not in time.
            NoCodec: the child has no codec for it.
        """
        import numpy

        bare = asdict(replace(layout, frames=(), first_bits=()))
        head = {**bare, "transfer_syntax": layout.transfer_syntax.uid}
        try:
            found, body = self._ask(head, data)
        except (EOFError, BrokenPipeError):
            raise UnreadablePixels(f"the codec of {layout.transfer_syntax.name} gave up on a frame") from None
        if "missing" in found:
            raise NoCodec(found["missing"])
        if "error" in found:
            raise UnreadablePixels(found["error"])
        samples = numpy.frombuffer(body, found["dtype"]).reshape(found["shape"])
        return samples, found["photometric_interpretation"]

    def _ask(self, head: dict[str, Any], data: bytes) -> tuple[dict[str, Any], bytes]:
        with self._lock:
            child = self._running()
            assert child.stdin is not None and child.stdout is not None
            timer = Timer(SECONDS, child.kill)
            timer.start()
            try:
                write_message(child.stdin, head, data)
                return read_message(child.stdout)
            except (EOFError, BrokenPipeError):
                self._end()
                raise
            finally:
                timer.cancel()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is None:
            self._child = subprocess.Popen(
                [sys.executable, "-m", "fhantom.pixels.codec_process"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        return self._child

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.communicate()

    def close(self) -> None:
        """End the child, if there is one."""
        with self._lock:
            self._end()


CODECS = CodecProcess()
atexit.register(CODECS.close)
