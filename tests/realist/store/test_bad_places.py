"""A locked database, a full disk, a folder only to read, a damaged file: a clear sentence, and nothing lost."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from cop_analysis import open_study
from cop_analysis.realist import read_coding
from cop_analysis.realist.coding import copy_study, open_coding
from cop_analysis.realist.store import CodingError, Damaged, Full, Locked
from cop_analysis.study import open_study as open_checked

pytestmark = pytest.mark.slow  # each test makes a study and a database of its own


def test_a_locked_database_is_said_after_a_while_and_waited_for_before(study_folder, opened):
    opened().add_code("Trust", coder="a")
    study = open_checked(study_folder)
    quick = open_coding(study_folder, study, busy_seconds=0.2)
    holder = opened()
    with holder._store.connector.writing() as connection:
        from cop_analysis.realist.store.log import read_head

        read_head(connection, lock=True)
        assert "Trust" in quick.codes["name"].tolist(), "reading is not kept waiting"
        with pytest.raises(Locked, match=r"for more than 0\.2 seconds. Nothing was changed"):
            quick.add_code("Time", coder="a")
    assert "Time" not in quick.codes["name"].tolist()
    quick.add_code("Time", coder="a")
    assert "Time" in holder.codes["name"].tolist()
    quick.close()


def test_a_short_lock_is_only_waited_for(sqlite_folder):
    with open_study(sqlite_folder).coding as coding:
        coding.add_code("Trust", coder="a")
        other = sqlite3.connect(sqlite_folder / "coding.db", isolation_level=None, check_same_thread=False)
        other.execute("BEGIN IMMEDIATE")
        threading.Timer(0.3, lambda: other.execute("ROLLBACK")).start()
        coding.add_code("Time", coder="a")
        assert "Time" in coding.codes["name"].tolist()
        other.close()


@pytest.fixture
def small_disk(make_folder) -> Path:
    """A file system of three quarters of a megabyte."""
    if os.getuid() != 0:
        pytest.skip("only root may mount a small file system to fill")
    place = make_folder()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=768k", "tmpfs", str(place)], capture_output=True)
    if made.returncode != 0:
        pytest.skip("this machine does not let root mount a small file system to fill")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


@pytest.mark.filterwarnings("ignore:coding.json could not be written")
def test_a_full_disk_loses_nothing(sqlite_folder, small_disk):
    folder = small_disk / "forum"
    shutil.copytree(sqlite_folder, folder)
    coding = open_study(folder).coding
    words = "w" * 20_000
    done = []
    with pytest.raises(Full, match="Nothing was changed and nothing is lost"), coding.by("a"):  # noqa: PT012
        for number in range(100):
            done.append(coding.memos.add(f"{number} {words}").id)
    assert len(done) > 3
    assert coding.memos["memo"].tolist() == done
    (folder / "README.md").unlink(missing_ok=True)
    again = open_coding(folder)
    assert again.memos["memo"].tolist() == done
    with again._store.connector.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    again.close()
    assert read_coding(folder).codes["name"].tolist() == ["Alone", "Asking", "Ringing"]
    # With room again, the work goes on, and coding.json catches up.
    subprocess.run(["mount", "-o", "remount,size=8m", str(small_disk)], check=True)
    done.append(coding.memos.add("room again", coder="a").id)
    assert coding.save()
    assert read_coding(folder).memos["memo"].tolist() == done
    coding.close()


def test_a_disk_too_full_for_a_first_database_keeps_coding_json(sqlite_folder, small_disk):
    folder = small_disk / "forum"
    shutil.copytree(sqlite_folder, folder)
    (folder / "ballast").write_bytes(b"x" * 700_000)
    before = (folder / "coding.json").read_bytes()
    coding = open_study(folder).coding
    with pytest.raises(Full, match="no room left"):
        coding.add_code("Trust", coder="a")
    assert (folder / "coding.json").read_bytes() == before
    assert sorted(path.name for path in folder.glob("*coding*")) == ["coding.json"]
    (folder / "ballast").unlink()
    coding.add_code("Trust", coder="a")
    assert "Trust" in read_coding(folder).codes["name"].tolist()
    coding.close()


def test_a_copy_the_disk_has_no_room_for_is_one_sentence_and_leaves_nothing(sqlite_folder, small_disk):
    (sqlite_folder / "documents" / "long.txt").write_text("w" * 900_000)
    with pytest.raises(CodingError) as refused:
        copy_study(open_study(sqlite_folder), small_disk / "mine")
    said = str(refused.value)
    assert said == f"{small_disk / 'mine'} could not be written (the disk has no room left). Nothing was copied."
    assert list(small_disk.iterdir()) == []


AS_READER = """
import os, sys, warnings
warnings.simplefilter("ignore")
from cop_analysis import open_study
from cop_analysis.realist.store import CodingError


def use(folder):
    coding = open_study(folder).coding
    said = [sorted(coding.codes["name"])]
    try:
        coding.add_code("Mine", coder="a")
    except CodingError as error:
        said.append(f"{type(error).__name__} {error}")
    said.append(len(coding.log()))
    coding.close()
    return said


# Where the interpreter itself is root's alone, all that is needed has to be imported before the right is given up.
use(sys.argv[1])
if os.getuid() == 0:
    import pwd
    nobody = pwd.getpwnam("nobody")
    os.setgroups([])
    os.setgid(nobody.pw_gid)
    os.setuid(nobody.pw_uid)
