"""A file that is written is the old one or the new one, whatever happens on the way."""

import errno
import os

import pandas as pd
import pytest

from cop_analysis.files import put_whole, whole


def test_what_stood_there_stands_until_the_new_one_is_whole(tmp_path, monkeypatch):
    path = tmp_path / "people.csv"
    path.write_bytes(b"old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    for where, step in ((whole.os, "fsync"), (whole.Path, "chmod"), (whole.Path, "replace")):
        with monkeypatch.context() as patched:
            patched.setattr(where, step, full)
            with pytest.raises(OSError, match="No space left"):
                put_whole(path, "new")
        assert path.read_bytes() == b"old"
        assert [one.name for one in tmp_path.iterdir()] == ["people.csv"]


def test_bytes_are_written_as_they_are_and_permissions_are_kept(tmp_path):
    path = tmp_path / "people.csv"
    put_whole(path, b"\xef\xbb\xbfperson\r\n")
    path.chmod(0o640)
    put_whole(path, "person\r\nÄ\n", lasting=False)
    assert path.read_bytes() == "person\r\nÄ\n".encode()
    assert path.stat().st_mode & 0o777 == 0o640


def test_what_appeared_meanwhile_is_left_alone_where_nothing_may_be_replaced(tmp_path):
    path = tmp_path / "people.csv"

    def write(file) -> None:
        file.write(b"mine")
        path.write_bytes(b"theirs")

    with pytest.raises(FileExistsError):
        put_whole(path, write, overwrite=False)
    assert path.read_bytes() == b"theirs"
    assert [one.name for one in tmp_path.iterdir()] == ["people.csv"]
    path.unlink()
    put_whole(path, lambda file: file.write(b"new"), overwrite=False)
    assert path.read_bytes() == b"new"
    assert [one.name for one in tmp_path.iterdir()] == ["people.csv"]


def test_a_file_that_is_held_for_a_moment_is_tried_again(tmp_path, monkeypatch):
    path = tmp_path / "coding.json"
    path.write_bytes(b"old")
    replace, held = whole.Path.replace, [OSError(errno.EBUSY, "busy")] * 3
    monkeypatch.setattr(whole, "_PAUSE_SECONDS", 0)

    def busy(beside, target):
        if held:
            raise held.pop()
        return replace(beside, target)

    monkeypatch.setattr(whole.Path, "replace", busy)
    put_whole(path, "new")
    assert path.read_text() == "new"


def test_what_could_not_be_written_is_named(tmp_path, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(whole.os, "fsync", full)
    with pytest.raises(OSError, match="No space left") as told:
        put_whole(tmp_path / "people.csv", "person")
    assert (told.value.errno, told.value.filename) == (28, str(tmp_path / "people.csv"))
    assert whole.reason_of(told.value) == "the disk has no room left"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes in folders")
def test_a_pipe_is_neither_replaced_nor_waited_for(tmp_path):
    from cop_analysis.commands.registry import write_table

    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(OSError, match="a pipe or a device"):
        put_whole(pipe, "new")
    with pytest.raises(OSError, match="a pipe nobody reads"):
        write_table(pipe, pd.DataFrame({"a": [1]}))
    assert [one.name for one in tmp_path.iterdir()] == ["pipe"]
    assert pipe.is_fifo()
    with os.fdopen(os.open(pipe, os.O_RDONLY | os.O_NONBLOCK), "rb") as reader:
        write_table(pipe, pd.DataFrame({"a": [1]}))
        assert reader.read().split() == [b"\xef\xbb\xbfa", b"1"]
