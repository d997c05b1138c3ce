"""What a run leaves says neither user, host nor password of a coding's server, however it ends."""

from __future__ import annotations

import json
import os
import re
import shutil
import zlib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cop_analysis import open_study
from cop_analysis.cli import app
from tests.realist.store.conftest import PASSWORD, VARIABLE

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[3]
USER, SECRET = "nurse_q7x", "w0rd_nobody_else_has"


@pytest.fixture
def study(postgresql: str, tmp_path: Path, monkeypatch):
    """The shipped study, its coding kept on a server under a user of its own."""
    import psycopg

    port = int(re.search(r":(\d+)/", postgresql)[1])
    admin = {"host": "127.0.0.1", "port": port, "user": "team", "password": PASSWORD, "dbname": "postgres"}
    assert os.environ[VARIABLE] == PASSWORD
    with psycopg.connect(**admin, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {USER} LOGIN PASSWORD '{SECRET}'")
        connection.execute(f"GRANT CREATE ON DATABASE postgres TO {USER}")
    monkeypatch.setenv("COP_SECRET_HERE", SECRET)
    folder = tmp_path / "forum"
    shutil.copytree(ROOT / "data" / "nmp_forum", folder, ignore=shutil.ignore_patterns("coding.db*"))
    settings = folder / "study.toml"
    address = f"postgresql+psycopg://{USER}:${{COP_SECRET_HERE}}@127.0.0.1:{port}/postgres"
    settings.write_text(f"coding.database = '{address}'\n" + settings.read_text(encoding="utf-8"), encoding="utf-8")
    with open_study(folder).coding as coding:
        coding.add_coder("coder-z", "Coder Z")
    yield folder, admin
    with psycopg.connect(**admin, autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s", (USER,))
        connection.execute(f"DROP OWNED BY {USER} CASCADE")
        connection.execute(f"DROP ROLE {USER}")


def everything_in(folder: Path) -> bytes:
    """All bytes a run left, and what is packed in its pictures' and archives' streams."""
    found = b""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            found += path.name.encode() + b"\n" + content
            if content.startswith(b"\x1f\x8b"):
                found += zlib.decompress(content, 31)
    return found


def refuse_address(said: bytes, port: int) -> None:
    """Neither user, host, port nor password stands there."""
    for word in (USER, SECRET, "127.0.0.1", f":{port}", f"port {port}"):
        assert word.encode() not in said, word


def test_a_run_names_the_schema_and_nothing_of_the_address(study, tmp_path):
    folder, admin = study
    out = tmp_path / "out"
    done = CliRunner().invoke(app, ["report", str(folder), "--out", str(out), "--notebook", "02_cmo_configurations"])
    assert done.exit_code == 0, done.output
    record = json.loads(next(out.rglob("run.json")).read_text(encoding="utf-8"))
    assert "PostgreSQL, schema cop_nmp_forum" in [one["file"] for one in record["data"]]
    refuse_address(everything_in(out) + done.output.encode(), admin["port"])


def test_a_run_whose_notebooks_are_refused_by_the_server_says_why_and_no_address(study, tmp_path):
    import psycopg

    folder, admin = study
    with psycopg.connect(**admin, autocommit=True) as connection:
        # The report has one connection of its own, and its notebooks get none.
        connection.execute(f"ALTER ROLE {USER} CONNECTION LIMIT 1")
    out = tmp_path / "out"
    holder = open_study(folder).coding
    done = CliRunner().invoke(app, ["report", str(folder), "--out", str(out), "--notebook", "02_cmo_configurations"])
    holder.close()
    assert done.exit_code != 0, done.output
    left = everything_in(out) if out.exists() else b""
    assert b"it has no connection left" in left + done.output.encode()
    refuse_address(left + done.output.encode(), admin["port"])
    code = CliRunner().invoke(app, ["coding", "log", str(folder), "--last", "3"])
    assert code.exit_code == 0
    refuse_address(code.output.encode(), admin["port"])
