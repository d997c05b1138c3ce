"""Walk three things from where they begin to where a reader meets them, and count what they pass through.

    python tools/walks.py              # files, functions and calls of each walk
    python tools/walks.py --hops       # also the way: what makes the number, then the first call into each file

A survey answer to the headline of page 04, a keystroke to its stored extract, a tie to the headline of page 03. What
is counted is the package's own code, with the study opened and every module loaded before, up to the result that the
method of the page gives, so that only the way itself is told and counts of any two states compare. A function counts
once, a call between files each time; comprehensions belong to the function they stand in. The numbers of an earlier
state: run it with PYTHONPATH set to a checkout of that state.

What makes the number itself is named in `ITSELF`, from `open_study` to the page as it is shown, and
`tests/test_docs.py` walks that whole way to see that each was called, in this order.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import cop_analysis

PACKAGE = Path(cop_analysis.__file__).resolve().parent
STUDY = PACKAGE.parent / "data" / "nmp_forum"
INSIDE = ("<listcomp>", "<dictcomp>", "<setcomp>", "<genexpr>", "<lambda>")


@dataclass
class Walk:
    """What a walk passed through."""

    files: dict[str, list[CodeType]] = field(default_factory=dict)
    order: list[tuple[str, CodeType]] = field(default_factory=list)
    functions: set[CodeType] = field(default_factory=set)
    calls: int = 0
    between: int = 0

    def __call__(self, frame: FrameType, event: str, _: object) -> None:
        """Note a call of the package's own code; what a library calls back belongs to who called the library."""
        if event != "call" or (here := place(frame)) is None:
            return
        name = frame.f_code.co_name
        if name not in INSIDE:
            self.files.setdefault(here, []).append(frame.f_code)
            self.order.append((here, frame.f_code))
            self.functions.add(frame.f_code)
            self.calls += 1
        if here != caller(frame):
            self.between += 1

    def hops(self) -> list[tuple[str, str, str]]:
        """Give the way: each file in the order it was reached, with a function of it and what that does.

        The function is the first that was called there and says of itself what it does.
        """
        found = []
        for file, codes in self.files.items():
            told = [code for code in codes if said_of(code) and not code.co_name.startswith("_")]
            code = (told or codes)[0]
            found.append((file, code.co_qualname, said_of(code)))
        return found

    def steps(self, named: Iterable[tuple[str, str]]) -> list[tuple[str, str, str]]:
        """Give the file of each named function, by its folder, and what it does, in the order of the calls.

        ValueError for one that was not called, or only before what is named before it.
        """
        found, rest = [], iter(self.order)
        for folder, function in named:
            called = (each for each in rest if each[1].co_qualname == function and each[0].startswith(f"{folder}/"))
            file, code = next(called, ("", None))
            if code is None:
                raise ValueError(f"{folder}: {function} was not called, or only before what is named before it.")
            found.append((file, function, said_of(code)))
        return found


def said_of(code: CodeType) -> str:
    """Give the first sentence of a function's docstring."""
    told = code.co_consts[0] if code.co_consts and isinstance(code.co_consts[0], str) else ""
    first = " ".join(told.partition("\n\n")[0].split())
    return first if first.endswith((".", ":")) else ""


def place(frame: FrameType) -> str | None:
    """Give the file of a frame below the package; None for any other code."""
    file = frame.f_code.co_filename
    root = str(PACKAGE) + "/"
    return file[len(root) :] if file.startswith(root) else None


def caller(frame: FrameType) -> str | None:
    """Give the file of ours that led here."""
    back = frame.f_back
    while back is not None and place(back) is None:
        back = back.f_back
    return None if back is None else place(back)


def walked(step: Callable[[], object]) -> Walk:
    """Do one thing and note its way."""
    walk = Walk()
    sys.setprofile(walk)
    try:
        step()
    finally:
        sys.setprofile(None)
    return walk


def survey_answer(folder: Path) -> Callable[[], object]:
    """Page 04's headline, from a study that was opened."""
    from cop_analysis import change, open_study

    study = open_study(folder)
    compare: Any = getattr(change, "compare", None)
    return lambda: compare(study).answer() if callable(compare) else change.answer(study)


