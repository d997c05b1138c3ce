"""A study whose coding is kept in SQLite, and the same one in a PostgreSQL server started for the tests."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cop_analysis import open_study
from cop_analysis.realist.coding import KeptCoding

PASSWORD = "p@ss/word: %41"
VARIABLE = "COP_TEST_DATABASE_PASSWORD"


def _binaries() -> Path | None:
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return versions[-1].parent if versions else None


def _unprivileged() -> dict[str, int]:
    """Say as whom the server runs: PostgreSQL refuses to run as root."""
    if os.getuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": user.pw_uid, "group": user.pw_gid}
    return {}


@pytest.fixture(scope="session")
def postgresql(require_component, start_process, wait_until, make_folder) -> Iterator[str]:
    """The address of a server that asks for a password, which the address takes from an environment variable."""
    binaries = _binaries()
    require_component("postgresql", binaries)
    who = _unprivileged()
    if os.getuid() == 0 and not who:
        require_component("an unprivileged user to run postgresql as", None)
    place = make_folder()
    secret = place / "password"
    secret.write_text(PASSWORD, encoding="utf-8")
    if who:
        for path in (place, secret):
            os.chown(path, who["user"], who["group"])
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    subprocess.run(
        [str(binaries / "initdb"), "-D", str(place / "data"), "-U", "team", "-A", "scram-sha-256",
         f"--pwfile={secret}", "-E", "UTF8", "--no-sync"],
        check=True, capture_output=True, cwd=place, env=environment, **who,
    )  # fmt: skip
    with (place / "log").open("wb") as said:
        server = start_process(
            [str(binaries / "postgres"), "-D", str(place / "data"), "-k", str(place), "-p", str(port),
             "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "full_page_writes=off"],
            stops_by=signal.SIGINT, stdout=said, stderr=said, cwd=place, env=environment, **who,
        )  # fmt: skip
    os.environ[VARIABLE] = PASSWORD
    try:
        wait_until(lambda: _answers(port, server, place / "log"), "postgresql to start")
        yield f"postgresql+psycopg://team:${{{VARIABLE}}}@127.0.0.1:{port}/postgres"
    finally:
        server.send_signal(signal.SIGINT)
        try:
            server.wait(timeout=600)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
        os.environ.pop(VARIABLE, None)


def _answers(port: int, server: subprocess.Popen[bytes], said: Path) -> bool:
    import psycopg

    if server.poll() is not None:
        pytest.fail(f"postgresql did not start: {said.read_text(errors='replace')[-2000:]}", pytrace=False)
    try:
        psycopg.connect(
            host="127.0.0.1", port=port, user="team", password=PASSWORD, dbname="postgres", connect_timeout=60
        ).close()
    except psycopg.OperationalError:
        return False
    return True


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def backend(request) -> str:
    """The database the test runs on; every test that asks for it runs on both."""
    return request.param


@pytest.fixture
def address(backend: str, request) -> str:
    """What study.toml says of the database: nothing for SQLite."""
    return "" if backend == "sqlite" else request.getfixturevalue("postgresql")


def whole_study(folder: Path, key: str = "forum", database: str = "") -> Path:
    """Make of a folder with documents and a coding a whole study."""
    lines = [f'key = "{key}"', 'title = "Forum"', 'provenance = "simulated"']
    if database:
        lines.append(f"coding.database = '{database}'")
    lines += ["[[rating_items]]", 'key = "peer_support"', "minimum = 1", "maximum = 5"]
    (folder / "study.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "people.csv").write_text("person\nP01\nP02\nP03\nP04\n", encoding="utf-8")
    rows = ["document,file,kind,people,title", "D01,D01.txt,interview,P01,First", "D02,D02.txt,interview,P02,Second",
            "D03,D03.txt,interview,P03,Third"]  # fmt: skip
    (folder / "documents.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    payload = json.loads((folder / "coding.json").read_text(encoding="utf-8"))
    payload["study"] = key
    (folder / "coding.json").write_text(json.dumps(payload, indent=1), encoding="utf-8")
    return folder


@pytest.fixture
def write_study() -> Callable[..., Path]:
    """Make a whole study of a folder with documents and a coding."""
    return whole_study


_number = iter(range(1, 1_000_000))


@pytest.fixture
def study_folder(folder: Path, address: str, backend: str, request) -> Path:
    """A study with a coding, in a schema of its own where the database is a server."""
    key = "forum" if backend == "sqlite" else f"forum_{next(_number)}"
    return whole_study(folder, key, address)


@pytest.fixture
def opened(study_folder: Path) -> Iterator[Callable[..., KeptCoding]]:
    """Open the coding once more, as another process would; all are closed at the end."""
    made: list[KeptCoding] = []

    def open_once(folder: Path | None = None) -> KeptCoding:
        made.append(open_study(folder or study_folder).coding)
        return made[-1]

    yield open_once
    for one in made:
        one.close()


@pytest.fixture
def coding(opened) -> KeptCoding:
    """The study's coding."""
    return opened()


@pytest.fixture
def sqlite_folder(folder: Path) -> Path:
    """A study whose coding is kept in a file, for what only concerns files."""
    return whole_study(folder)
