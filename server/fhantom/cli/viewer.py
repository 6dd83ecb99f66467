"""`fhantom viewer`: OHIF, which is too large to come along, fetched from npm's registry, checked and unpacked."""

from __future__ import annotations

import hashlib
import shutil
import sys
import tarfile
from pathlib import Path

from fhantom.cli import folders
from fhantom.cli.failure import Failure
from fhantom.cli.progress import Bar
from fhantom.datasets.downloading import Unavailable, WrongContent, fetch
from fhantom.datasets.downloads import Remote
from fhantom.vna import ohif

# As npm has it (MIT); the digest was taken from the package whose dist.integrity is sha512-WZdxmpmG7rqFgW9ZJLcb...
PACKAGE = Remote(
    name=f"ohif-app-{ohif.VERSION}.tgz",
    url=f"https://registry.npmjs.org/@ohif/app/-/app-{ohif.VERSION}.tgz",
    about="OHIF's built files",
    size=49_906_651,
    digest="sha256:b189d3963bfc58e9394a9db8c7be75d07beb029ec211dbb126d47b62969dd3f1",
)

_DIST = "package/dist/"
_LICENCE = "package/LICENSE"


def install(folder: Path | None, package: Path | None = None) -> int:
    """Put OHIF's files into a folder; from a package that is there already, else from npm's registry."""
    folder = folder or folders.user_viewer()
    if ohif.is_installed(folder):
        print(f"OHIF {ohif.VERSION} is in {folder} already")
        return 0
    try:
        folder.mkdir(parents=True, exist_ok=True)
        fetched = package or _fetched(folder)
        _check(fetched)
        count = _unpack(fetched, folder)
        if package is None:
            fetched.unlink()
    except (Unavailable, WrongContent) as reason:
        raise Failure(f"{reason}; a package that was fetched elsewhere can be given by --from") from None
    except (tarfile.TarError, EOFError) as error:
        raise Failure(f"{package} cannot be unpacked: {error}") from None
    except OSError as error:
        raise Failure(f"cannot install into {folder}: {error.strerror or error}") from None
    print(f"OHIF {ohif.VERSION}, {count} files, is in {folder}; a server that starts now shows it at /vna/")
    return 0


def remove(folder: Path | None) -> int:
    """Take OHIF's files away again."""
    place = (folder or folders.user_viewer()) / ohif.NAME
    if not place.is_dir():
        raise Failure(f"there is no OHIF {ohif.VERSION} in {place.parent}")
    shutil.rmtree(place)
    return 0


def _fetched(folder: Path) -> Path:
    print(f"fetching {PACKAGE.url}", file=sys.stderr)
    bar = Bar()
    path = fetch(PACKAGE, folder, lambda done, of: bar("bytes", done, of))
    bar.close()
    return path


def _check(package: Path) -> None:
    with package.open("rb") as content:
        found = hashlib.file_digest(content, "sha256").hexdigest()
    if f"sha256:{found}" != PACKAGE.digest:
        raise WrongContent(f"{package} is not {PACKAGE.name}: its SHA-256 is {found}")


def _unpack(package: Path, folder: Path) -> int:
    """Unpack beside the place where the files belong and move them there as a whole."""
    unfinished = folder / f"{ohif.NAME}.part"
    shutil.rmtree(unfinished, ignore_errors=True)
    count = 0
    with tarfile.open(package) as archive:
        for member in archive:
            name = member.name.removeprefix(_DIST) if member.name.startswith(_DIST) else ""
            if member.name == _LICENCE:
                name = "LICENSE"
            content = archive.extractfile(member) if name and ohif.is_wanted(name) and member.isfile() else None
            if content is None:
                continue
            target = unfinished / name
            target.parent.mkdir(parents=True, exist_ok=True)
            with content, target.open("wb") as file:
                file.writelines(ohif.moved(name, content))
            count += 1
    unfinished.rename(folder / ohif.NAME)
    return count
