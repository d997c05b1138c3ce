"""Where the database of a study lies, what kind of place that is, and who may write to it there.

In a shared folder that is one process. Locks on a network folder cannot be relied on, but making a file that must not
exist yet can: its claim is a small file beside the database. In a synchronised folder the claim travels with it, so
that the other machine sees it as soon as it sees the database.
"""

from __future__ import annotations

import atexit
import hashlib
import json
import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePath, PureWindowsPath
from typing import Any, Final, Literal

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from cop_analysis.files import MOST_SETTINGS, born, is_at_work, read_file
from cop_analysis.realist.store.errors import CodingError, Locked

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


DATABASE_FILE: Final = "coding.db"

_VARIABLE = re.compile(r"\$\{([^}]*)\}")

_LONGEST_NAME = 63
"""PostgreSQL cuts a longer name short without a word."""


@dataclass(frozen=True)
class Address:
    """The database of one study's coding.

    Parameters
    ----------
    url : sqlalchemy.engine.URL
    study : str
        The study's key; in PostgreSQL each study has a schema of its own, so that a team's studies share a database.
    folder : pathlib.Path
        The study folder, where coding.json is.
    path : pathlib.Path or None
        The file of an SQLite database.
    place : Place
        Where that file lies.
    notices : tuple of str
        What should be said at opening.
    """

    url: URL = field(repr=False)
    study: str
    folder: Path
    path: Path | None
    place: Place = field(default_factory=Place)
    notices: tuple[str, ...] = ()

    @property
    def schema(self) -> str:
        """The schema of the study's tables in PostgreSQL."""
        name = f"cop_{self.study}"
        if len(name.encode()) <= _LONGEST_NAME:
            return name
        return f"{name[:40]}_{hashlib.sha256(name.encode()).hexdigest()[:16]}"

    @property
    def name(self) -> str:
        """The database in a sentence: the file, or the schema on a server, whose address is nobody else's business."""
        return self.path.name if self.path is not None else f"PostgreSQL, schema {self.schema}"


def find_address(folder: Path, study: str, setting: str = "", environment: Mapping[str, str] | None = None) -> Address:
    """Say where a study's coding is kept.

    Parameters
    ----------
    folder : pathlib.Path
        The study folder.
    study : str
        Its key.
    setting : str
        What study.toml says under ``[coding] database``: empty for the file coding.db in the folder; otherwise
        ``postgresql+psycopg://user:${COP_DATABASE_PASSWORD}@host/name`` or ``sqlite:///path``. A name in ``${}`` is
        an environment variable, so that no secret stands in the file.
    environment : mapping, optional
        The environment variables.

    Raises
    ------
    CodingError
        When the setting cannot be understood or its variable is not set.

    Examples
    --------
    >>> find_address(Path("forum"), "forum").name
    'coding.db'
    >>> find_address(Path("forum"), "forum", "postgresql://a:${PW}@db/team", {"PW": "x/y"}).name
    'PostgreSQL, schema cop_forum'
    """
    if not setting:
        return _of_file(folder / DATABASE_FILE, folder, study)
    variables = os.environ if environment is None else environment
    missing = [name for name in _VARIABLE.findall(setting) if not variables.get(name)]
    if missing:
        raise CodingError(
            f"study.toml takes its coding database from the environment variable {missing[0]}, which is not set: set "
            "it before you start Python or the command line."
        )
    # The variables are put in after the parts are told apart, so that a password may hold any character.
    names: list[str] = []

    def hold(match: re.Match[str]) -> str:
        names.append(match[1])
        return f"COPVARIABLE{len(names) - 1}X"

    def fill(text: str | None) -> str | None:
        return None if text is None else re.sub(r"COPVARIABLE(\d+)X", lambda held: variables[names[int(held[1])]], text)

    whole = _VARIABLE.fullmatch(setting)
    try:
        url = make_url(variables[whole[1]] if whole else _VARIABLE.sub(hold, setting))
    except (ArgumentError, ValueError):
        raise CodingError(
            "What study.toml gives as the coding's database is not the address of one: write it like "
            "postgresql+psycopg://user:${COP_DATABASE_PASSWORD}@host/name."
        ) from None
    notices = []
    if not whole and url.password and not re.search(r"COPVARIABLE\d+X", url.password):
        notices.append(
            "study.toml holds the password of the coding's database, where everyone who has the folder can read it: "
            "write ${COP_DATABASE_PASSWORD} there and set that environment variable."
        )
    url = url.set(
        username=fill(url.username),
        password=fill(url.password),
        host=fill(url.host),
        database=fill(url.database),
    )
    if url.get_backend_name() == "sqlite":
        if not url.database or url.database == ":memory:":
            raise CodingError("study.toml names no file for the coding's SQLite database: write sqlite:///path.")
        path = Path(url.database).expanduser()
        return _of_file(path if path.is_absolute() else folder / path, folder, study)
    if url.get_backend_name() != "postgresql":
        raise CodingError(
            f"A coding cannot be kept in a database of the kind {url.get_backend_name()}: use SQLite (leave the "
            "setting out) or PostgreSQL (postgresql+psycopg://...)."
        )
    return Address(url.set(drivername="postgresql+psycopg"), study, folder, None, Place(), tuple(notices))


