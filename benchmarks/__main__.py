"""`python -m benchmarks`: measure the same lines on fhantom and on Orthanc, print them as Markdown."""

from __future__ import annotations

import argparse
import platform
import sys

from benchmarks import dicomweb, sendfile, servers
from benchmarks.dicomweb import Effort, Line


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--repeats", type=int, default=5, help="runs of each line; their median is printed")
    parser.add_argument("--seconds", type=float, default=1.0, help="length of a run")
    parser.add_argument("--no-peer", action="store_true", help="measure fhantom alone")
    options = parser.parse_args()
    effort = Effort(options.repeats, options.seconds)

    with servers.fhantom() as server:
        ours = _measured(server, effort)
    bound = list(sendfile.series(effort))
    theirs: list[Line] = []
    if options.no_peer:
        pass
    elif servers.orthanc_is_installed():
        with servers.orthanc() as server:
            theirs = _measured(server, effort)
    else:
        print("Orthanc is not here: apt-get install orthanc orthanc-dicomweb", file=sys.stderr)
    print(f"Python {platform.python_version()}, {platform.machine()}; medians of {effort.repeats} runs\n")
    print(table(ours, theirs))
    print(f"\n{shares(ours, bound)}")


def _measured(server: servers.Server, effort: Effort) -> list[Line]:
    lines = []
    for line in dicomweb.measure(server, effort):
        print(f"{server.name}: {line.name} ({line.clients}): {line.value:.4g} {line.unit}", file=sys.stderr)
        lines.append(line)
    return lines


def table(ours: list[Line], theirs: list[Line]) -> str:
    """One Markdown row a line; the ratio is above 1 where fhantom is better."""
    peer = {(line.name, line.clients): line for line in theirs}
    rows = ["| line | clients | fhantom | Orthanc | ratio |", "| --- | --- | --- | --- | --- |"]
    for line in ours:
        other = peer.get((line.name, line.clients))
        ratio = ""
        if other:
            better = line.value / other.value if line.unit == "/s" else other.value / line.value
            ratio = f"{better:.2f}"
        theirs_text = f"{other.value:.4g} {other.unit}" if other else ""
        ours_text = f"{line.value:.4g} {line.unit}"
        rows.append(f"| {line.name} | {line.clients} | {ours_text} | {theirs_text} | {ratio} |")
    return "\n".join(rows)


def shares(ours: list[Line], bounds: list[Line]) -> str:
    """One Markdown row for each line whose bound is what sendfile gives the same client."""
    known = {(line.name, line.clients): line for line in ours}
    rows = ["| line | clients | fhantom | sendfile | share |", "| --- | --- | --- | --- | --- |"]
    for bound in bounds:
        value = known[bound.name, bound.clients].value
        share = f"{value / bound.value:.0%}"
        rows.append(f"| {bound.name} | {bound.clients} | {value:.4g} /s | {bound.value:.4g} /s | {share} |")
    return "\n".join(rows)


if __name__ == "__main__":
    main()
