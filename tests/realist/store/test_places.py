"""Where a folder lies decides how its database is kept: a local disk, a network, a folder that is copied to a cloud."""

from __future__ import annotations

import json
import os
import socket
import sys
from pathlib import Path, PureWindowsPath

import pytest

from cop_analysis import open_study
from cop_analysis.realist.coding import SharedFolder
from cop_analysis.realist.store import Locked, find_place
from cop_analysis.realist.store import address as address_module
from cop_analysis.realist.store.address import Place, claim_path

MOUNTS = "\n".join(
    [
        "/dev/sda1 / ext4 rw,relatime 0 0",
        "server:/export /srv/team nfs4 rw 0 0",
        "//files/share /mnt/trust\\040files cifs rw 0 0",
        "me@host:/ /home/a/far fuse.sshfs rw 0 0",
        "onedriver /home/a/cloud fuse.onedriver rw 0 0",
        "tmpfs /srv/team/local tmpfs rw 0 0",
        "C: /mnt/c 9p rw,aname=drvfs 0 0",
        "broken line",
    ]
)


@pytest.mark.parametrize(
    ("folder", "kind", "name"),
    [
        ("/home/a/studies/forum", "local", ""),
        ("/srv/team/forum", "network", "a network folder (nfs4)"),
        ("/srv/team", "network", "a network folder (nfs4)"),
        ("/srv/teamwork/forum", "local", ""),
        ("/srv/team/local/forum", "local", ""),
        ("/mnt/trust files/forum", "network", "a network folder (cifs)"),
        ("/home/a/far/forum", "network", "a network folder (fuse.sshfs)"),
        ("/mnt/c/Users/a/forum", "network", "a network folder (9p)"),
        ("/home/a/cloud/forum", "synchronised", "OneDrive"),
        ("/home/a/OneDrive/forum", "synchronised", "OneDrive"),
        ("/Users/a/Library/CloudStorage/OneDrive-ATrust/forum", "synchronised", "a cloud folder"),
        ("/home/a/OneDrive - Another NHS Trust/forum", "synchronised", "OneDrive"),
        ("/home/a/Dropbox (Personal)/forum", "synchronised", "Dropbox"),
        ("/home/a/Google Drive/My Drive/forum", "synchronised", "Google Drive"),
        ("/Users/a/Library/Mobile Documents/com~apple~CloudDocs/forum", "synchronised", "iCloud"),
        ("/home/a/Nextcloud2/forum", "synchronised", "Nextcloud"),
        ("/home/a/Dropboxes/forum", "local", ""),
        ("/home/a/My OneDrive notes/forum", "local", ""),
    ],
)
def test_a_folder_is_recognised_by_its_name_or_its_mount(folder, kind, name):
    assert find_place(folder, mounts=MOUNTS, environment={}) == Place(kind, name)


@pytest.mark.parametrize("folder", [r"\\files\share\forum", "//files/share/forum"])
def test_a_unc_path_is_a_network_folder(folder):
    for platform in ("win32", "linux"):
        assert find_place(folder, mounts="", environment={}, platform=platform).kind == "network"
    assert find_place(r"\\?\C:\forum", mounts="", environment={}, platform="win32").kind == "local"


def test_a_windows_folder_is_recognised_by_name_and_by_variable():
    environment = {"OneDriveCommercial": r"C:\Users\a\Trust files"}
    for folder in (r"C:\Users\a\OneDrive - Trust\forum", r"C:\Users\a\trust files\forum"):
        found = find_place(PureWindowsPath(folder), mounts="", environment=environment, platform="win32")
        assert found == Place("synchronised", "OneDrive")


def test_a_link_into_a_shared_folder_is_followed(tmp_path):
    (tmp_path / "Dropbox" / "forum").mkdir(parents=True)
    (tmp_path / "here").symlink_to(tmp_path / "Dropbox" / "forum")
    assert find_place(tmp_path / "here", mounts="", environment={}).name == "Dropbox"


# --- a database in such a folder ---------------------------------------------------------------------------------


@pytest.fixture
def shared(sqlite_folder: Path, monkeypatch) -> Path:
    """A study in a folder that is copied to a cloud."""
    place = sqlite_folder.parent / f"{sqlite_folder.name} data" / "OneDrive - Trust"
    place.mkdir(parents=True)
    sqlite_folder.rename(place / "forum")
    return place / "forum"


