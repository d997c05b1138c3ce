"""The database's tables through time: made by migrations, older ones brought along with a copy, newer ones refused."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from cop_analysis import __version__
from cop_analysis.realist import Document
from cop_analysis.realist.erasure.tombstones import digest_of_old
from cop_analysis.realist.store import CodingError, NewerDatabase
from cop_analysis.realist.store import migrate as module
from cop_analysis.realist.store.address import Place
from cop_analysis.realist.store.connect import Connector
from cop_analysis.realist.store.migrate import MIGRATIONS, back_up, backup_schema, upgrade
from cop_analysis.realist.store.schema import SCHEMA_VERSION, metadata

pytestmark = pytest.mark.slow  # each test makes a study and a database of its own

NEXT = """
import sqlalchemy as sa
from alembic import op
revision = "9999"
down_revision = "{before}"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("change", sa.Column("mood", sa.Text))
    op.execute("UPDATE head SET needs = '77.0'")
"""


@pytest.fixture
def next_version(tmp_path_factory, monkeypatch) -> str:
    """A later workbench, with one migration more."""
    place = tmp_path_factory.mktemp("migrations") / "migrations"
    shutil.copytree(MIGRATIONS, place, ignore=shutil.ignore_patterns("__pycache__"))
    (place / "versions" / "later.py").write_text(NEXT.format(before=SCHEMA_VERSION))

    def become_later() -> None:
        monkeypatch.setattr(module, "MIGRATIONS", place)
        monkeypatch.setattr(module, "SCHEMA_VERSION", "9999")

    return become_later


def test_the_migrations_make_just_the_tables_the_queries_know(coding):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    coding.add_code("Trust", coder="a")
    with coding._store.connector.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == SCHEMA_VERSION
        assert connection.execute(text("SELECT needs FROM head")).scalar() == __version__


def test_the_newest_migration_is_the_one_the_workbench_names():
    from alembic.script import ScriptDirectory

    assert ScriptDirectory.from_config(module._settings()).get_current_head() == SCHEMA_VERSION


def test_a_newer_database_is_refused_with_the_version_it_needs(coding, opened):
    coding.add_code("Trust", coder="a")
    with coding._store.connector.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        connection.execute(text("UPDATE head SET needs = '77.0'"))
    with pytest.raises(NewerDatabase, match=r"schema version 9999, which cop_analysis 77\.0 made.*Update .* to 77\.0"):
        opened()
    with coding._store.connector.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM record")).scalar() > 0, "nothing was touched"


def test_a_newer_record_is_refused_and_not_cut_short(coding, opened):
    coding.add_code("Trust", coder="a")
    with coding._store.connector.writing() as connection:
        connection.execute(
            text("UPDATE record SET body = replace(body, '\"name\"', '\"mood\": 1,\"name\"') WHERE id = 'c1'")
        )
    with pytest.raises(NewerDatabase, match=r"a code with what this workbench does not know \(mood\)"):
        opened()


def test_an_older_database_is_brought_along_and_a_copy_is_kept(coding, opened, next_version, study_folder, backend):
    code = coding.add_code("Trust", coder="a")
    coding.close()
    next_version()
    later = opened()
    assert code.id in later.codes["code"].tolist()
    later.undo("a")
    with later._store.connector.reading() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == "9999"
        assert connection.execute(text("SELECT mood FROM change")).scalar() is None
    if backend == "sqlite":
        kept = sqlite3.connect(study_folder / "coding.before-9999.db")
        assert kept.execute("SELECT version_num FROM alembic_version").fetchone() == (SCHEMA_VERSION,)
        assert kept.execute("SELECT count(*) FROM record WHERE id = ?", (code.id,)).fetchone() == (1,)
        kept.close()
    else:
        aside = backup_schema(later._store.address.schema, "before-9999")
        with later._store.connector.reading() as connection:
            assert connection.execute(text(f'SELECT count(*) FROM "{aside}".record')).scalar() > 0


def earlier_versions() -> list[str]:
    from alembic.script import ScriptDirectory

    known = [one.revision for one in ScriptDirectory.from_config(module._settings()).walk_revisions()]
    return sorted(known)[:-1]


@pytest.mark.parametrize("version", earlier_versions())
@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_database_of_every_earlier_version_is_brought_along(version, sqlite_folder, opened):
    """One is made by the migrations up to there, and given what a database of today holds."""
    coding = opened(sqlite_folder)
    coding.add_code("Trust", coder="a")
    before, log = coding.still(), coding.log()
    coding.close()
    now, old = sqlite_folder / "coding.db", sqlite_folder / "old.db"
    with closing(sqlite3.connect(old)) as empty:
        empty.execute("VACUUM")
    connector = Connector(replace(coding._store.address, path=old, place=Place("network")))
    with connector.writing() as connection:
        upgrade(connection, version)
    connector.close()
    with closing(sqlite3.connect(old)) as made:
        made.execute("ATTACH ? AS now", (str(now),))
        for (table,) in made.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'").fetchall():
            columns = ", ".join(f'"{row[1]}"' for row in made.execute(f'PRAGMA main.table_info("{table}")'))
            if table != "alembic_version":
                made.execute(f'INSERT INTO main."{table}" ({columns}) SELECT {columns} FROM now."{table}"')
        made.execute("INSERT INTO tombstone (digest) VALUES (?)", (digest_of_old("forum", ("documents", "D99")),))
        made.commit()
    now.unlink()
    old.rename(now)
    again = opened(sqlite_folder)
    assert again.still() == before
    assert again.log().equals(log)
    assert (sqlite_folder / f"coding.before-{SCHEMA_VERSION}.db").exists()
    again.merge(again.still().with_records(Document("D99", "documents/D99.txt")), coder="a")
    assert "D99" not in again.documents["document"].tolist(), "what was erased then is known still"
    again.erase_person("P01", coder="a")
    assert not list(sqlite_folder.glob("coding.before-*"))


def test_two_who_open_an_older_database_at_once_both_find_it_new(coding, opened, next_version):
    coding.add_code("Trust", coder="a")
    coding.close()
    next_version()
    assert opened().snapshot == opened().snapshot


def test_a_migration_that_fails_leaves_the_old_database(coding, opened, next_version, monkeypatch):
    coding.add_code("Trust", coder="a")
    coding.close()
    next_version()
    later = Path(module.MIGRATIONS) / "versions" / "later.py"
    later.write_text(later.read_text() + "    op.execute('SELECT * FROM nowhere')\n")
    with pytest.raises(CodingError, match="nowhere"):
        opened()
    monkeypatch.undo()
    again = opened()
    assert "Trust" in again.codes["name"].tolist()
    again.add_code("Time", coder="a")


def test_tables_without_a_version_are_refused(coding, opened):
    coding.add_code("Trust", coder="a")
    with coding._store.connector.writing() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
    with pytest.raises(CodingError, match="no word of their version"):
        opened()


def test_a_copy_can_be_made_again(coding):
    coding.add_code("Trust", coder="a")
    for _ in range(2):
        back_up(coding._store.connector, "before-test")
