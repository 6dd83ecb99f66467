"""DICOM objects out of the plan: one module per kind of object, one table of recipes.

Everything here needs the extra `seed` (pydicom, numpy and codecs); reading the finished seed does not.
"""

from __future__ import annotations
