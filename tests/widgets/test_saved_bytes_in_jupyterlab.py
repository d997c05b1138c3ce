"""What the files of a JupyterLab hold while the coding panel is open: of a text only what the saved form may quote."""

from __future__ import annotations

import csv
import html
import json
import re
from pathlib import Path
from typing import Any

import pytest

from cop_analysis import open_study
from cop_analysis.realist import turns
from tests.widgets.in_jupyterlab import execute, visit

pytestmark = [pytest.mark.slow, pytest.mark.browser]

RUN = 7
"""So many words in a row are somebody's; fewer may stand in anybody's sentence."""


def word_runs(text: str) -> set[str]:
    words = re.findall(r"\w+", html.unescape(text).casefold())
    return {" ".join(words[place : place + RUN]) for place in range(len(words) - RUN + 1)}


def set_consent(study: Path, answers: dict[str, str]) -> None:
    table = study / "people.csv"
    rows = list(csv.DictReader(table.read_text(encoding="utf-8").splitlines()))
    for row in rows:
        row["consent"] = answers.get(row["person"], row["consent"])
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def strings(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [one for each in value.values() for one in strings(each)]
    if isinstance(value, list):
        return [one for each in value for one in strings(each)]
    return [value] if isinstance(value, str) else []


def test_no_file_of_the_notebook_holds_words_of_who_refused_or_withdrew(lab, a_browser, tmp_path):
    work = lab[2]
    study = work / "data" / "nmp_forum"
    set_consent(study, {"P03": "no", "P10": "withdrawn"})
    said: dict[str, set[str]] = {"silent": set(), "others": set()}
    texts = [(study / "documents" / file).read_text(encoding="utf-8") for file in open_study(study).documents["file"]]
    for text in texts:
        for turn in turns(text):
            who = "silent" if turn.speaker in ("P03", "P10") else "others"
            said[who] |= word_runs(text[turn.speech_start : turn.end])
    coding = json.loads((study / "coding.json").read_text(encoding="utf-8"))
    # Names, wordings and reasons are the coders' own words, and a few of them say what somebody else said as well.
    coders = set().union(*(word_runs(one) for one in strings({**coding, "extracts": [], "documents": []})))
    silent = said["silent"] - said["others"] - coders
    assert len(silent) > 500
    assert any(word_runs(one["quote"]) & silent for one in coding["extracts"]), "some of it is coded"
    anybody = said["silent"] | said["others"]
    with a_browser.new_context(viewport={"width": 1366, "height": 768}) as context:
        page = visit(context, lab, "first")
        # The panel shows them to whoever codes: it is the files that must not.
        assert word_runs(page.locator(".cop-reader").inner_text()) & silent
        execute(page, "@jupyter-widgets/jupyterlab-manager:saveWidgetState")
        execute(page, "docmanager:save")
    notebook = json.loads((work / "notebooks" / "first.ipynb").read_text(encoding="utf-8"))
    state = notebook["metadata"]["widgets"]
    assert not word_runs(" ".join(strings(state))) & anybody, "the widget's state holds nothing of a text"
    held = word_runs(" ".join(strings(notebook)))
    assert held & said["others"], "the saved form quotes who consented"
    kept = [path for path in tmp_path.rglob("*") if path.is_file() and study not in path.parents]
    assert work / "notebooks" / "first.ipynb" in kept
    for path in kept:
        content = path.read_bytes().decode("utf-8", "replace")
        found = word_runs(content.replace("\\n", " ").replace("\\u2019", "\u2019")) & silent
        assert not found, (path, sorted(found)[:3])
    assert not held & silent
