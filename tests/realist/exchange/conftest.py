"""Files of other programs, made here with the traits theirs have, and a coding with everything a project can hold."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import uuid
import zipfile
from collections.abc import Callable
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import pytest

from cop_analysis.realist import (
    Code,
    Coder,
    Coding,
    Configuration,
    Decision,
    Document,
    Evidence,
    Extract,
    Measure,
    Memo,
    Ripple,
    Slot,
    Snapshot,
    Theory,
)

ROOT = Path(__file__).resolve().parents[3]

# A face, a flag of two astral characters, an accent as a mark of its own, and letters that are not Latin.
TEXTS = {
    "D01": "P01: I was alone \U0001f600 with it.\n\nP01: Then I rang \U0001f1ec\U0001f1e7 them, cafe\u0301 and all.",
    "D02": "P02: It did nothing. \u4fe1\u983c matters.\n\nP02: The hour <b>was</b> lost & gone.",
}


def guid(name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, name))


def extract(identifier: str, document: str, words: str, code: str, coder: str, **more: object) -> Extract:
    text = TEXTS[document]
    start = text.index(words)
    end = start + len(words)
    return Extract(identifier, document, start, end, words, code, coder, text[max(0, start - 32) : start],
                   text[end : end + 32], **more)  # fmt: skip


@pytest.fixture
def coding() -> Coding:
    documents = tuple(
        Document(
            name,
            f"documents/{name}.txt",
            f"Interview {name}",
            hashlib.sha256(text.encode()).hexdigest(),
            len(text),
            attributes=(("profession", "nurse & more"),),
        )
        for name, text in TEXTS.items()
    )
    codes = (
        Code("c1", "Alone", None, "Deciding alone", "“by myself”", "#005EB8", "individual"),
        Code("c2", 'Asking "others" > all', None, "", "", "", "interpersonal"),
        Code("c3", "Ringing", "c2", "By telephone\nor otherwise"),
    )
    extracts = (
        extract(
            "x001", "D01", "alone \U0001f600 with it", "c1", "a", created="2025-03-02T10:00:00Z", memo="first\nline"
        ),
        extract("x002", "D01", "rang \U0001f1ec\U0001f1e7 them, cafe\u0301", "c3", "b"),
        extract("x003", "D01", "with it.\n\nP01: Then I rang", "c2", "a", created="2025-03-02"),
        extract("x004", "D02", "\u4fe1\u983c matters", "c2", "b", memo="=not a formula"),
        extract("x005", "D02", "was</b> lost & gone.", "c1", "a"),
        Extract("x006", "D02", 4, 14, "was nearby", "c1", "a", placed=False),
    )
    configurations = (
        Configuration(
            "cmo1", "A name to ring", "CMO", "Where people decide alone,\nknowing a name lets them ring.",
            "interpersonal",
            "lone prescribers", 0.6,
            (Slot("context", ("c1",), "decides alone"), Slot("resource", (), "a name"), Slot("outcome", ("c3", "c2"))),
            ("cmo2",), (Measure("rating_item", item="peer_support", expects="higher"),), "Peers",
            "nobody rings", "moderate",
        ),
        Configuration("cmo2", "Permission", "ICAMO", slots=(Slot("actor", ("c2",), "consultants"),)),
        Configuration("cmo10", "Not looked at yet"),
    )  # fmt: skip
    evidence = (
        Evidence(
            "e1", "x001", "cmo1", "supports", "context", "abductive", "high", "moderate", "low", "said outright", "a"
        ),
        Evidence("e2", "x002", "cmo1", "supports", "outcome", reason="two\nlines"),
        Evidence("e3", "x005", "cmo1", "refutes"),
        Evidence("e4", "x001", "cmo2", "refines", "actor"),
        Evidence("e5", "x006", "cmo1", "refutes", "outcome"),
    )
    snapshot = Snapshot(
        "forum",
        (Coder("a", "Coder A"), Coder("b", "")),
        documents,
        codes,
        extracts,
        configurations,
        evidence,
        (Ripple("r1", "cmo1", "cmo2", "ringing makes permission"), Ripple("r2", "cmo2", "cmo1", extracts=("x002",))),
        (Theory("t1", "Start", "initial", "If X then Y", configurations=("cmo1",), evidence=("e1",), coder="a"),),
        memos=(
            Memo("m1", "Id: not a field\n    indented", "On being a nurse", "reflexive", coder="a"),
            Memo("m2", "about a code", about="code", target="c3"),
            Memo("m3", "about an extract", about="extract", target="x002", created="2025-03-02T10:00:00Z"),
        ),
        decisions=(Decision("d1", "Merge two codes", "They were one", coders=("a", "b")),),
    )
    return Coding(snapshot, TEXTS.__getitem__)


@pytest.fixture
def repack() -> Callable[..., Path]:
    """Copy a ZIP with some entries changed, dropped or added."""

    def copy(source: Path, target: Path, edit=lambda name, content: content, drop=(), add=()) -> Path:
        with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
            for info in old.infolist():
                if info.filename not in drop:
                    new.writestr(info.filename, edit(info.filename, old.read(info)))
            for name, content in add:
                new.writestr(name, content)
        return target

    return copy


@pytest.fixture(scope="session")
def schema() -> Callable[[str], object]:
    """The published XML schemas; the folder is named by COP_REFI_QDA_XSD or lies beside the repository."""
    from lxml import etree

    beside = ROOT.parent / "shared" / "reference" / "refi-qda"
    folder = Path(os.environ.get("COP_REFI_QDA_XSD") or beside)

    def load(name: str) -> etree.XMLSchema:
        if not (folder / name).is_file():
            pytest.skip(
                "the published REFI-QDA schemas are not on this machine (name their folder in COP_REFI_QDA_XSD)"
            )
        return etree.XMLSchema(etree.parse(folder / name))

    return load


class Foreign:
    """Builds a REFI-QDA project as another program would write it."""

    def __init__(self) -> None:
        self.namespace = "urn:QDA-XML:project:1.0"
        self.origin = "Some Program 9"
        self.inner = "project.qde"
        self.folder = "sources"
        self.users = [("u1", "Ann")]
        self.codes = f'<Code guid="{guid("trust")}" name="Trust" isCodable="true" color="#abc"/>'
        self.variables = self.cases = self.notes = self.links = self.sets = self.graphs = self.tail = ""
        self.sources: list[str] = []
        self.files: dict[str, bytes] = {}

    def text(self, name: str, content: bytes, selections: str, more: str = "") -> None:
        """Add a text that lies in the folder of sources."""
        self.files[f"{self.folder}/{guid(name)}.txt"] = content
        path = f"internal://{guid(name)}.txt"
        self.sources.append(
            f'<TextSource guid="{guid(name)}" name={quoteattr(name)} plainTextPath="{path}">'
            f"{selections}{more}</TextSource>"
        )

    def inline(self, name: str, content: str, selections: str) -> None:
        """Add a text that stands in the XML."""
        inner = f"<PlainTextContent>{escape(content)}</PlainTextContent>"
        self.sources.append(f'<TextSource guid="{guid(name)}" name={quoteattr(name)}>{inner}{selections}</TextSource>')

    def selection(self, start: object, end: object, code: str = "trust", name: str = "", user: str = "u1") -> str:
        """Give a selection with one coding; an empty code leaves it without."""
        key = f"{start}-{end}-{code}-{name}-{len(self.sources)}"
        reference = f'<CodeRef targetGUID="{guid(code)}"/>'
        coding = f'<Coding guid="{guid(key + "c")}" creatingUser="{guid(user)}">{reference}</Coding>'
        called = f" name={quoteattr(name)}" if name else ""
        return (
            f'<PlainTextSelection guid="{guid(key)}"{called} startPosition="{start}" endPosition="{end}" '
            f'creatingUser="{guid(user)}">{coding if code else ""}</PlainTextSelection>'
        )

    def xml(self) -> str:
        def around(tag: str, content: str) -> str:
            return f"<{tag}>{content}</{tag}>" if content else ""

        users = "".join(f'<User guid="{guid(key)}" name={quoteattr(name)}/>' for key, name in self.users)
        return (
            f'<?xml version="1.0" encoding="utf-8"?>\n<Project xmlns="{self.namespace}" name="Their project" '
            f"origin={quoteattr(self.origin)}>"
            + around("Users", users)
            + around("CodeBook", around("Codes", self.codes))
            + around("Variables", self.variables)
            + around("Cases", self.cases)
            + around("Sources", "".join(self.sources))
            + around("Notes", self.notes)
            + around("Links", self.links)
            + around("Sets", self.sets)
            + around("Graphs", self.graphs)
            + self.tail
            + "</Project>"
        )

    def write(self, path: Path) -> Path:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(self.inner, self.xml())
            for name, content in self.files.items():
                archive.writestr(name, content)
        return path


@pytest.fixture
def foreign() -> Foreign:
    return Foreign()


@pytest.fixture
def identify() -> Callable[[str], str]:
    return guid


@pytest.fixture
def texts() -> dict[str, str]:
    return dict(TEXTS)


@pytest.fixture
def taguette_project(tmp_path: Path) -> Path:
    """A project as Taguette 1.4 keeps it: HTML, offsets in bytes, the maker of a highlight only in the log."""
    path = tmp_path / "project.sqlite3"
    connection = sqlite3.connect(path)
    connection.executescript(
        """
        PRAGMA synchronous = OFF;
        CREATE TABLE projects (id INTEGER PRIMARY KEY, name TEXT, description TEXT, created DATETIME);
        CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL);
        CREATE TABLE users (login VARCHAR(30) NOT NULL PRIMARY KEY, created DATETIME, hashed_password VARCHAR(192),
            disabled BOOLEAN, password_set_date DATETIME, language VARCHAR(10), email VARCHAR(256), email_sent DATETIME,
            tos_accepted INTEGER);
        CREATE TABLE project_members (project_id INTEGER, user_login VARCHAR(30), privileges VARCHAR(15));
        CREATE TABLE documents (id INTEGER PRIMARY KEY, name TEXT, description TEXT, filename TEXT, created DATETIME,
            project_id INTEGER, text_direction TEXT, contents TEXT);
        CREATE TABLE tags (id INTEGER PRIMARY KEY, project_id INTEGER, path TEXT, description TEXT);
        CREATE TABLE highlights (id INTEGER PRIMARY KEY, document_id INTEGER, start_offset INTEGER, end_offset INTEGER,
            snippet TEXT);
        CREATE TABLE highlight_tags (highlight_id INTEGER, tag_id INTEGER);
        CREATE TABLE commands (id INTEGER PRIMARY KEY, date DATETIME, user_login TEXT, project_id INTEGER,
            document_id INTEGER, payload TEXT);
        INSERT INTO projects VALUES (1, 'Forum', 'About it', '2025-01-01 00:00:00');
        INSERT INTO tags VALUES (1, 1, 'trust', 'Trusting'), (2, 1, 'time.lack', '');
        """
    )
    html = "<h1>Caf\u00e9 \U0001f600</h1>\n<p>I <b>trust</b> them &amp; more.</p><p>No<br>time.</p>"
    plain = "Caf\u00e9 \U0001f600\nI trust them & more.Notime."
    connection.execute("INSERT INTO documents VALUES (1,'Interview','','i.html','',1,'LEFT_TO_RIGHT',?)", (html,))

    def highlight(key: int, words: str, tags: list[int], shift: int = 0, snippet: str | None = None) -> None:
        start = len(plain[: plain.index(words)].encode()) + shift
        end = start + len(words.encode())
        kept = words if snippet is None else snippet
        connection.execute("INSERT INTO highlights VALUES (?,1,?,?,?)", (key, start, end, kept.replace("&", "&amp;")))
        connection.executemany("INSERT INTO highlight_tags VALUES (?,?)", [(key, tag) for tag in tags])

    highlight(1, "trust them & more", [1])
    highlight(2, "\U0001f600", [1, 2])
    highlight(3, "time", [], 0)
    highlight(4, "I trust", [2], shift=400)
    highlight(5, "more", [1], shift=900, snippet="nowhere at all")
    log = '{"type": "highlight_add", "highlight_id": 1}'
    connection.execute("INSERT INTO commands VALUES (1,'2025-02-03 04:05:06.789','ann',1,1,?)", (log,))
    connection.commit()
    connection.close()
    return path


@pytest.fixture
def qualcoder_project(tmp_path: Path) -> Path:
    """A project as QualCoder 3 keeps it; positions count UTF-16 code units, as its text widget does."""
    folder = tmp_path / "study.qda"
    folder.mkdir()
    connection = sqlite3.connect(folder / "data.qda")
    connection.executescript(
        """
        PRAGMA synchronous = OFF;
        CREATE TABLE project (databaseversion text, date text, memo text, about text, bookmarkfile integer,
            bookmarkpos integer, codername text, recently_used_codes text);
        CREATE TABLE source (id integer primary key, name text, fulltext text, mediapath text, memo text, owner text,
            date text, unique(name));
        CREATE TABLE code_cat (catid integer primary key, name text, owner text, date text, memo text,
            supercatid integer, unique(name));
        CREATE TABLE code_name (cid integer primary key, name text, memo text, catid integer, owner text, date text,
            color text, unique(name));
        CREATE TABLE code_text (ctid integer primary key, cid integer, fid integer, seltext text, pos0 integer,
            pos1 integer, owner text, date text, memo text, avid integer, important integer);
        CREATE TABLE code_image (imid integer primary key, id integer, x1 integer, y1 integer, width integer,
            height integer, cid integer, memo text, date text, owner text, important integer);
        CREATE TABLE annotation (anid integer primary key, fid integer, pos0 integer, pos1 integer, memo text,
            owner text, date text);
        CREATE TABLE journal (jid integer primary key, name text, jentry text, date text, owner text);
        CREATE TABLE cases (caseid integer primary key, name text, memo text, owner text, date text);
        CREATE TABLE case_text (id integer primary key, caseid integer, fid integer, pos0 integer, pos1 integer,
            owner text, date text, memo text);
        CREATE TABLE attribute_type (name text primary key, date text, owner text, memo text, caseOrFile text,
            valuetype text);
        CREATE TABLE attribute (attrid integer primary key, name text, attr_type text, value text, id integer,
            date text, owner text);
        INSERT INTO project VALUES ('v11', '2025-01-01 10:00:00', 'What it is for', 'QualCoder', 0, 0, 'ann', '');
        INSERT INTO code_cat VALUES (1, 'Peers', 'ann', '2025-01-01', 'about peers', NULL);
        INSERT INTO code_cat VALUES (2, 'Inner', 'ann', '', '', 1);
        INSERT INTO code_name VALUES (1, 'Trust', 'trusting', 2, 'ann', '2025-01-01', '#5CA3E6');
        INSERT INTO code_name VALUES (2, 'Time', '', NULL, 'ann', '2025-01-01', 'blue');
        INSERT INTO source VALUES (2, 'photo.jpg', NULL, '/images/photo.jpg', '', 'ann', '2025-01-01');
        INSERT INTO code_image VALUES (1, 2, 1, 1, 5, 5, 1, 'seen', '2025-01-01', 'ann', 0);
        INSERT INTO journal VALUES (1, 'Diary', 'I was tired', '2025-01-02 09:00:00', 'bob');
        INSERT INTO cases VALUES (1, 'P01', 'a nurse', 'ann', '2025-01-01');
        INSERT INTO case_text VALUES (1, 1, 1, 0, 40, 'ann', '2025-01-01', '');
        INSERT INTO attribute VALUES (1, 'age', 'case', '44', 1, '', 'ann');
        INSERT INTO attribute VALUES (2, 'setting', 'file', 'ward', 1, '', 'ann');
        """
    )
    text = "\U0001f600 I trust them.\nThere is no time."
    connection.execute("INSERT INTO source VALUES (1, 'one.txt', ?, NULL, 'recorded', 'ann', '2025-01-01')", (text,))

    def code(key: int, cid: int, words: str, owner: str, shift: int = 0) -> None:
        start = len(text[: text.index(words)].encode("utf-16-le")) // 2 + shift
        end = start + len(words.encode("utf-16-le")) // 2
        connection.execute(
            "INSERT INTO code_text VALUES (?,?,1,?,?,?,?,'2025-01-03 08:00:00','mine',NULL,1)",
            (key, cid, words, start, end, owner),
        )

    code(1, 1, "trust them", "ann")
    code(2, 2, "no time", "bob")
    code(3, 9, "There", "bob")
    code(4, 2, "There is", "ann", shift=500)
    connection.execute("INSERT INTO annotation VALUES (1, 1, 5, 10, 'interesting', 'ann', '2025-01-01')")
    connection.commit()
    connection.close()
    return folder
