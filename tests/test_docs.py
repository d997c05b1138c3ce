"""The documents name what there is, and nothing that is gone: commands, options, exported names, tables, the ways."""

import importlib.util
import inspect
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

import cop_analysis
from cop_analysis.pages import OPENED_PAGES

PACKAGE = Path(cop_analysis.__file__).resolve().parent
ROOT = Path(__file__).parents[1]
TO_DO = "run: python tools/reference.py"


def tool(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def reference() -> ModuleType:
    return tool("reference")


@pytest.fixture(scope="module")
def walks() -> ModuleType:
    return tool("walks")


@pytest.fixture(scope="module")
def sections() -> dict[str, str]:
    """Give what docs/commands.md says of each command."""
    text = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    return {part.partition("`")[0]: part for part in text.split("\n## `")[1:]}


def test_every_command_stands_in_the_documents_and_none_that_is_gone(reference, sections):
    every = [words for words, _, _ in reference.commands()]
    assert len(every) > 15
    assert sorted(sections) == sorted(every), TO_DO


def test_every_option_stands_with_its_command_and_none_that_is_gone(reference, sections):
    every = {
        words: {written for written, _ in reference.options(command, kinds)}
        for words, command, kinds in reference.commands()
    }
    assert sum(map(len, every.values())) > 40
    told = {
        words: {one.replace("\\|", "|") for one in re.findall(r"^\| `(--.+?)` \|", said, re.MULTILINE)}
        for words, said in sections.items()
    }
    assert told == every, TO_DO


def test_every_option_says_what_it_does(reference):
    silent = [
        f"{words} {written}"
        for words, command, kinds in reference.commands()
        for written, said in reference.options(command, kinds)
        if not said
    ]
    assert not silent, f"Say in help= what these options do: {', '.join(silent)}."


def test_every_exported_name_of_every_room_stands_in_the_documents_and_none_that_is_gone(reference):
    every = {f"{name}.{one}" for name, room in reference.rooms().items() for one in room.__all__}
    assert len(every) > 150
    text = (ROOT / "docs" / "names.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `([\w.]+)` \|", text, re.MULTILINE)) == every, TO_DO


def test_every_exported_name_says_what_it_is(reference):
    rooms = reference.rooms()
    silent = [
        f"{name}.{one}" for name, room in rooms.items() for one in room.__all__ if not reference.summary(room, one)
    ]
    assert not silent, f"Begin the docstring of each with one sentence: {', '.join(silent)}."


def test_every_heading_stands_in_the_documents_with_its_method_and_its_measures(reference):
    text = (ROOT / "docs" / "pages.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| `(\S+)` \| `(\w+)` \| `(\S+\.py)` \| (.*) \|$", text, re.MULTILINE)
    there = [
        (one.key, one.method, inspect.unwrap(getattr(page.kind_opened, one.method)).__code__.co_filename)
        for page in OPENED_PAGES
        for one in page.pages
    ]
    assert len(there) > 50
    assert [(key, method, str(PACKAGE / file)) for key, method, file, _ in told] == there, TO_DO
    measures = [found for *_, listed in told for found in re.findall(r"`(\w+)` \((\S+\.py)\)", listed)]
    assert len(measures) > 100
    gone = {
        f"{file}: {name}"
        for name, file in measures
        if f"def {name}(" not in (PACKAGE / file).read_text(encoding="utf-8")
    }
    assert gone == set(), TO_DO


def test_the_measures_behind_a_heading_are_read_in_the_code(reference):
    from cop_analysis.change import Comparison
    from cop_analysis.network import Waves

    behind = dict(reference.measures_behind(Waves, "summary"))
    # By `OpenedNetworks.ei_indices`, a property of what was opened, in another module than the heading.
    assert behind["ei_index"] == "cop_analysis.network.methods.mixing"
    assert {"cross_share_intervals", "share_bounds", "cross_change", "person_network"} <= set(behind)
    assert "brokerage" not in behind
    # Page 04 asks for `signed_rank_of`, which only runs `signed_rank`.
    assert {"signed_rank", "superiority"} <= set(dict(reference.measures_behind(Comparison, "items")))


def test_the_drawn_rooms_and_the_tables_of_the_store_are_those_there_are(reference):
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert reference.drawn_rooms() in text, TO_DO
    assert reference.drawn_store() in text, TO_DO
    from cop_analysis.realist.store.schema import metadata

    assert set(reference.STORE) == {table.name for table in metadata.sorted_tables}


def test_each_hop_of_a_way_is_a_function_of_that_file():
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    hops = re.findall(r"^\| \d+ \| `(\S+\.py)` \| `([\w.]+)` \|", text, re.MULTILINE)
    assert len(hops) > 30
    gone = [
        f"{file}: {function}"
        for file, function in hops
        if not (path := ROOT / "cop_analysis" / file).is_file()
        or f"def {function.rpartition('.')[2]}(" not in path.read_text(encoding="utf-8")
    ]
    assert gone == [], TO_DO


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    ["a survey answer to page 04's headline", "a keystroke to its stored extract", "a tie to page 03's headline"],
)
def test_what_makes_a_number_is_called_on_its_way_and_told(walks, name):
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert set(walks.ITSELF) == set(walks.WALKS)
    told = [
        f"- `{file}`: `{function}`: {said}" for file, function, said in walks.whole_way(name).steps(walks.ITSELF[name])
    ]
    assert all(line.endswith((".", ":")) for line in told)
    assert "\n".join(told) in text, TO_DO


def test_a_function_that_is_not_on_the_way_is_found_out(walks):
    way = walks.walked(lambda: walks.said_of(walks.walked.__code__))
    with pytest.raises(ValueError, match="results: result_html was not called"):
        way.steps([("results", "result_html")])


def test_a_command_that_a_document_names_is_there(reference):
    """Whatever stands in code type as `cop WORD` is a command, in the README and in every page of docs/."""
    every = {words for words, _, _ in reference.commands()}
    firsts = {words.split()[1] for words in every} | {"--version", "--all", "COMMAND"}
    named = {
        f"{path.name}: {found[0]}"
        for path in (ROOT / "README.md", *(ROOT / "docs").glob("*.md"))
        for found in re.finditer(r"`cop ([A-Za-z-]+)", path.read_text(encoding="utf-8"))
        if found[1] not in firsts
    }
    assert not named, f"No command begins so; write it as docs/commands.md has it: {', '.join(sorted(named))}."
