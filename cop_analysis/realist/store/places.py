"""Where a folder lies: on a local disk, on a network, or in a folder another program copies to a cloud. Reads no data.

SQLite's write-ahead log needs memory shared by all who have the database open, which machines on a network do not
have, and a program that copies a folder may copy a database and its log at different moments
(https://www.sqlite.org/wal.html, https://www.sqlite.org/howtocorrupt.html).
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath, PureWindowsPath
from typing import Literal

_NETWORK_FILE_SYSTEMS = frozenset(
    {
        "9p", "afpfs", "afs", "beegfs", "ceph", "cifs", "coda", "davfs", "drvfs", "fuse.ceph", "fuse.curlftpfs",
        "fuse.davfs2", "fuse.gcsfuse", "fuse.glusterfs", "fuse.goofys", "fuse.gvfsd-fuse", "fuse.juicefs",
        "fuse.rclone", "fuse.s3fs", "fuse.smbnetfs", "fuse.sshfs", "fuse.vmhgfs-fuse", "gfs", "gfs2", "glusterfs",
        "gpfs", "lustre", "ncpfs", "nfs", "nfs3", "nfs4", "ocfs2", "orangefs", "panfs", "prl_fs", "pvfs2", "smb2",
        "smb3", "smbfs", "vboxsf", "virtiofs", "webdav",
    }
)  # fmt: skip
_SYNCHRONISED_FILE_SYSTEMS = {
    "fuse.onedriver": "OneDrive",
    "fuse.onedrive": "OneDrive",
    "fuse.google-drive-ocamlfuse": "Google Drive",
    "fuse.drive": "Google Drive",
    "fuse.dropbox": "Dropbox",
}
# One part of a path, as the programs that copy folders name theirs: "OneDrive - Trust", "Dropbox (Personal)".
_SYNCHRONISED_NAMES = (
    (re.compile(r"OneDrive( - .+|-.+)?\Z", re.IGNORECASE), "OneDrive"),
    (re.compile(r"Dropbox( \(.+\)|-.+)?\Z", re.IGNORECASE), "Dropbox"),
    (re.compile(r"(Google ?Drive( \(.+\)|-.+)?|GoogleDrive-.+|DriveFS)\Z", re.IGNORECASE), "Google Drive"),
    (re.compile(r"(iCloud ?Drive( \(.+\))?|com~apple~CloudDocs|Mobile Documents)\Z", re.IGNORECASE), "iCloud"),
    (re.compile(r"(Box|Box Sync|Box-Box)\Z"), "Box"),
    (re.compile(r"(Nextcloud|ownCloud)\d*\Z", re.IGNORECASE), "Nextcloud"),
    (re.compile(r"(pCloud ?Drive|Syncthing|SynologyDrive|MEGAsync|MEGA)\Z"), "a synchronised folder"),
    (re.compile(r"CloudStorage\Z"), "a cloud folder"),
)
_SYNCHRONISED_VARIABLES = {"OneDrive": "OneDrive", "OneDriveCommercial": "OneDrive", "OneDriveConsumer": "OneDrive"}
_REMOTE_DRIVE = 4


@dataclass(frozen=True)
class Place:
    """Where a folder lies, and what else has a hand on it.

    Parameters
    ----------
    kind : {"local", "network", "synchronised"}
    name : str
        What it is in words: ``"OneDrive"``, ``"a network folder (nfs4)"``; empty for a local disk.
    """

    kind: Literal["local", "network", "synchronised"] = "local"
    name: str = ""

    @property
    def shared(self) -> bool:
        """Whether a database in it must do without the write-ahead log and have one writer at a time."""
        return self.kind != "local"


def find_place(
    folder: Path | PurePath | str,
    *,
    mounts: str | None = None,
    environment: Mapping[str, str] | None = None,
    platform: str = sys.platform,
) -> Place:
    """Say where a folder lies.

    Parameters
    ----------
    folder : path
    mounts : str, optional
        The text of /proc/mounts; read from the machine where not given.
    environment : mapping, optional
        Environment variables; those of the process where not given.
    platform : str
        As `sys.platform` says it.

    Examples
    --------
    >>> find_place("/home/a/OneDrive - A Trust/forum", mounts="").name
    'OneDrive'
    >>> find_place("/srv/team/forum", mounts="server:/team /srv/team nfs4 rw 0 0").name
    'a network folder (nfs4)'
    >>> find_place("/home/a/forum", mounts="/dev/sda1 / ext4 rw 0 0").shared
    False
    """
    written = str(folder)
    if platform == "win32":
        path: PurePath = PureWindowsPath(written)
    else:
        path = PurePath(os.path.realpath(written)) if isinstance(folder, Path) else PurePath(written)
    for part in (*PurePath(written).parts, *path.parts):
        for pattern, name in _SYNCHRONISED_NAMES:
            if pattern.match(part):
                return Place("synchronised", name)
    for variable, name in _SYNCHRONISED_VARIABLES.items():
        root = (os.environ if environment is None else environment).get(variable)
        if root and _is_inside(path, root, platform):
            return Place("synchronised", name)
    if re.match(r"(\\\\|//)[^\\/.?]", written):
        return Place("network", "a network folder (UNC path)")
    if platform == "win32":
        return _of_windows_drive(path)
    system = _file_system(path, _read_mounts(platform) if mounts is None else mounts)
    if system in _SYNCHRONISED_FILE_SYSTEMS:
        return Place("synchronised", _SYNCHRONISED_FILE_SYSTEMS[system])
    if system in _NETWORK_FILE_SYSTEMS:
        return Place("network", f"a network folder ({system})")
    return Place()


def _is_inside(path: PurePath, root: str, platform: str) -> bool:
    if platform == "win32":
        return PureWindowsPath(path).is_relative_to(PureWindowsPath(root))
    return path.is_relative_to(root)


def _file_system(path: PurePath, mounts: str) -> str:
    """Give the type of the file system a path lies on: that of the longest mount point above it, the last one said."""
    best, found = -1, ""
    for line in mounts.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        # Blanks, tabs and backslashes in a mount point are written as three octal digits.
        point = re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), fields[1])
        depth = len(PurePath(point).parts)
        if depth >= best and path.is_relative_to(point):
            best, found = depth, fields[2]
    return found


def _read_mounts(platform: str) -> str:
    if platform == "darwin":
        return _mac_mounts()
    try:
        return Path("/proc/mounts").read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return ""


def _mac_mounts() -> str:
    """Write what macOS says of its mounts in the way of /proc/mounts."""
    try:
        said = subprocess.run(["/sbin/mount"], capture_output=True, text=True, timeout=5, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return ""
    found = re.findall(r"^(.+?) on (/.*?) \(([A-Za-z0-9_.]+)", said, re.MULTILINE)
    return "\n".join("x {} {}".format(point.replace(" ", "\\040"), system) for _, point, system in found)


def _of_windows_drive(path: PurePath) -> Place:
    if sys.platform == "win32" and path.drive:
        import ctypes

        if ctypes.windll.kernel32.GetDriveTypeW(path.drive + "\\") == _REMOTE_DRIVE:
            return Place("network", f"a network folder (drive {path.drive})")
    return Place()
