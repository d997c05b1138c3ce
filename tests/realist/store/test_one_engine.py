"""Only SQLite opens a database, one engine a file and process: what a second handle does never drops a lock."""

from __future__ import annotations

import inspect
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from cop_analysis import open_study
from cop_analysis.files import is_database
from cop_analysis.realist.coding import open_coding
from cop_analysis.realist.store import CodingError, Damaged, connect
from cop_analysis.realist.store.address import claim_path
from cop_analysis.realist.store.connect import Connector

pytestmark = pytest.mark.slow  # each test makes a study and a database of its own

CYCLES = 200

WRITER = """
import sys
from cop_analysis import open_study
from cop_analysis.realist.coding import open_coding
study = open_study(sys.argv[1])
print("ready", flush=True)
number = 0
coding = None
for line in sys.stdin:
    # Closed and opened again, it is now and then the last to let go, and takes the write-ahead log away.
    if coding is None:
        coding = open_coding(study.folder, study)
    number += 1
    print(coding.add_extract("D02", number % 60, number % 60 + 9, "c2", coder="b", id=f"other-{number}").id, flush=True)
    if number % 3 == 0:
        coding.close()
        coding = None
"""
"""Another process: one change for each line it is sent."""


def every_verb(folder: str, cycles: int, other) -> tuple[set[str], int]:
    """Open the coding again and again beside a handle that stays, do everything with both, and look at both.

    Gives the extracts that were confirmed and how often the first handle had seen the other process at once.
    """
    from cop_analysis import open_study
    from cop_analysis.realist.coding import open_coding

    study = open_study(folder)
    first = study.coding
    confirmed: set[str] = set()
    seen = 0
    for cycle in range(cycles):
        written = other(cycle)
        confirmed.add(written)
        # Now and then with a look at all of the study's tables, which costs more than the rest.
        second = open_coding(folder, study) if cycle % 5 else open_study(folder).coding
        mine = second if cycle % 2 else first
        with mine.by("a"):
            code = mine.add_code(f"Cycle {cycle}")
            extract = mine.add_extract("D01", cycle % 40, cycle % 40 + 12, code, id=f"mine-{cycle}")
        assert first.snapshot == second.snapshot
        step = cycle % 10
        if step == 0:
            first.codes.rename(code, f"Renamed {cycle}", coder="a")
        elif step == 1:
            second.extracts.annotate(extract, "a note", coder="a")
            assert first.extracts["memo"].tolist() == second.extracts["memo"].tolist()
            first.extracts.recode(extract, "c1", coder="a")
        elif step == 2:
            first.move_extract(extract, 3, 20, coder="a")
            second.save()
        elif step == 3:
            second.memos.add(f"memo {cycle}", coder="a")
            first.undo("a")
            second.log.redo("a")
        elif step == 4:
            first.log(last=3)
            second.at(second.seq)
        elif step == 5:
            first.merge(second.still(), coder="a")
            second.conflicts  # noqa: B018
        elif step == 6:
            second.extracts.delete(extract, coder="a")
        elif step == 7:
            first.find(type(code), code.id)
            first.standing  # noqa: B018
        elif step == 8:
            second.replace_document("D01", coder="a")
        else:
            second.turns  # noqa: B018
            first.changed_since(first.seq - 1)
        if step != 6:
            confirmed.add(extract.id)
        seen += written in set(first.extracts["extract"]) and written in set(second.extracts["extract"])
        second.close()
    first.close()
    return confirmed, seen


