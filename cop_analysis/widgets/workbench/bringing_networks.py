"""Networks of other programs coming into a study from the panel: told by content, looked at, then brought in."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cop_analysis.network.exchange.kinds import (
    GraphFileError,
    format_of,
    formats,
    header_places,
    listed,
    numbered_columns,
    title_of,
)
from cop_analysis.results import count_of
from cop_analysis.study.faults import visible
from cop_analysis.widgets.workbench.bringing import BringingError, plain_name

if TYPE_CHECKING:
    from cop_analysis.network.exchange.bringing import Answers, Bringing

_LAYOUTS: Final = {
    "names": "A row for each person: who they are, then whom they named",
    "matrix": "A matrix: a row and a column for each person",
    "ties": "A list of ties: a row for each, from one person to another",
}


@dataclass(frozen=True)
class BroughtNetwork:
    """A network that was looked at and waits for a person's word before it is brought in.

    Parameters
    ----------
    name : str
        The file's name, fit for a screen and for a path.
    content : bytes
    layouts : sequence of str
        The ways to read a table whose header does not say which it is; none where there is no doubt.
    answers : Answers
        What somebody said so far.
    new_relation : str
        The name of a relation that is to be added, as it was typed.
    """

    name: str
    content: bytes
    layouts: Sequence[str]
    answers: Answers
    new_relation: str = ""

    def answered(self, said: Mapping[str, Any]) -> BroughtNetwork:
        """Give it with what somebody chose on the panel."""
        from cop_analysis.network.exchange.bringing import Answers
        from cop_analysis.study.template import study_key

        def text(name: str) -> str:
            return " ".join(str(said.get(name) or "").split())[:120]

        relation, wave = text("newRelation"), text("newWave")
        return replace(
            self,
            new_relation=relation,
            answers=Answers(
                relation=text("relation") or (study_key(relation) if relation else ""),
                wave=text("wave") or (study_key(wave) if wave else ""),
                layout=text("layout") if text("layout") in self.layouts else "",
                add_relation=not text("relation") and bool(relation),
                add_wave=not text("wave") and bool(wave),
                directed={"yes": True, "no": False}.get(text("directed")),
                wave_label=wave,
                add_people=text("people") == "add",
            ),
        )

    def state(self, folder: Path) -> dict[str, Any]:
        """What the panel shows of it, as JSON: what it would bring into the study of a folder, and what is asked."""
        from cop_analysis.study import open_study

        study = open_study(folder)
        relations = [item.key for item in study.config.relations]
        waves = [(item.key, visible(item.name, 80)) for item in study.waves]
        said = self.answers
        state: dict[str, Any] = {
            "name": self.name,
            "layouts": [{"key": key, "words": _LAYOUTS[key]} for key in self.layouts],
            "layout": said.layout,
            "relations": [{"key": key, "words": visible(key.replace("_", " "), 80)} for key in relations],
            "relation": _chosen(said.relation, said.add_relation, relations),
            "waves": [{"key": key, "words": words} for key, words in waves],
            "wave": _chosen(said.wave, said.add_wave, [key for key, _ in waves]),
            "people": "add" if said.add_people else "leave",
            "newRelation": self.new_relation,
            "newWave": said.wave_label if said.add_wave else "",
        }
        if self.layouts and not said.layout:
            asked = "a table that can be read in several ways; say below which it is."
            return {**state, "sentence": asked, "lines": [], "unknown": 0, "directed": "", "kept": 0}
        try:
            looked = self.look(folder, for_show=True)
        except ValueError as fault:
            return {**state, "sentence": visible(str(fault), 600), "lines": [], "unknown": 0, "directed": "", "kept": 0}
        ties = "1 tie" if looked.read.ties == 1 else f"{looked.read.ties:,} ties"
        people = count_of(looked.read.nodes, "person", "people")
        title = title_of(looked.read.format)
        unknown = [visible(one, 60) for one in looked.found.unknown]
        strangers = [f"Not in people.csv ({len(unknown):,}): {listed(unknown)}."] if unknown else []
        kept = replace(looked.found, unknown=()).sentence
        return {
            **state,
            "sentence": f"a network ({title}) of {people} and {ties}.",
            "lines": [visible(line, 400) for line in (*looked.read.notes[:6], kept, *strangers)],
            "unknown": len(unknown),
            "directed": "yes" if self._is_directed() else "no",
            "kept": len(looked.found.rows),
        }

    def look(self, folder: Path, *, for_show: bool = False) -> Bringing:
        """Say what bringing it in would do; errors are those of `look_at_ties`.

        To be shown before somebody has named the relation and the wave, it is looked at under names of no meaning.
        """
        from cop_analysis.network.exchange.bringing import look_at_ties

        answers = self.answers
        if for_show:
            answers = replace(
                answers,
                relation=answers.relation or "ties",
                add_relation=True,
                wave=answers.wave or "once",
                add_wave=True,
            )
        with tempfile.TemporaryDirectory(prefix="cop-workbench-") as place:
            return look_at_ties(folder, _written(Path(place), self.name, self.content), answers)

    def _is_directed(self) -> bool:
        from cop_analysis.network import read_graph

        if self.answers.directed is not None:
            return self.answers.directed
        with tempfile.TemporaryDirectory(prefix="cop-workbench-") as place:
            path = _written(Path(place), self.name, self.content)
            return bool(read_graph(path, layout=self.answers.layout or None)[0].is_directed())


def look_at_network(study: Path | None, name: str, content: bytes) -> BroughtNetwork | None:
    """Look at a file somebody chose as a network of another program; None where it is something else.

    Raises
    ------
    BringingError
        When it is a network and no study is chosen, or cannot be read as the network it says it is.
    """
    from cop_analysis.network import read_graph
    from cop_analysis.network.exchange.bringing import Answers
    from cop_analysis.network.exchange.kinds import content_of
    from cop_analysis.study import StudyError, open_study

    shown = plain_name(name)
    if not content:
        return None
    with tempfile.TemporaryDirectory(prefix="cop-workbench-") as place:
        path = _written(Path(place), shown, content)
        try:
            content_of(path)
            kind = format_of(content, shown)
        except GraphFileError:
            return None
        if kind == "csv" and not _names_its_ends(content) and (_is_of_passages(content) or not _is_matrix(content)):
            return None
        layouts: dict[str, list[object]] = {}
        try:
            read_graph(path)
        except GraphFileError as fault:
            for layout in _LAYOUTS if kind in ("csv", "matrix") else ():
                with suppress(GraphFileError):
                    ties = list(read_graph(path, layout=layout)[0].edges)
                    # What comes to the same is no choice.
                    if ties not in layouts.values():
                        layouts[layout] = ties
            if not layouts:
                # A talk may begin with the initials DL, or with words that look like a row of a table.
                if not formats()[kind].may_be_text:
                    raise BringingError(visible(str(fault), 600)) from None
                return None
    if study is None:
        raise BringingError("Choose or make a study first; then bring the network in.")
    try:
        opened = open_study(study)
    except StudyError:
        raise BringingError(
            f"{shown} is a network, and waits until the study's faults are corrected: press “Check the study”."
        ) from None
    return BroughtNetwork(
        shown,
        content,
        tuple(layouts),
        Answers(
            relation=next((item.key for item in opened.config.relations), ""),
            wave=next((item.key for item in opened.waves), ""),
            # A study that knows nobody yet takes its people from the network.
            add_people=opened.people is None or opened.people.empty,
        ),
    )


def _chosen(said: str, is_new: bool, known: Sequence[str]) -> str:
    """Give what is chosen in a list: what was said, else the first; empty for one that is to be added."""
    if is_new or not known:
        return ""
    return said if said in known else known[0]


def _cells(content: bytes) -> list[list[str]]:
    """Give the cells of the first lines of a table."""
    lines = [line for line in content[:4000].decode("utf-8-sig", "replace").split("\n")[:20] if line.strip()]
    if len(content) > 4000:
        lines = lines[:-1] or lines
    mark = max(",;\t|", key=lines[0].count) if lines else ","
    return [[cell.strip().strip('"') for cell in line.split(mark)] for line in lines]


def _is_matrix(content: bytes) -> bool:
    """Whether rows stand under a header, a name and then nothing but numbers in each: two of them at least."""
    header, *rows = _cells(content)
    return len(rows) > 1 and all(
        len(row) == len(header) and all(re.fullmatch(r"(?:[-+]?[0-9.]+|NA|)", cell) for cell in row[1:]) for row in rows
    )


def _names_its_ends(content: bytes) -> bool:
    (cells, *_) = _cells(content)
    return header_places(cells) is not None or bool(numbered_columns(cells))


def _is_of_passages(content: bytes) -> bool:
    """Whether a table's columns are those of coded passages, which are brought in as such."""
    from cop_analysis.realist.exchange.formats.segments import names_a_column

    (cells, *_) = _cells(content)
    return sum(names_a_column(cell) for cell in cells) >= 2


def _written(folder: Path, name: str, content: bytes) -> Path:
    path = folder / (name.replace("\x00", "_")[:120] if name not in ("", ".", "..") else "network")
    path.write_bytes(content)
    return path
