"""Where this system keeps a user's data and caches."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def user_data() -> Path:
    """The folder for data that must last."""
    if sys.platform == "win32":
        return _windows() / "data"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "fhantom"
    return _xdg("XDG_DATA_HOME", ".local/share")


def user_viewer() -> Path:
    """The folder for a viewer that was installed, beside that of the data."""
    data = user_data()
    return data.with_name(f"{data.name}-viewer")


def user_cache() -> Path:
    """The folder for what can be made again."""
    if sys.platform == "win32":
        return _windows() / "cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "fhantom"
    return _xdg("XDG_CACHE_HOME", ".cache")


def _xdg(variable: str, default: str) -> Path:
    # XDG Base Directory Specification: a relative path is invalid and must be ignored.
    chosen = Path(os.environ.get(variable, ""))
    return (chosen if chosen.is_absolute() else Path.home() / default) / "fhantom"


def _windows() -> Path:
    return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "fhantom"
