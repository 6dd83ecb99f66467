"""Write the built CapabilityStatements that the package brings, R4's and R5's.

    python scripts/generate_capabilities.py

Run it after a change of the definitions' tables, of the operations' table or of `fhantom.fhir.capability`.
"""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import get_args

from fhantom.definitions import Version
from fhantom.fhir.capabilities import template

DATA = Path(__file__).resolve().parents[1] / "server" / "fhantom" / "fhir" / "data"


def main() -> None:
    """Write one file for each version."""
    DATA.mkdir(exist_ok=True)
    for version in get_args(Version):
        path = DATA / f"capabilities-{version.lower()}.json.gz"
        path.write_bytes(gzip.compress(template(version), 9, mtime=0))


if __name__ == "__main__":
    main()
