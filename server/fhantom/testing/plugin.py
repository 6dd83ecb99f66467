"""The pytest plugin: a fhantom server for a test run, and a world of its own for each test that asks.

Everything but pytest is imported by the fixtures, so that a run without them pays nothing.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import uuid
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from fhantom.testing.servers import LocalServer, Server
    from fhantom.testing.world import Fhantom

# A test that asks for one of these has its world inside its own process.
_IN_PROCESS = frozenset(
    {
        *("fhantom_app", "fhantom_session", "fhantom_httpx", "fhantom_async_httpx"),
        *("fhantom_dicomweb", "fhantom_fhirclient"),
    }
)
_TARGETS = ("inprocess", "socket", "real")
_MARK = "fhantom(seed='seed', strict=None, faults=()): the world that the test begins with"
_WORLD = pytest.StashKey["Fhantom"]()
_FOLDER = pytest.StashKey[Path]()
_FINDINGS = pytest.StashKey[list[tuple[bool, str]]]()

pytest_plugins = ["fhantom.testing.clients"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options, and the settings of `pytest.ini`."""
    group = parser.getgroup("fhantom", "a stand-in for the SIIM Hackathon server")
    group.addoption(
        "--fhantom-target",
        choices=_TARGETS,
        default="inprocess",
        help="where the plugin's clients send their requests: into this process, through a socket, or to the real "
        "server with the key in $SIIM_API_KEY, where tests that need what it lacks are skipped",
    )
    group.addoption("--fhantom-url", help="address of the real server (default: https://hackathon.siim.org)")
    group.addoption("--fhantom-strict", action="store_true", help="as fhantom_strict = true in pytest.ini")
    parser.addini("fhantom_seed", "what every world begins as: embedded, none, or a folder", default="embedded")
    parser.addini(
        "fhantom_strict",
        "fail tests whose faults did not strike or whose requests the real server answers otherwise",
        type="bool",
        default=False,
    )


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    if config.getoption("fhantom_target") == "real" and not os.environ.get("SIIM_API_KEY"):
        raise pytest.UsageError("--fhantom-target=real needs a key of the real server in $SIIM_API_KEY")
    config.addinivalue_line("markers", _MARK)
    config.stash[_FINDINGS] = []
    config.stash[_FOLDER] = Path(tempfile.gettempdir()) / f"fhantom-tests-{uuid.uuid4().hex}"


@pytest.fixture(scope="session")
def fhantom_settings() -> dict[str, Any]:
    """Settings of the server that differ from a test server's; override it to change them."""
    return {}


@pytest.fixture(scope="session")
def fhantom_local_server(
    fhantom_settings: dict[str, Any], tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config
) -> Iterator[LocalServer]:
    """The server inside this process."""
    from fhantom.testing.servers import LocalServer, settings_of

    chosen = {"seed": pytestconfig.getini("fhantom_seed"), **fhantom_settings}
    server = LocalServer(tmp_path_factory.mktemp("fhantom") / "data", settings_of(chosen))
    yield server
    pytestconfig.stash[_FINDINGS] += _findings(server)
    if hasattr(pytestconfig, "workeroutput"):
        pytestconfig.workeroutput["fhantom_findings"] = pytestconfig.stash[_FINDINGS]
    server.close()


@pytest.fixture(scope="session")
def fhantom_server(request: pytest.FixtureRequest, fhantom_settings: dict[str, Any]) -> Server:
    """The run's server: inside this process, one for all workers of pytest-xdist, or the real one."""
    if request.config.getoption("fhantom_target") == "real":
        from fhantom.testing.real import DEFAULT_URL, RealServer

        return RealServer(request.config.getoption("fhantom_url") or DEFAULT_URL)
    given = getattr(request.config, "workerinput", {})
    if "fhantom_folder" not in given:
        local: Server = request.getfixturevalue("fhantom_local_server")
        return local
    from fhantom.testing import sharing

    chosen = {"seed": request.config.getini("fhantom_seed"), **fhantom_settings}
    return sharing.join(Path(given["fhantom_folder"]), chosen, given["fhantom_controller"])


