"""A process killed at any moment, hundreds of times, loses at most the change in flight and never the file."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from cop_analysis import open_study
from cop_analysis.realist import read_coding
from cop_analysis.realist.coding import open_coding

KILLS = 250
HARNESS = """
import os, random, signal, sys, time
from cop_analysis.realist.coding import open_coding
from cop_analysis.study import open_study

folder, kills = sys.argv[1], int(sys.argv[2])
study = open_study(folder)
chance = random.Random(20240401)
pace = 0.02


def write(said, name):
    coding = open_coding(folder, study)
    said.write("ready\\n")
    number = 0
    with coding.by("a"):
        while True:
            number += 1
            said.write(f"begin {name}-{number}\\n")
            coding.add_extract("D01", 0, 10, "c1", id=f"{name}-{number}", memo="w" * 3000)
            said.write(f"done {name}-{number}\\n")
            if number % 5 == 0:
                coding.undo()
                coding.log.redo()
            if number % 7 == 0:
                coding.save()


for kill in range(kills):
    read, wrote = os.pipe()
    child = os.fork()
    if not child:
        os.close(read)
        write(os.fdopen(wrote, "w", buffering=1), f"k{kill}")
    os.close(wrote)
    with os.fdopen(read) as said:
        # A tenth are killed while they open the database or, the first ones, make it; the others while they write.
        first = said.readline() + said.readline() if kill % 10 and kill > 20 else ""
        time.sleep(chance.uniform(0, 3 * pace))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        print(*(first + said.read()).splitlines(), sep="\\n")
    if kill == 20:
        with open_coding(folder, study) as coding:
            started = time.monotonic()
            for number in range(3):
                coding.add_code(f"Made in peace {number}", coder="a")
            # A busy machine writes more slowly, and is given longer before the kill.
            pace = min(max((time.monotonic() - started) / 3, 0.02), 0.2)
    print("killed", kill, flush=True)
    if kill % 25 == 0:
        sys.stdin.readline()
"""
"""Forks a writer from a process that has everything imported, lets it work for a moment, and kills it."""


@pytest.mark.slow
def test_killed_hundreds_of_times_nothing_that_was_done_is_lost(sqlite_folder: Path, start_process):
    harness = start_process(
        [sys.executable, "-c", HARNESS, str(sqlite_folder), str(KILLS)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    done: set[str] = set()
    begun: set[str] = set()
    killed = 0
    for line in harness.stdout:
        what, _, identifier = line.strip().partition(" ")
        if what in ("begin", "done"):
            (begun if what == "begin" else done).add(identifier)
        elif what == "killed":
            killed += 1
            if int(identifier) % 25 == 0:
                _judge(sqlite_folder, done, begun)
                harness.stdin.write("go on\n")
                harness.stdin.flush()
    assert harness.wait(timeout=600) == 0
    assert killed == KILLS
    assert len(done) > KILLS / 10
    _judge(sqlite_folder, done, begun)
    for part in sqlite_folder.glob(".coding.*.part*"):
        os.utime(part, (0, 0))
    with open_study(sqlite_folder).coding as coding:
        coding.add_code("Afterwards", coder="a")
    assert list(sqlite_folder.glob(".coding.*")) == [], "what the killed ones left beside it is swept"


def _judge(folder: Path, done: set[str], begun: set[str]) -> None:
    """What was done is there, and nothing that was never begun; the files are sound and the log has no gap."""
    read_coding(folder)
    if not (folder / "coding.db").exists():
        assert not done
        return
    connection = sqlite3.connect(folder / "coding.db", timeout=60)
    try:
        there = {row[0] for row in connection.execute("SELECT id FROM record WHERE kind = 'extracts' AND id LIKE 'k%'")}
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        counted, last = connection.execute("SELECT count(*), max(seq) FROM entry").fetchone()
        assert counted == last == connection.execute("SELECT seq FROM head").fetchone()[0]
        turned = dict(connection.execute("SELECT action, count(*) FROM change GROUP BY action").fetchall())
    finally:
        connection.close()
    # Killed between an undo and its redo, the last one was taken back on purpose.
    assert len(done - there) <= turned.get("undo", 0) - turned.get("redo", 0)
    assert there <= begun
    with open_coding(folder) as coding:
        assert set(coding.extracts["extract"]) >= there
        assert coding.at(coding.seq).snapshot == coding.snapshot