def _of_file(path: Path, folder: Path, study: str) -> Address:
    place = find_place(path.parent)
    notices: tuple[str, ...] = ()
    if place.shared:
        where = f"a synchronised folder ({place.name})" if place.kind == "synchronised" else place.name
        notices = (
            f"The coding's database {path.name} lies in {where}, where the write-ahead log is not safe: it is kept "
            "with a rollback journal, and one process at a time may change it. For a team, keep it in PostgreSQL or "
            "on a local disk ([coding] database in study.toml).",
        )
    return Address(URL.create("sqlite", database=str(path)), study, folder, path, place, notices)


_held: dict[Path, int] = {}

_holders: dict[Path, set[int]] = {}
"""Which handles of this process write under a claim; the last to go lets others write."""

_lock = threading.Lock()


def claim_path(database: Path) -> Path:
    """Name the file of the claim.

    Examples
    --------
    >>> claim_path(Path("forum/coding.db")).name
    'coding.db.writer'
    """
    return database.with_name(f"{database.name}.writer")


def take_claim(database: Path, who: str, holder: int = 0) -> None:
    """Become the writer of a database, or find out who is.

    Parameters
    ----------
    database : pathlib.Path
    who : str
    holder : int
        Which handle of this process it is for.

    Raises
    ------
    Locked
        When another process is, on this machine or another.
    """
    path = claim_path(database).absolute()
    with _lock:
        if path in _held and _owner(path).get("pid") == os.getpid():
            _holders.setdefault(path, set()).add(holder)
            return
        for _ in range(3):
            try:
                handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644)
            except FileExistsError:
                owner = _owner(path)
                if not _is_gone(owner):
                    raise Locked(_sentence(database, path, owner)) from None
                path.unlink(missing_ok=True)
                continue
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(_own(who), file)
            if not _held:
                atexit.register(release_all)
            _held[path] = os.getpid()
            _holders[path] = {holder}
            return
    raise Locked(_sentence(database, path, _owner(path)))


def release_claim(database: Path, holder: int = 0) -> None:
    """Let others write, as soon as no other handle of this process does."""
    path = claim_path(database).absolute()
    with _lock:
        others = _holders.get(path, set())
        others.discard(holder)
        if others and _held.get(path) == os.getpid():
            return
        _holders.pop(path, None)
        if _held.pop(path, None) == os.getpid() and _owner(path).get("pid") == os.getpid():
            path.unlink(missing_ok=True)


def release_all() -> None:
    """Let others write what this process wrote."""
    for path in list(_held):
        _holders.pop(path, None)
        release_claim(path.with_name(path.name.removesuffix(".writer")))


def _own(who: str) -> dict[str, Any]:
    return {
        "machine": socket.gethostname(),
        "pid": os.getpid(),
        "started": born(os.getpid()),
        "who": who,
        "since": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def _owner(path: Path) -> dict[str, Any]:
    try:
        said = json.loads(read_file(path, most=MOST_SETTINGS, inside=path.parent))
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}


def _is_gone(owner: dict[str, Any]) -> bool:
    """Say whether the owner was a process of this machine that is no more."""
    if owner.get("machine") != socket.gethostname() or not isinstance(owner.get("pid"), int):
        return False
    return not is_at_work(owner["pid"], owner.get("started"))


def _sentence(database: Path, path: Path, owner: dict[str, Any]) -> str:
    who = f"{owner['who']} on " if owner.get("who") else ""
    since = f" since {owner['since']}" if owner.get("since") else ""
    return (
        f"{who}{owner.get('machine', 'another machine')} has this coding open for writing{since}, and in a shared "
        f"folder ({database.parent}) only one may. Nothing was changed: ask them to close it, and if nobody has it "
        f"open delete {path.name}."
    )