@pytest.fixture
def fhantom(request: pytest.FixtureRequest) -> Iterator[Fhantom]:
    """A fresh world for one test, dropped at its end."""
    mark = _mark(request.node)
    world = _world(request)
    try:
        if mark["seed"] != "seed":
            world.reset(mark["seed"])
        for fault in mark["faults"]:
            world.faults.add(**fault)
        request.node.stash[_WORLD] = world
        yield world
    finally:
        world.drop()


def _world(request: pytest.FixtureRequest) -> Fhantom:
    from fhantom.testing.servers import TEST_PREFIX
    from fhantom.testing.world import Fhantom

    target = request.config.getoption("fhantom_target")
    if target == "real":
        from fhantom.testing.real import KEY_VARIABLE, RealWorld

        return RealWorld(request.getfixturevalue("fhantom_server"), os.environ[KEY_VARIABLE])
    local = target == "inprocess" and _IN_PROCESS & set(request.fixturenames)
    server = request.getfixturevalue("fhantom_local_server" if local else "fhantom_server")
    return Fhantom(server, TEST_PREFIX + hashlib.sha256(request.node.nodeid.encode()).hexdigest()[:16])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Fail a test that asked for it by what its world has seen; show what was sent where a test fails."""
    try:
        result = yield
        world = item.stash.get(_WORLD, None)
        if world is not None and not world.is_real and _mark(item)["strict"]:
            world.assert_faults_hit()
            world.assert_portable()
        return result
    except Exception:
        world = item.stash.get(_WORLD, None)
        if world is not None and not world.is_real:
            lines = "\n".join(line for request in world.journal.explained() for line in request.told())
            item.add_report_section("call", "fhantom", lines or "no request came in")
        raise


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist where the server that all of them share has its state."""
    node.workerinput["fhantom_folder"] = str(node.config.stash[_FOLDER])
    node.workerinput["fhantom_controller"] = os.getpid()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over what a worker of pytest-xdist has found."""
    node.config.stash[_FINDINGS] += getattr(node, "workeroutput", {}).get("fhantom_findings", [])


@pytest.hookimpl(wrapper=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None, object, object]:
    """End the server that the workers shared."""
    result = yield
    folder = session.config.stash[_FOLDER]
    if folder.exists():
        from fhantom.testing import sharing

        session.config.stash[_FINDINGS].extend(sharing.leave(folder, _findings))
    return result


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Tell what worked here and would not have on the real server."""
    found = sorted({(fails, line) for fails, line in config.stash[_FINDINGS]})
    for graver, words in (
        (True, "worked here and would have failed on the real server"),
        (False, "would have got another answer from the real server"),
    ):
        lines = [line for fails, line in found if fails is graver]
        if lines:
            terminalreporter.section(f"fhantom: {_counted(lines)} {words}")
            for line in lines:
                terminalreporter.line(line)


def _counted(lines: list[str]) -> str:
    requests = len({line.partition(" -> ")[0] for line in lines})
    return "this request" if requests == 1 else f"these {requests} requests"


def _findings(server: Server) -> list[tuple[bool, str]]:
    from fhantom.testing.journal import graded, requests_of

    return graded(requests_of(server))


def _mark(node: Any) -> dict[str, Any]:
    """What the marks of a test say, the nearest first, complete with defaults."""
    chosen: dict[str, Any] = {"seed": "seed", "strict": None, "faults": ()}
    for mark in reversed(list(node.iter_markers("fhantom"))):
        unknown = set(mark.kwargs) - set(chosen)
        if mark.args or unknown:
            raise pytest.UsageError(f"@pytest.mark.fhantom takes {', '.join(chosen)} by name, not {mark}")
        chosen.update(mark.kwargs)
    if chosen["seed"] not in ("seed", "empty"):
        raise pytest.UsageError(f"@pytest.mark.fhantom: seed must be 'seed' or 'empty', not {chosen['seed']!r}")
    if chosen["strict"] is None:
        chosen["strict"] = node.config.getini("fhantom_strict") or node.config.getoption("fhantom_strict")
    return chosen