@pytest.fixture
def other(sqlite_folder, start_process):
    """Let another process make one change, and give its identifier."""
    with open_study(sqlite_folder).coding as coding:
        coding.add_code("Begun", coder="a")
    process = start_process(
        [sys.executable, "-c", WRITER, str(sqlite_folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "ready\n"

    def write(_: int) -> str:
        process.stdin.write("one\n")
        process.stdin.flush()
        return process.stdout.readline().strip()

    yield write
    process.stdin.close()
    assert process.wait(timeout=600) == 0


def _sound(folder: Path, confirmed: set[str]) -> None:
    """The file is whole, the log has no gap, and every write that was confirmed is there."""
    connection = sqlite3.connect(folder / "coding.db")
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    there = {one for (one,) in connection.execute("SELECT id FROM record WHERE kind = 'extracts'")}
    counted, last = connection.execute("SELECT count(*), max(seq) FROM entry").fetchone()
    connection.close()
    assert confirmed <= there
    assert counted == last


def test_every_verb_with_two_handles_while_another_process_writes(sqlite_folder, other):
    confirmed, seen = every_verb(str(sqlite_folder), CYCLES, other)
    assert seen == CYCLES, "both handles see the other process at once"
    assert len(confirmed) == CYCLES + CYCLES * 9 // 10
    _sound(sqlite_folder, confirmed)
    assert not connect._lent, "the last handle closed the engine"


# The kernel's own child ends with it: it reads its orders from the kernel until there are no more.
KERNEL = """
{source}
import subprocess, sys
from cop_analysis.widgets.coding.session import Session

folder, writer = {folder!r}, {writer!r}
pipes = dict(stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
process = subprocess.Popen([sys.executable, "-c", writer, folder], **pipes)
assert process.stdout.readline() == "ready\\n"
panel = Session(folder, "a")
panel.hello()
told = 0

def other(cycle):
    global told
    process.stdin.write("one\\n")
    process.stdin.flush()
    written = process.stdout.readline().strip()
    told += written in str(panel.news())
    return written

confirmed, seen = every_verb(folder, {cycles}, other)
process.stdin.close()
assert process.wait(timeout=600) == 0
print(seen, told, *sorted(confirmed))
"""


def test_the_same_from_a_running_kernel_whose_panel_sees_every_write(sqlite_folder):
    from jupyter_client.manager import start_new_kernel

    with open_study(sqlite_folder).coding as coding:
        coding.add_code("Begun", coder="a")
    code = KERNEL.format(
        source="from __future__ import annotations\n" + inspect.getsource(every_verb), folder=str(sqlite_folder),
        writer=WRITER, cycles=CYCLES,
    )  # fmt: skip
    manager, client = start_new_kernel(startup_timeout=120)
    said: list[str] = []
    try:
        reply = client.execute_interactive(
            code, timeout=900, output_hook=lambda one: said.append(one["content"].get("text", ""))
        )
        assert reply["content"]["status"] == "ok", "\n".join(reply["content"].get("traceback", []))
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    seen, told, *confirmed = "".join(said).split()
    assert (int(seen), int(told)) == (CYCLES, CYCLES)
    _sound(sqlite_folder, set(confirmed))


def test_handles_of_one_process_share_one_engine_and_the_last_to_go_closes_it(sqlite_folder, tmp_path):
    with open_study(sqlite_folder).coding as coding:
        coding.add_code("Begun", coder="a")
    link = tmp_path / "linked"
    link.symlink_to(sqlite_folder, target_is_directory=True)
    one, two, three = (open_study(path).coding for path in (sqlite_folder, sqlite_folder, link))
    shared = {id(each._store.connector.engine) for each in (one, two, three)}
    assert len(shared) == 1
    three.add_code("Through a link", coder="a")
    one.close()
    assert "Through a link" in two.codes["name"].tolist()
    two.add_code("After the first went", coder="a")
    two.close()
    three.close()
    assert not connect._lent
    assert not list(sqlite_folder.glob("coding.db-*")), "closed by the last, nothing stays beside it"


def test_a_database_open_under_another_name_is_refused(sqlite_folder, tmp_path):
    coding = open_study(sqlite_folder).coding
    coding.add_code("Begun", coder="a")
    moved = sqlite_folder.with_name("moved")
    sqlite_folder.rename(moved)
    with pytest.raises(CodingError, match="open in this process under another name"):
        _ = open_study(moved).coding
    moved.rename(sqlite_folder)
    coding.close()


@pytest.mark.filterwarnings("ignore::cop_analysis.realist.coding.SharedFolder")
def test_one_handle_does_not_give_up_the_claim_of_another(sqlite_folder):
    shared = sqlite_folder.parent / f"{sqlite_folder.name} x" / "Dropbox" / "forum"
    shared.parent.mkdir(parents=True)
    shutil.copytree(sqlite_folder, shared)
    one, two = open_study(shared).coding, open_study(shared).coding
    one.add_code("One", coder="a")
    two.add_code("Two", coder="a")
    one.close()
    assert claim_path(shared / "coding.db").exists()
    two.close()
    assert not claim_path(shared / "coding.db").exists()


WATCHED = """
import os, sys
from pathlib import Path
from cop_analysis import open_study, network
from cop_analysis.realist import examine_study, read_coding, read_text_document
from cop_analysis.realist.exchange import read_qdc, read_qdpx, read_coded_segments, read_taguette, read_qualcoder
from cop_analysis.report.provenance import study_files
import cop_analysis.realist.erasure.withdrawal, cop_analysis.realist.erasure.made_files

folder, kept = Path(sys.argv[1]), Path(sys.argv[2])
coding = open_study(folder).coding
coding.add_code("Begun", coder="a")
ours = {(found.st_dev, found.st_ino) for path in kept.parent.glob(kept.name + "*") if (found := path.stat())}
assert len(ours) == 3, sorted(kept.parent.iterdir())
opened = []

def watch(event, arguments):
    if event in ("open", "shutil.copyfile", "os.truncate") and isinstance(arguments[0], (str, bytes, os.PathLike)):
        try:
            found = os.stat(arguments[0])
        except OSError:
            return
        if (found.st_dev, found.st_ino) in ours:
            who = [sys._getframe(depth).f_code.co_name for depth in (1, 2)]
            opened.append((event, Path(str(arguments[0])).name, *who))

sys.addaudithook(watch)
again = open_study(folder).coding
again.add_code("Again", coder="a")
again.undo("a")
again.merge(folder, coder="a")
study = open_study(folder)
study.files(), study_files(folder, study), study.coding.standing
examine_study(folder)
for read in (read_qdc, read_qdpx, read_coded_segments, read_taguette, read_qualcoder, read_text_document, read_coding,
             network.read_graph, network.read_vertex_values):
    for path in (kept, kept.with_name(kept.name + "-wal")):
        try:
            read(path)
        except (Exception,) as error:
            assert "Traceback" not in str(error)
again.erase_person("P02", coder="a", also=(folder, kept.parent, kept), outputs=folder / "none", look=True)
again.erase_person("P02", coder="a", also=(folder, kept.parent, kept), outputs=folder / "none")
again.close()
coding.close()
print(opened)
"""


@pytest.mark.parametrize("name", ["", "../elsewhere/kept.bin", "documents/kept", "kept.sqlite"])
def test_no_reader_of_the_package_opens_a_live_database_by_itself(sqlite_folder, write_study, name):
    if name:
        (sqlite_folder.parent / "elsewhere").mkdir(exist_ok=True)
        write_study(sqlite_folder, database=f"sqlite:///{name}")
    kept = (sqlite_folder / (name or "coding.db")).resolve()
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", WATCHED, str(sqlite_folder), str(kept)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.strip().splitlines()[-1] == "[]"


def test_a_database_is_told_by_sqlite_and_not_by_its_name(tmp_path):
    kept = tmp_path / "anything"
    connection = sqlite3.connect(kept)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("CREATE TABLE t (x)")
    connection.commit()
    assert is_database(kept)
    assert is_database(tmp_path / "anything-wal")
    assert is_database(tmp_path / "anything-shm")
    connection.close()
    (tmp_path / "text.txt").write_text("SQLite format 3\0 is how it begins")
    (tmp_path / "empty.txt").write_text("")
    os.mkfifo(tmp_path / "pipe")
    told = [is_database(tmp_path / name) for name in ("text.txt", "empty.txt", "pipe", "absent", ".", "a-journal")]
    assert told == [False] * 6
    assert sorted(path.name for path in tmp_path.iterdir()) == ["anything", "empty.txt", "pipe", "text.txt"]


FORKS = """
import os, sys
from cop_analysis import open_study
from cop_analysis.realist.coding.examined import check_kept
from cop_analysis.study import open_study as open_checked
folder = sys.argv[1]
coding = open_study(folder).coding
coding.add_code("Before", coder="a")

def in_child(work):
    read, wrote = os.pipe()
    child = os.fork()
    if not child:
        try:
            said = work()
        except Exception as error:
            said = f"{type(error).__name__}: {error}"
        os.write(wrote, str(said).encode())
        os._exit(0)
    os.close(wrote)
    with os.fdopen(read) as heard:
        told = heard.read()
    os.waitpid(child, 0)
    return told

for number in range(20):
    print(in_child(lambda: coding.add_code(f"Child {number}", coder="b").name))
    coding.add_code(f"Parent {number}", coder="a")
print(len(coding.codes))
with coding._store.connector.writing():
    print(in_child(lambda: len(open_study(folder).coding.codes)))
    print(in_child(lambda: check_kept(open_checked(folder)).faults[0].rule))
coding.add_code("After", coder="a")
coding.close()
"""


def test_a_forked_process_opens_the_file_anew(sqlite_folder):
    done = subprocess.run([sys.executable, "-c", FORKS, str(sqlite_folder)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    *children, total, refused, looked = done.stdout.splitlines()
    assert children == [f"Child {number}" for number in range(20)]
    assert total == str(3 + 1 + 40)
    assert refused.startswith("CodingError: This process was forked while the database")
    # To look is no safer: SQLite would take the parent's locks for its own.
    assert looked.startswith("the coding cannot be opened: This process was forked while the database")
    _sound(sqlite_folder, set())


def _hurt(folder: Path) -> bytes:
    with open_study(folder).coding as coding:
        coding.add_code("Begun", coder="a")
    whole = (folder / "coding.db").read_bytes()
    (folder / "coding.db").write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    return whole


def test_damage_is_said_only_when_sqlite_says_it_twice(sqlite_folder, monkeypatch):
    whole = _hurt(sqlite_folder)
    asked: list[str] = []
    ask = Connector.ask_again

    def whole_by_then(self: Connector, said: str) -> CodingError:
        asked.append(said)
        (sqlite_folder / "coding.db").write_bytes(whole)
        return ask(self, said)

    with pytest.raises(Damaged, match="malformed"):
        _ = open_study(sqlite_folder).coding
    monkeypatch.setattr(Connector, "ask_again", whole_by_then)
    with open_study(sqlite_folder).coding as coding:
        assert "Begun" in coding.codes["name"].tolist()
    assert len(asked) == 1


def test_somebody_elses_database_is_not_called_damaged_and_not_touched(sqlite_folder):
    file = sqlite_folder / "coding.db"
    other = sqlite3.connect(file)
    other.execute("CREATE TABLE shopping (what TEXT)")
    other.close()
    before = file.read_bytes()
    with pytest.raises(CodingError, match=r"holds no tables of a coding \(its tables are shopping\)") as said:
        _ = open_study(sqlite_folder).coding
    assert "is damaged" not in str(said.value)
    assert file.read_bytes() == before


def test_a_handle_waits_as_long_as_it_was_told_though_the_engine_is_shared(sqlite_folder):
    from cop_analysis.study import open_study as open_checked

    patient = open_study(sqlite_folder).coding
    patient.add_code("Begun", coder="a")
    hasty = open_coding(sqlite_folder, open_checked(sqlite_folder), busy_seconds=0.05)
    holder = sqlite3.connect(sqlite_folder / "coding.db", isolation_level=None, check_same_thread=False)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(CodingError, match=r"more than 0\.05 seconds"):
        hasty.add_code("Now", coder="a")
    threading.Timer(0.3, lambda: holder.execute("ROLLBACK")).start()
    patient.add_code("Then", coder="a")
    holder.close()
    for one in (patient, hasty):
        one.close()


def test_the_log_of_a_database_that_is_gone_is_not_played_into_the_new_one(sqlite_folder):
    coding = open_study(sqlite_folder).coding
    coding.add_code("Begun", coder="a")
    (sqlite_folder / "coding.db").unlink()
    with pytest.raises(CodingError, match="was deleted, moved or replaced while it was open"):
        coding.add_code("Lost", coder="a")
    coding.close()
    assert (sqlite_folder / "coding.db-wal").exists(), "SQLite leaves it, since the file it knew is gone"
    with open_study(sqlite_folder).coding as again:
        again.add_code("Made anew", coder="a")
        assert {"Begun", "Made anew"} <= set(again.codes["name"]), "from coding.json"
    _sound(sqlite_folder, set())
    assert (sqlite_folder / "coding.before-lost-wal.db").exists(), "kept until something is erased"
    with open_study(sqlite_folder).coding as again:
        again.erase_person("P02", coder="a", outputs=sqlite_folder / "none")
    assert not list(sqlite_folder.glob("coding.before-*"))


def test_another_file_in_the_place_of_an_open_one_is_refused_with_what_puts_it_right(sqlite_folder, tmp_path_factory):
    other = tmp_path_factory.mktemp("other") / "forum"
    shutil.copytree(sqlite_folder, other)
    with open_study(other).coding as theirs:
        wanted = theirs.add_code("Other", coder="a")
    coding = open_study(sqlite_folder).coding
    coding.add_code("Begun", coder="a")
    os.replace(other / "coding.db", sqlite_folder / "coding.db")
    for act in (lambda: len(coding.codes), lambda: coding.add_code("Two", coder="a"),
                lambda: open_study(sqlite_folder).coding):  # fmt: skip
        with pytest.raises(CodingError, match=r"delete coding\.db-wal and coding\.db-shm") as said:
            act()
        assert "damaged" not in str(said.value)
    coding.close()
    for ending in ("-wal", "-shm"):
        (sqlite_folder / f"coding.db{ending}").unlink()
    with open_study(sqlite_folder).coding as again:
        assert wanted.id in again.codes["code"].tolist()
    _sound(sqlite_folder, set())


def test_a_study_made_anew_under_the_name_of_one_that_was_moved_away_while_open_is_a_study_of_its_own(sqlite_folder):
    coding = open_study(sqlite_folder).coding
    coding.add_code("Begun", coder="a")
    moved = sqlite_folder.with_name("moved")
    sqlite_folder.rename(moved)
    shutil.copytree(moved, sqlite_folder, ignore=shutil.ignore_patterns("coding.db*"))
    one, two = open_study(sqlite_folder).coding, open_study(sqlite_folder).coding
    one.add_code("New", coder="a")
    assert "New" in two.codes["name"].tolist()
    with pytest.raises(CodingError, match=r"was deleted, moved or replaced .* open the study again"):
        coding.add_code("Late", coder="a")
    for each in (one, two, coding):
        each.close()
    _sound(sqlite_folder, set())
    _sound(moved, set())


def test_a_database_with_two_names_is_refused_because_each_would_have_a_log_of_its_own(sqlite_folder, tmp_path_factory):
    with open_study(sqlite_folder).coding as coding:
        coding.add_code("Begun", coder="a")
    second = tmp_path_factory.mktemp("second") / "kept.db"
    os.link(sqlite_folder / "coding.db", second)
    with pytest.raises(CodingError, match=r"has 2 names \(hard links\)") as said:
        _ = open_study(sqlite_folder).coding
    assert "damaged" not in str(said.value)
    second.unlink()
    # What a process leaves that was killed between naming the file and taking the first name away is no second name.
    os.link(sqlite_folder / "coding.db", sqlite_folder / ".coding.db.0123abcd.part")
    with open_study(sqlite_folder).coding as coding:
        coding.add_code("Again", coder="a")
    _sound(sqlite_folder, set())
