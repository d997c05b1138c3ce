"""A network file taken into a study: looked at first, then written whole or not at all.

The command and the workbench both look and write by this; neither decides anything of its own.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cop_analysis.network.exchange.into_study import TiesReport, appended, delimiter_of, ties_for_study, ties_held
from cop_analysis.network.exchange.recognise import text_from
from cop_analysis.network.exchange.report import ExchangeReport
from cop_analysis.results import count_of


@dataclass(frozen=True)
class Answers:
    """What a file cannot say of itself, and a person has to.

    Attributes
    ----------
    relation, wave : str
        Keys of study.toml; empty where the study has one.
    layout : str
        As for `read_graph`; empty where the file's header says it.
    add_relation, add_wave : bool
        Write the relation or the wave into study.toml where it is not there.
    directed : bool or None
        Whether a relation that is added has a direction; None takes the file's word.
    wave_label : str
        How a wave that is added is called.
    add_people : bool
        Add whoever is not in people.csv to it.
    network : int
        Which network, where the file holds several.
    """

    relation: str = ""
    wave: str = ""
    layout: str = ""
    add_relation: bool = False
    add_wave: bool = False
    directed: bool | None = None
    wave_label: str = ""
    add_people: bool = False
    network: int = 1


@dataclass(frozen=True)
class Bringing:
    """What taking a network into a study would do.

    Attributes
    ----------
    read : ExchangeReport
        What is in the file.
    found : TiesReport
        Which ties are kept, and which are set aside and why.
    relation, wave : str
    added : tuple of str
        What comes into study.toml and people.csv, a sentence each.
    contents : mapping of Path to bytes
        The files as they are to be; none where no tie is kept.
    """

    read: ExchangeReport
    found: TiesReport
    relation: str
    wave: str
    added: tuple[str, ...] = ()
    contents: Mapping[Path, bytes] = field(default_factory=dict)

    @property
    def lines(self) -> list[str]:
        """What is in the file and what is kept of it, a sentence each."""
        return [self.read.sentence, self.found.sentence]

    def write(self) -> None:
        """Put all files in their places, or leave all of them as they were."""
        from cop_analysis.files import put_whole

        before = {path: _content(path) for path in self.contents}
        try:
            for path, content in self.contents.items():
                put_whole(path, content)
        except BaseException:
            for path, old in before.items():
                if old is None:
                    path.unlink(missing_ok=True)
                elif _content(path) != old:
                    put_whole(path, old)
            raise


def look_at_ties(folder: Path, file: Path, answers: Answers) -> Bringing:
    """Say what taking a network file into a study would do. Nothing is written.

    Parameters
    ----------
    folder : Path
        The study folder.
    file : Path
        The network.
    answers : Answers

    Raises
    ------
    ValueError
        If the study, an answer or the file cannot be used, in one sentence.
    """
    from cop_analysis.network.exchange.graph_files import read_graph
    from cop_analysis.study import StudyError, open_study

    if not folder.is_dir():
        raise ValueError(f"There is no folder {folder}. Name the folder that holds study.toml.")
    try:
        study = open_study(folder)
    except StudyError:
        raise ValueError(f"{folder} has faults. List them with: cop check {folder}") from None
    relations = {item.key: bool(item.directed) for item in study.config.relations}
    relation = _the_one(answers.relation, list(relations), "relation", "relations", answers.add_relation)
    wave = _the_one(answers.wave, [item.key for item in study.waves], "wave", "waves", answers.add_wave)
    graph, read = read_graph(file, layout=answers.layout or None, number=answers.network)
    is_new = relation not in relations
    said = bool(graph.is_directed()) if answers.directed is None else answers.directed
    directed = relations.get(relation, said)
    people = set() if study.people is None else {str(person) for person in study.people["person"]}
    ties, listing, settings = (folder / name for name in ("ties.csv", "people.csv", "study.toml"))
    before = _content(ties)
    text = _text(before, ties)
    # The file and not the opened study, which leaves out what people said who withdrew.
    held = ties_held(text)
    found = ties_for_study(graph, relation, wave, people, held, directed=directed, take_unknown=answers.add_people)
    if not found.rows:
        return Bringing(read, found, relation, wave)
    contents: dict[Path, bytes] = {}
    added: list[str] = []
    sections: list[tuple[str, str, dict[str, str | bool]]] = []
    if is_new:
        sections.append(("relation", "relations", {"key": relation, "directed": directed}))
    if wave not in {item.key for item in study.waves}:
        sections.append(("wave", "waves", {"key": wave, "label": answers.wave_label}))
    for what, section, values in sections:
        from cop_analysis.study.additions import with_section

        contents[settings] = with_section(contents.get(settings) or _content(settings) or b"", section, values)
        direction = f", {'with' if directed else 'without'} a direction" if what == "relation" else ""
        added.append(f"The {what} {values['key']} was added to study.toml{direction}.")
    new = list(dict.fromkeys(row[end] for row in found.rows for end in ("ego", "alter") if row[end] not in people))
    if new:
        listed = _content(listing)
        contents[listing] = _as_before(_with_people(_text(listed, listing) or "person\n", new), listed)
        added.append(f"{count_of(len(new), 'person', 'people')} added to people.csv, without an organisation.")
    contents[ties] = _as_before(appended(text, found.rows), before)
    return Bringing(read, found, relation, wave, tuple(added), contents)


def _content(path: Path) -> bytes | None:
    """Give the bytes of a study's file as it stands; None where there is none."""
    from cop_analysis.files import MOST_TABLE, FileRefusedError, read_file

    try:
        return read_file(path, most=MOST_TABLE, inside=path.parent)
    except FileNotFoundError:
        return None
    except FileRefusedError as refused:
        raise ValueError(f"{path.name} {refused.rule}: {refused.remedy}. Nothing was changed.") from None


def _text(content: bytes | None, path: Path) -> str:
    return "" if content is None else text_from(content, path.name)[0]


def _as_before(text: str, before: bytes | None) -> bytes:
    """Write a table with the byte order mark and the line ends it had, so that only what is new differs."""
    if before and before.count(b"\n") == before.count(b"\r\n") > 0:
        text = text.replace("\n", "\r\n")
    return text.encode("utf-8-sig" if before and before.startswith(b"\xef\xbb\xbf") else "utf-8")


def _with_people(text: str, people: Sequence[str]) -> str:
    body = text if text.endswith("\n") else text + "\n"
    delimiter = delimiter_of(body)
    header = next(csv.reader(io.StringIO(body), delimiter=delimiter))
    place = [cell.strip().lower() for cell in header].index("person")
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(
        [person if n == place else "" for n in range(len(header))] for person in people
    )
    return body + out.getvalue()


def _the_one(given: str, known: Sequence[str], what: str, block: str, add: bool) -> str:
    if given and (given in known or add):
        return given
    if given:
        raise ValueError(
            f"The study has no {what} {given!r}. It has: {', '.join(known) or 'none'}. Add it to study.toml as "
            f"[[{block}]], or have it added with --add-{what}."
        )
    if len(known) != 1:
        raise ValueError(
            f"The study has {len(known)} {block} ({', '.join(known) or 'none'}). Name one with --{what}."
            if known
            else f"The study has no {what}. Name one with --{what}, and have it added to study.toml with --add-{what}."
        )
    return known[0]
