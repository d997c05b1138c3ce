"""A file that is written is the old one or the new one, whatever happens on the way."""

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
