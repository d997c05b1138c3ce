"""Bringing a coding's database to the tables this workbench knows: made, brought up to date, or refused as newer."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.engine import Connection

from cop_analysis._version import __version__
from cop_analysis.realist.store.connect import Connector, damaged, table_names
from cop_analysis.realist.store.errors import CodingError, NewerDatabase
from cop_analysis.realist.store.schema import SCHEMA_VERSION, metadata

MIGRATIONS: Final = Path(__file__).with_name("migrations")

_VERSION_TABLE = "alembic_version"


def version_of(connection: Connection) -> str | None:
    """Give the migration a database stands at; None where it has none of our tables.

    Raises
    ------
    CodingError
        When it has tables that no workbench made.
    """
    names = table_names(connection)
    if _VERSION_TABLE not in names:
        if names & set(metadata.tables):
            raise CodingError(
                "The database holds tables of a coding and no word of their version: it was not made by this "
                "workbench, or part of it is lost. Restore it from a copy, or rename it and let it be rebuilt from "
                "coding.json."
            )
        return None
    found = connection.execute(text(f"SELECT version_num FROM {_VERSION_TABLE}")).scalars().all()
    return found[0] if len(found) == 1 else None


def make_tables(connection: Connection, study: str) -> None:
    """Make the tables of a new database, empty, in the transaction that is open."""
    upgrade(connection)
    connection.execute(
        metadata.tables["head"].insert(),
        {"one": 1, "study": study, "record": 0, "change": 0, "seq": 0, "at": "", "needs": __version__},
    )


def upgrade(connection: Connection, target: str = "head") -> None:
    """Run the migrations that are still to run, in the transaction that is open."""
    from alembic import command

    settings = _settings()
    settings.attributes["connection"] = connection
    command.upgrade(settings, target)


def bring_up_to_date(connector: Connector) -> bool:
    """Bring an older database to the present tables, after a copy of it was put aside; refuse a newer one.

    Returns
    -------
    bool
        Whether anything was done.

    Raises
    ------
    NewerDatabase
        When a newer workbench made it, naming the version that reads it.
    CodingError
        When it is older and may not be written.
    """
    with connector.reading() as connection:
        found = version_of(connection)
        if found == SCHEMA_VERSION:
            return False
        needs = _needs(connection)
    if found is None:
        if connector.is_sqlite:
            raise damaged(connector.address, "holds no tables of a coding")
        raise CodingError(f"The database {connector.address.name} holds no coding of this study.")
    if found not in _known():
        raise NewerDatabase(
            f"The coding's database {connector.address.name} has the schema version {found}, which "
            f"cop_analysis {needs or 'of a later version'} made; this is cop_analysis {__version__}, which knows "
            f"versions up to {SCHEMA_VERSION}. Update cop_analysis{f' to {needs} or later' if needs else ''}; the "
            "database was not touched."
        )
    if connector.read_only:
        raise CodingError(
            f"The coding's database {connector.address.name} has the older schema version {found} and cannot be "
            f"brought to {SCHEMA_VERSION} here, because it may not be written. Open it once where it may be."
        )
    back_up(connector, f"before-{SCHEMA_VERSION}")
    with connector.writing() as connection:
        if version_of(connection) != SCHEMA_VERSION:
            upgrade(connection)
    return True


def back_up(connector: Connector, label: str) -> None:
    """Put a copy of the database aside: beside the file, or in a schema of its own."""
    if connector.is_sqlite:
        path = connector.address.path
        assert path is not None
        copy = path.with_name(f"{path.stem}.{label}{path.suffix}")
        copy.unlink(missing_ok=True)
        with connector.alone() as connection:
            connection.exec_driver_sql("VACUUM INTO ?", (str(copy),))
        return
    aside = backup_schema(connector.address.schema, label)
    with connector.writing() as connection:
        if _is_there(connection, aside) and not _is_of(connection, aside, connector.address.study):
            raise CodingError(
                f"A copy of the coding is to go to the schema {aside}, which holds something else: rename that schema, "
                "then open the study again. Nothing was changed."
            )
        connection.execute(text(f'DROP SCHEMA IF EXISTS "{aside}" CASCADE'))
        connection.execute(text(f'CREATE SCHEMA "{aside}"'))
        for name in sorted(table_names(connection)):
            connection.execute(text(f'CREATE TABLE "{aside}"."{name}" AS TABLE "{name}"'))


def backup_schema(schema: str, label: str) -> str:
    """Name the schema in which PostgreSQL keeps a copy."""
    ending = f"_{label.replace('-', '_')}"
    return schema[: 63 - len(ending)] + ending


def backups(connection: Connection, schema: str, study: str) -> list[str]:
    """List the schemas in which PostgreSQL keeps copies of a study's coding; another study's is none of them."""
    names = sorted({backup_schema(schema, f"before-{version}") for version in _known()})
    return [name for name in names if _is_there(connection, name) and _is_of(connection, name, study)]


def _is_there(connection: Connection, schema: str) -> bool:
    found = text("SELECT 1 FROM pg_namespace WHERE nspname = :schema")
    return connection.execute(found, {"schema": schema}).first() is not None


def _is_of(connection: Connection, schema: str, study: str) -> bool:
    """Say whether a schema holds the coding of a study: a shortened name, or an odd key, may lead to another's."""
    found = text("SELECT 1 FROM pg_tables WHERE schemaname = :schema AND tablename = 'head'")
    if connection.execute(found, {"schema": schema}).first() is None:
        return False
    return connection.execute(text(f'SELECT study FROM "{schema}".head')).scalars().all() == [study]


def _needs(connection: Connection) -> str:
    try:
        with connection.begin_nested():
            return str(connection.execute(text("SELECT needs FROM head")).scalar() or "")
    except Exception:
        # A later schema may keep its head otherwise; the number of its version is then all that can be said.
        return ""


def _settings() -> Any:
    from alembic.config import Config

    settings = Config()
    settings.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    settings.set_main_option("path_separator", "os")
    return settings


def is_older(version: str | None) -> bool:
    """Say whether this workbench can bring a database of a version up to date."""
    return version is not None and version != SCHEMA_VERSION and version in _known()


def _known() -> set[str]:
    from alembic.script import ScriptDirectory

    return {script.revision for script in ScriptDirectory.from_config(_settings()).walk_revisions()}
