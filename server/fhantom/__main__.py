"""`python -m fhantom` is the command `fhantom`."""

import sys

from fhantom.cli import main

sys.exit(main())