def tie(folder: Path) -> Callable[[], object]:
    """Page 03's headline, from a study that was opened."""
    from cop_analysis import network, open_study

    study = open_study(folder)
    waves: Any = getattr(network, "waves", None)
    return lambda: waves(study).summary() if callable(waves) else network.summary(study)


def keystroke(folder: Path) -> Callable[[], object]:
    """A code on selected words, from the panel's message to the database and coding.json."""
    from cop_analysis.widgets.coding.session import Session

    session = Session(folder, "coder-a")
    document = session.coding.snapshot.documents[0].id
    code = session.coding.snapshot.codes[0].id
    words = session.study.read_document(document)[200:240]

    def step(identifier: str = "walk-1", at: int = 200) -> object:
        given = {"id": identifier, "document": document, "start": at, "end": at + 40, "code": code, "quote": words}
        return list(session.answer({"kind": "do", "op": "1", "verb": "add_extract", "args": given}))

    step("walk-0")
    return step


WALKS = {
    "a survey answer to page 04's headline": survey_answer,
    "a keystroke to its stored extract": keystroke,
    "a tie to page 03's headline": tie,
}


ITSELF = {
    "a survey answer to page 04's headline": (
        ("study", "open_study"),
        ("change/pages", "compare"),
        ("change/methods", "pair_answers"),
        ("change/pages", "Comparison.answer"),
        ("change/methods", "item_differences"),
        ("change/methods", "superiority_of"),
        ("change/methods", "signed_rank_of"),
        ("change/pages", "items_sentence"),
        ("change/pages", "items_headline"),
        ("results", "Result.payload"),
        ("results", "result_html"),
    ),
    "a keystroke to its stored extract": (
        ("widgets/coding", "Session.answer"),
        ("widgets/coding", "perform"),
        ("realist/coding", "Extracts.add"),
        ("realist/store", "judge"),
        ("realist/coding", "save"),
        ("files", "put_whole"),
    ),
    "a tie to page 03's headline": (
        ("study", "open_study"),
        ("network/pages", "waves"),
        ("network/methods", "person_network"),
        ("network/methods", "with_label"),
        ("network/pages", "Across.summary"),
        ("network/methods", "ei_index"),
        ("network/methods", "labelled_ties"),
        ("network/pages", "summary"),
        ("network/pages", "joined_across"),
        ("results", "format_share"),
        ("results", "Result.payload"),
        ("results", "result_html"),
    ),
}
"""What makes the number (or the extract) of each walk, by folder and function, in the order of the calls."""


def shown(name: str, folder: Path) -> Callable[[], object]:
    """Give the whole way: from the folder of the study to the page as a reader sees it; a keystroke as it is."""
    if WALKS[name] is keystroke:
        return keystroke(folder)
    from cop_analysis.results.html import result_html

    def step() -> object:
        result: Any = WALKS[name](folder)()
        return result_html(result.payload())

    return step


def walk_all() -> Iterator[tuple[str, Walk]]:
    """Go every way once, in a copy of the demonstration study."""
    for name, prepare in WALKS.items():
        yield name, _in_a_copy(prepare)


def whole_way(name: str) -> Walk:
    """Go one way from the folder of the study to the page as a reader sees it."""
    return _in_a_copy(lambda folder: shown(name, folder), twice=WALKS[name] is not keystroke)


def _in_a_copy(prepare: Callable[[Path], Callable[[], object]], twice: bool | None = None) -> Walk:
    with tempfile.TemporaryDirectory() as made, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        folder = Path(shutil.copytree(STUDY, Path(made) / "study"))
        step = prepare(folder)
        if prepare is not keystroke if twice is None else twice:
            # What is imported or kept on the first call is no part of the way.
            step()
            step = prepare(folder)
        return walked(step)


def main() -> None:
    """Run from the command line."""
    read = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    read.add_argument("--hops", action="store_true", help="Say the way: what makes the number, and each file.")
    asked = read.parse_args()
    for name, walk in walk_all():
        print(
            f"{name}: {len(walk.files)} files, {len(walk.functions)} functions, {walk.calls:,} calls, "
            f"{walk.between:,} of them between files"
        )
        if asked.hops:
            for file, function, said in whole_way(name).steps(ITSELF[name]):
                print(f"  the number itself: {file}: {function}: {said}")
            for file, function, said in walk.hops():
                print(f"  {file}: {function}: {said}")


if __name__ == "__main__":
    main()
