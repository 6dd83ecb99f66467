"""How far a long job is."""

from __future__ import annotations

import io

from fhantom.cli.progress import Bar


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_sees_one_bar_per_kind() -> None:
    terminal = Terminal()
    bar = Bar(terminal)
    for kind, of in (("FHIR", 2), ("DICOM", 3)):
        for done in range(1, of + 1):
            bar(kind, done, of)
    bar.close()
    lines = terminal.getvalue().splitlines()
    assert [line.split("\r")[-1] for line in lines if line][-1] == f"DICOM [{'#' * 30}] 3/3"
    assert terminal.getvalue().count("\n") == 2


def test_elsewhere_a_long_job_is_told_in_a_few_plain_lines() -> None:
    log = io.StringIO()
    bar = Bar(log)
    for done in range(1, 1001):
        bar("DICOM", done, 1000)
    lines = log.getvalue().splitlines()
    assert lines[0] == "DICOM 1/1000" and lines[-1] == "DICOM 1000/1000"
    assert len(lines) == 11
