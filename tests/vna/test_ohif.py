"""OHIF installed from its package: moved below /vna/ohif/, open without a key, and every byte of data behind one."""

from __future__ import annotations

import hashlib
import io
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from doors import Door
from fhantom.cli import main, viewer
from fhantom.settings import Settings
from fhantom.vna import ohif

INDEX = b"""<!doctype html><script>window.PUBLIC_URL="/"</script><script rel="preload" as="script" src="/app-config.js">
</script><script rel="preload" as="script" type="module" src="/init-service-worker.js"></script>"""
FILES = {
    "package/LICENSE": b"MIT",
    "package/package.json": b"{}",
    "package/dist/index.html": INDEX,
    "package/dist/app-config.js": b"window.config = {};",
    "package/dist/app.bundle.0123.js": b'(() => {\n__webpack_require__.p = "/";\n})();',
    "package/dist/12.bundle.4567.js": b"window.browserImportFunction('/dicom-microscopy-viewer/x.js');",
    "package/dist/app.bundle.css": b"@font-face { src: url(/a.woff2) }",
    "package/dist/a.woff2": b"font",
    "package/dist/decoder.wasm": b"\0asm",
    "package/dist/app.bundle.0123.js.map": b"{}",
    "package/dist/sw.js": b"",
    "package/dist/init-service-worker.js": b"",
    "package/dist/ort/ort.all.js": b"",
    "package/dist/../../outside.js": b"",
}
PAGE = {"Accept": "text/html"}
WITHOUT_KEY = {"apikey": None, **PAGE}


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package in the shape of OHIF's."""
    path = tmp_path_factory.mktemp("package") / "package.tgz"
    with tarfile.open(path, "w:gz") as archive:
        for name, content in FILES.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


@pytest.fixture(scope="module")
def installed(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("viewer")
    with pytest.MonkeyPatch.context() as patch:
        digest = hashlib.sha256(package.read_bytes()).hexdigest()
        patch.setattr(viewer, "PACKAGE", replace(viewer.PACKAGE, digest=f"sha256:{digest}"))
        assert main(["viewer", "install", "--from", str(package), "--to", str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def module_settings(installed: Path) -> Settings:
    return Settings(ephemeral=True, viewer=installed)


def test_what_is_installed_is_what_the_viewer_needs_and_nothing_outside(installed: Path) -> None:
    found = {path.relative_to(installed / ohif.NAME).as_posix() for path in installed.rglob("*") if path.is_file()}
    assert found == {
        *("LICENSE", "index.html", "app.bundle.0123.js", "12.bundle.4567.js", "app.bundle.css", "a.woff2"),
        "decoder.wasm",
    }


def test_what_lay_at_the_root_of_a_server_lies_below_the_viewer(installed: Path) -> None:
    folder = installed / ohif.NAME
    index = (folder / "index.html").read_text()
    assert 'src="/vna/ohif/app-config.js"' in index and 'PUBLIC_URL="/vna/ohif/"' in index
    assert "service-worker" not in index
    assert '.p = "/vna/ohif/"' in (folder / "app.bundle.0123.js").read_text()
    assert "'/vna/ohif/dicom-microscopy-viewer/" in (folder / "12.bundle.4567.js").read_text()
    assert "url(/vna/ohif/a.woff2)" in (folder / "app.bundle.css").read_text()


def test_a_package_with_other_bytes_is_refused(
    package: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["viewer", "install", "--from", str(package), "--to", str(tmp_path)]) == 1
    assert "SHA-256" in capsys.readouterr().err
    assert not ohif.is_installed(tmp_path)


@pytest.mark.parametrize("path", ["/vna/", "/vna/viewer?StudyInstanceUIDs=1.2", "/vna/tmtv", "/vna/microscopy"])
def test_its_pages_open_without_a_key_also_when_they_are_loaded_again(door: Door, path: str) -> None:
    answer = door.get(path, WITHOUT_KEY)
    assert answer.status == 200
    assert "/vna/ohif/app-config.js" in answer.text
    assert "frame-ancestors *" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("app.bundle.0123.js", "text/javascript"),
        ("decoder.wasm", "application/wasm"),
        ("app.bundle.css", "text/css"),
        ("app-config.js", "text/javascript"),
    ],
)
def test_its_files_open_without_a_key_and_have_their_types(door: Door, name: str, media_type: str) -> None:
    answer = door.get(f"/vna/ohif/{name}", {"apikey": None})
    assert answer.status == 200
    assert answer.headers["Content-Type"].split(";")[0] == media_type


@pytest.mark.parametrize("name", ["missing.js", "../package.json", "..%2f..%2fetc%2fpasswd", "ort/ort.all.js"])
def test_nothing_else_is_there(door: Door, name: str) -> None:
    assert door.get(f"/vna/ohif/{name}").status == 404


def test_the_configuration_is_of_this_server(door: Door) -> None:
    text = door.get("/vna/ohif/app-config.js").text
    assert 'qidoRoot: "/dicomweb"' in text and 'routerBasename: "/vna"' in text


@pytest.mark.parametrize("path", ["/vna/studies", "/vna/system", "/dicomweb/studies"])
def test_data_still_needs_a_key(door: Door, path: str) -> None:
    assert door.get(path, {"apikey": None}).status == 403


def test_orthancs_routes_stay_where_they_are(door: Door) -> None:
    assert door.get("/vna/system").json()["Name"] == "fhantom"


def test_links_of_the_real_servers_viewer_lead_to_the_study(door: Door) -> None:
    answer = door.get("/vna/stone-webviewer/index.html?study=1.2.3", WITHOUT_KEY)
    assert answer.status == 302
    assert answer.headers["Location"].endswith("viewer?StudyInstanceUIDs=1.2.3")


def test_the_small_viewer_stays_within_reach(door: Door) -> None:
    assert "viewer.js" in door.get("/vna/small?study=1.2", WITHOUT_KEY).text


def test_a_viewer_can_be_removed(package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    digest = hashlib.sha256(package.read_bytes()).hexdigest()
    monkeypatch.setattr(viewer, "PACKAGE", replace(viewer.PACKAGE, digest=f"sha256:{digest}"))
    assert main(["viewer", "install", "--from", str(package), "--to", str(tmp_path)]) == 0
    assert main(["viewer", "remove", "--to", str(tmp_path)]) == 0
    assert not ohif.is_installed(tmp_path)
    assert main(["viewer", "remove", "--to", str(tmp_path)]) == 1