assert os.getuid() != 0
print(*use(sys.argv[2]), sep="\\n")
"""


@pytest.fixture
def as_reader(sqlite_folder):
    """Run as somebody who may read the study and not write it."""

    def run(folder: Path) -> list[str]:
        done = subprocess.run(
            [sys.executable, "-c", AS_READER, str(sqlite_folder), str(folder)], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout.splitlines()

    return run


@pytest.fixture
def readable(sqlite_folder, make_folder) -> Path:
    """The study in a folder everybody may read and nobody but its owner write."""
    place = make_folder()
    shutil.copytree(sqlite_folder, place / "forum")
    yield place / "forum"
    for path in (place, *place.rglob("*")):
        path.chmod(0o755)


def _only_to_read(folder: Path) -> None:
    for path in folder.rglob("*"):
        path.chmod(0o555 if path.is_dir() else 0o444)
    folder.chmod(0o555)
    folder.parent.chmod(0o755)


@pytest.mark.slow
def test_a_folder_that_may_only_be_read_opens_for_reading(readable, as_reader):
    with open_study(readable).coding as coding:
        coding.add_code("Trust", coder="a")
    _only_to_read(readable)
    before = sorted((path.name, path.stat().st_mtime_ns) for path in readable.iterdir())
    said = as_reader(readable)
    assert said[0] == "['Alone', 'Asking', 'Ringing', 'Trust']"
    assert said[1].startswith("ReadOnly The coding cannot be changed: ")
    assert "can be read but not written. Nothing was changed" in said[1]
    assert said[2] == "23"
    assert sorted((path.name, path.stat().st_mtime_ns) for path in readable.iterdir()) == before


@pytest.mark.slow
def test_a_folder_without_a_database_that_may_only_be_read_opens_from_coding_json(readable, as_reader):
    _only_to_read(readable)
    said = as_reader(readable)
    assert said[0] == "['Alone', 'Asking', 'Ringing']"
    assert said[1].startswith("ReadOnly The coding cannot be changed")
    assert said[2] == "0"
    assert not (readable / "coding.db").exists()


def _made(folder: Path) -> bytes:
    with open_study(folder).coding as coding:
        coding.add_code("Trust", coder="a")
        for number in range(40):
            coding.memos.add(f"{number} " + "w" * 3000, coder="a")
    return (folder / "coding.db").read_bytes()


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda content: b"", r"is empty \(0 bytes\)"),
        (lambda content: content[:50], "malformed|file is not a database"),
        (lambda content: content[: len(content) // 2], "database disk image is malformed"),
        (lambda content: content[:-100], "it should hold .* bytes and holds"),
        (lambda content: b"PK\x03\x04" + content[4:], "file is not a database"),
        (lambda content: b"\x00" * len(content), "file is not a database"),
        (lambda content: content[:4096] + b"\xff" * (len(content) - 4096), "malformed|damaged|database disk image"),
        (lambda content: content[:100] + b"\x00" * 3996 + content[4096:], "malformed|no tables|damaged"),
    ],
)
def test_a_damaged_database_is_said_untouched_and_rebuilt_once_renamed(sqlite_folder, damage, said):
    content = _made(sqlite_folder)
    hurt = damage(content)
    file = sqlite_folder / "coding.db"
    file.write_bytes(hurt)
    with pytest.raises(CodingError, match=said) as refusal:
        _ = open_study(sqlite_folder).coding
    assert isinstance(refusal.value, Damaged)
    assert "coding.db.damaged" in str(refusal.value)
    assert file.read_bytes() == hurt
    file.rename(sqlite_folder / "coding.db.damaged")
    with open_study(sqlite_folder).coding as coding:
        assert "Trust" in coding.codes["name"].tolist()
        assert len(coding.memos) == 40
        coding.add_code("Time", coder="a")


def test_damage_in_the_log_is_said_when_it_is_read(sqlite_folder):
    content = bytearray(_made(sqlite_folder))
    # The last pages hold the log's latest entries.
    content[-8192:] = b"\xee" * 8192
    (sqlite_folder / "coding.db").write_bytes(bytes(content))
    with pytest.raises(Damaged):
        open_study(sqlite_folder).coding.log()


def test_another_database_under_the_name_is_refused(sqlite_folder):
    other = sqlite3.connect(sqlite_folder / "coding.db")
    other.execute("CREATE TABLE shopping (what TEXT)")
    other.close()
    with pytest.raises(Damaged, match="no tables of a coding"):
        _ = open_study(sqlite_folder).coding


def test_a_database_deleted_under_a_running_process_is_noticed(sqlite_folder):
    coding = open_study(sqlite_folder).coding
    coding.add_code("Trust", coder="a")
    (sqlite_folder / "coding.db").unlink()
    for look in (lambda: len(coding.codes), lambda: coding.add_code("Time", coder="a")):
        with pytest.raises(CodingError, match="was deleted, moved or replaced while it was open"):
            look()
    with open_study(sqlite_folder).coding as again:
        assert "Trust" in again.codes["name"].tolist()


@pytest.mark.slow
def test_a_server_that_drops_its_connections_is_asked_again(sqlite_folder, write_study, postgresql):
    folder = write_study(sqlite_folder, "forum_dropped", postgresql)
    coding, other = open_study(folder).coding, open_study(folder).coding
    coding.add_code("Trust", coder="a")
    with other._store.connector.alone() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND usename = 'team'"
        )
    coding.add_code("Time", coder="a")
    assert "Time" in other.codes["name"].tolist()
    coding.close()
    other.close()