def test_it_is_said_at_opening_and_kept_with_a_rollback_journal(shared):
    coding = open_study(shared).coding
    assert coding.notices == [], "there is no database yet"
    with pytest.warns(SharedFolder, match=r"synchronised folder \(OneDrive\).*one process at a time"):
        coding.add_code("Trust", coder="a")
    coding.close()
    with pytest.warns(SharedFolder, match=r"synchronised folder \(OneDrive\)"):
        coding = open_study(shared).coding
    assert coding.notices[0].startswith("The coding's database coding.db lies in a synchronised folder")
    coding.add_code("Time", coder="a")
    with coding._store.connector.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "delete"
    assert claim_path(shared / "coding.db").exists()
    assert not (shared / "coding.db-wal").exists()
    coding.close()
    assert sorted(path.name for path in shared.glob("coding.*")) == ["coding.db", "coding.json"]


def test_on_a_local_disk_it_is_kept_with_a_write_ahead_log(sqlite_folder):
    with open_study(sqlite_folder).coding as coding:
        assert coding.notices == []
        coding.add_code("Trust", coder="a")
        with coding._store.connector.reading() as connection:
            assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        assert not claim_path(sqlite_folder / "coding.db").exists()
    assert sorted(path.name for path in sqlite_folder.glob("coding.*")) == ["coding.db", "coding.json"]


def test_a_database_that_moves_to_a_shared_folder_changes_its_journal(sqlite_folder):
    with open_study(sqlite_folder).coding as coding:
        coding.add_code("Trust", coder="a")
    place = sqlite_folder.parent / f"{sqlite_folder.name} data" / "Dropbox"
    place.mkdir(parents=True)
    sqlite_folder.rename(place / "forum")
    with pytest.warns(SharedFolder, match="Dropbox"):
        coding = open_study(place / "forum").coding
    assert "Trust" in coding.codes["name"].tolist()
    coding.add_code("Time", coder="a")
    with coding._store.connector.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "delete"
    coding.close()


@pytest.mark.filterwarnings("ignore::cop_analysis.realist.coding.SharedFolder")
def test_a_second_writer_in_a_shared_folder_is_refused_and_told_who(shared):
    claim = claim_path(shared / "coding.db")
    claim.write_text(json.dumps({"machine": "WARD-PC-7", "pid": 4, "who": "coder-b", "since": "2025-03-02T10:00:00Z"}))
    with open_study(shared).coding as coding:
        assert len(coding.codes) == 3, "reading is allowed"
        with pytest.raises(Locked, match="coder-b on WARD-PC-7 has this coding open for writing since 2025-03-02T10"):
            coding.add_code("Trust", coder="a")
        claim.unlink()
        coding.add_code("Trust", coder="a")
        assert json.loads(claim.read_text())["pid"] == os.getpid()
    assert not claim.exists()


@pytest.mark.filterwarnings("ignore::cop_analysis.realist.coding.SharedFolder")
def test_the_claim_of_a_process_that_is_no_more_is_taken_over(shared, start_process):
    ended = start_process([sys.executable, "-c", "pass"])
    ended.wait()
    claim = claim_path(shared / "coding.db")
    owner = {"machine": socket.gethostname(), "pid": ended.pid, "who": "coder-b", "started": 1.0}
    claim.write_text(json.dumps(owner))
    with open_study(shared).coding as coding:
        coding.add_code("Trust", coder="a")
    # Another process that was given the same number since is not the one that took the claim.
    claim.write_text(json.dumps({**owner, "pid": os.getpid()}))
    with open_study(shared).coding as coding:
        coding.add_code("Time", coder="a")


@pytest.mark.filterwarnings("ignore::cop_analysis.realist.coding.SharedFolder")
def test_a_claim_nobody_can_read_is_respected(shared):
    claim_path(shared / "coding.db").write_text("half a cl")
    with open_study(shared).coding as coding, pytest.raises(Locked, match=r"delete coding\.db\.writer"):
        coding.add_code("Trust", coder="a")


def test_a_network_mount_is_recognised_for_a_real_folder(sqlite_folder, monkeypatch):
    with open_study(sqlite_folder).coding as coding:
        coding.add_code("Trust", coder="a")
    monkeypatch.setattr(address_module, "find_place", lambda _: Place("network", "a network folder (nfs4)"))
    with pytest.warns(SharedFolder, match=r"lies in a network folder \(nfs4\), where the write-ahead log is not safe"):
        open_study(sqlite_folder).coding.close()
