"""Codecs are imported when they are first needed, also when several threads need them at once."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import threading

from fhantom.pixels import toolkit

WORK = (
    lambda: toolkit.decoder_of("1.2.840.10008.1.2.4.90"),
    lambda: toolkit.encapsulated(b"ab"),
    lambda: toolkit.encoder_of("1.2.840.10008.1.2.5"),
)
gate, failures = threading.Barrier(9), []

def run(number):
    gate.wait()
    try:
        WORK[number % 3]()
    except Exception as error:
        failures.append(repr(error))

threads = [threading.Thread(target=run, args=(number,)) for number in range(9)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(failures)
"""


def test_threads_that_need_their_first_codec_at_once_all_get_it() -> None:
    done = [
        subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True).stdout
        for _ in range(3)
    ]
    assert done == ["[]\n"] * 3
