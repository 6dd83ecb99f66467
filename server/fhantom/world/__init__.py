"""The world: one data state, and the only way to whatever is kept in it.

Rooms reach rows, DICOM bytes and texts through a `World`; where these lie (SQLite files and a folder of
content-addressed bytes today) is known only inside this package.
"""

from fhantom.world.blobs import Blobs, BlobWriter
from fhantom.world.database import cursor_of
from fhantom.world.folder import SHARED, DataFolder, DataFolderInUse, DataTooNew
from fhantom.world.texts import Texts
from fhantom.world.world import World
from fhantom.world.worlds import Worlds

__all__ = [
    "SHARED",
    "BlobWriter",
    "Blobs",
    "DataFolder",
    "DataFolderInUse",
    "DataTooNew",
    "Texts",
    "World",
    "Worlds",
    "cursor_of",
]
