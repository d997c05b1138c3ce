"""The code is looked through: whatever opens a file goes through the one door, or stands here with its reason."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import cop_analysis

HOUSE = Path(cop_analysis.__file__).parent
DOOR = "files/door.py"
READS_WHOLE = {"read_text", "read_bytes"}
OPENS = {
    "ZipFile", "GzipFile", "TarFile", "BZ2File", "LZMAFile", "load_workbook", "read_csv", "read_table", "read_excel",
    "read_parquet", "read_json", "read_pickle", "read_feather", "read_hdf", "read_xml", "read_html", "read_graphml",
    "read_gexf", "read_gml", "read_pajek", "read_edgelist", "read_adjlist", "genfromtxt", "loadtxt", "fromfile",
    "memmap", "iterparse", "is_zipfile", "mmap", "copyfile", "copy2", "copytree", "unpack_archive",
    "extractall", "fileinput", "getlines",
}  # fmt: skip
OF_A_MODULE = {
    ("sqlite3", "connect"), ("os", "open"), ("io", "open"), ("codecs", "open"), ("tarfile", "open"), ("gzip", "open"),
    ("bz2", "open"), ("lzma", "open"), ("zipfile", "Path"), ("docx", "Document"), ("np", "load"), ("nbformat", "read"),
    ("ElementTree", "parse"), ("etree", "parse"), ("ET", "parse"), ("tomllib", "load"), ("json", "load"),
    ("pickle", "load"), ("yaml", "load"), ("shutil", "copy"), ("runpy", "run_path"),
}  # fmt: skip

ALLOWED = {
    ("files/door.py", "open_file"): "the door",
    ("files/door.py", "look_into"): "the door of databases, judged before",
    ("network/exchange/formats/gexf.py", ""): "our own reader, of bytes that came through the door",
    ("network/exchange/formats/graphml.py", ""): "the same",
    ("network/exchange/formats/pajek.py", "_reads"): "the same, of a text",
    ("commands/registry.py", "write_table"): "a pipe, to be written into",
    ("files/whole.py", "place_folder"): "a folder, to be flushed",
    ("realist/documents/containers.py", "Archive.__init__"): "after the door has judged it",
    ("realist/documents/containers.py", "Archive.read"): "an entry of it",
    ("realist/exchange/formats/qdpx.py", "write_qdpx.fill"): "written",
    ("realist/exchange/segment_files.py", "spreadsheet_rows"): "after Archive has judged every part",
    ("realist/exchange/formats/word.py", "_Word.document"): "a new document",
    ("realist/store/connect.py", "Connector._open_file"): "the coding's own database, through SQLite alone",
    (
        "realist/coding/opening.py",
        "copy_study",
    ): "a whole folder to another, but its databases; a pipe is refused, a link copied",
    ("realist/coding/opening.py", "_copy_database"): "a database made new, filled by SQLite's backup",
    ("realist/store/store.py", "_one_at_a_time"): "a folder, to be locked",
    ("realist/erasure/made_files.py", "_parts"): "bytes in memory that came through the door",
    ("realist/store/address.py", "_read_mounts"): "/proc, of the system",
    ("realist/store/address.py", "take_claim"): "made new, never opened where it is",
    ("files/left_behind.py", "_of_linux"): "/proc, of the system",
    ("report/execute.py", "_last_line"): "what this run's own kernel wrote",
    ("report/execute.py", "most_memory"): "/proc, of the system",
    ("report/lab.py", "lab_folder"): "notebooks of this package",
    ("widgets/workbench/panel.py", "front.Front"): "files of this package",
    ("widgets/workbench/runs.py", "follow"): "what this run wrote into a file of its own",
}
"""Where a file is opened otherwise: by module and function, and why it may be."""


def calls_that_open(source: str) -> list[tuple[str, int, str]]:
    """List by function, line and words each call that could read a file that was not judged."""
    found: list[tuple[str, int, str]] = []

    def walk(node: ast.AST, within: tuple[str, ...]) -> None:
        for child in ast.iter_child_nodes(node):
            inner = within
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                inner = (*within, child.name)
            elif isinstance(child, ast.Call) and opens(child):
                found.append((".".join(within), child.lineno, ast.unparse(child)[:100]))
            walk(child, inner)

    walk(ast.parse(source), ())
    return found


def opens(call: ast.Call) -> bool:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    owner = call.func.value if isinstance(call.func, ast.Attribute) else None
    owned = getattr(owner, "id", getattr(owner, "attr", ""))
    if (owned, name) in OF_A_MODULE or name in OPENS:
        return not (name == "read_csv" and owner is None)
    if name in READS_WHOLE:
        # Files of the package itself, and methods of that name which take what is to be read.
        return owner is not None and not call.args and "files('cop_analysis" not in ast.unparse(owner)
    if name == "open" and owned not in ("webbrowser",):
        return not any(mode in ("w", "wb", "x", "xb", "a", "ab") for mode in modes(call, owner is None))
    return False


def modes(call: ast.Call, is_plain: bool) -> list[str]:
    given = [*call.args[1:2]] if is_plain else [*call.args[:1]]
    given += [one.value for one in call.keywords if one.arg == "mode"]
    return [one.value for one in given if isinstance(one, ast.Constant)]


@pytest.mark.slow
def test_nothing_goes_round_the_door_and_nothing_is_allowed_in_vain() -> None:
    found = [
        (path.relative_to(HOUSE).as_posix(), *call)
        for path in sorted(HOUSE.rglob("*.py"))
        for call in calls_that_open(path.read_text(encoding="utf-8"))
    ]
    round_it = [
        f"{module}:{line} in {function}: {words}"
        for module, function, line, words in found
        if (module, function) not in ALLOWED
    ]
    assert not round_it, "\n".join(["Read through cop_analysis.files, or say here why not:", *round_it])
    assert not set(ALLOWED) - {(module, function) for module, function, *_ in found}


@pytest.mark.parametrize(
    "words",
    [
        "open(path)", "open(path, 'rb')", "path.open()", "path.open('r')", "Path(x).read_text()", "path.read_bytes()",
        "pd.read_csv(path)", "zipfile.ZipFile(path)", "ZipFile(path)", "openpyxl.load_workbook(path)",
        "docx.Document(path)", "sqlite3.connect(path)", "gzip.open(path)", "tarfile.open(path)", "os.open(path, 0)",
        "ElementTree.parse(path)", "np.load(path)", "nx.read_graphml(path)", "open(path, mode='r+')",
    ],
)  # fmt: skip
def test_a_new_reader_is_seen(words: str) -> None:
    assert calls_that_open(f"def new(path):\n    return {words}\n") == [("new", 2, words)]


@pytest.mark.parametrize(
    "words",
    [
        "open(path, 'xb')", "path.open('w')", "read_csv(path, name)", "coding.read_text('D01')",
        "files('cop_analysis').joinpath('x').read_text()",
    ],
)  # fmt: skip
def test_what_writes_or_goes_through_the_door_is_not(words: str) -> None:
    assert calls_that_open(f"def new(path):\n    return {words}\n") == []
