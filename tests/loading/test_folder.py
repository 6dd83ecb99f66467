from __future__ import annotations

from pathlib import Path

import pytest

from fhantom.loading.folder import Folder
from fhantom.site import Site


def test_a_folder_without_anything_to_load_is_told_of(
    site: Site, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    Folder(empty).load(site.worlds, lambda done, of: None)
    assert "the server begins empty" in caplog.text


def test_a_folder_with_a_resource_is_loaded_in_silence(
    site: Site, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "seed"
    folder.mkdir()
    (folder / "patient.json").write_text('{"resourceType": "Patient", "id": "a"}')
    Folder(folder).load(site.worlds, lambda done, of: None)
    assert caplog.text == ""
