from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from cop_analysis.study import Study

CONFIG: dict[str, Any] = {"schema_version": 1, "key": "demo", "title": "Demo", "provenance": "simulated"}

# London cancer CoP poster, 2023: date, format, topic, signed up, attended.
POSTER = [
    ("2023-02-21", "face to face", "Launch", 37, 17),
    ("2023-04-12", "webinar", "Clinical leadership", 97, 73),
    ("2023-05-03", "webinar", "Enhanced supportive care", 83, 57),
    ("2023-06-21", "face to face", "Quality improvement", 57, 39),
    ("2023-07-12", "webinar", "Cancer rehabilitation and lymphoedema", 92, 69),
    ("2023-09-18", "webinar", "Cognitive impairment, dementia and delirium", 230, 105),
    ("2023-10-18", "face to face", "QI in practice", 51, 32),
]


@pytest.fixture
def make_study() -> Callable[..., Study]:
    """Make a study from tables; further keywords of study.toml go in `settings`."""

    def make(period: str = "", settings: dict[str, Any] | None = None, **tables: pd.DataFrame) -> Study:
        return Study.from_tables({**copy.deepcopy(CONFIG), **(settings or {})}, period=period, **tables)

    return make


@pytest.fixture
def poster_tables() -> dict[str, pd.DataFrame]:
    events = pd.DataFrame(POSTER, columns=["date", "format", "topic", "signed_up", "attended"])
    events.insert(0, "event", [f"E{number}" for number in range(1, 8)])
    attendance = events[["event", "attended"]].rename(columns={"attended": "count"})
    return {"events": events.drop(columns="attended"), "attendance": attendance}


@pytest.fixture
def forum_tables() -> dict[str, pd.DataFrame]:
    """Three sessions: A, B and C came to the first, A and B to the second, A to the third, D to none."""
    return {
        "people": pd.DataFrame({"person": ["A", "B", "C", "D"], "organisation": ["HOSP", "HOSP", "COMM", "COMM"]}),
        "events": pd.DataFrame(
            {"event": ["N1", "N2", "N3"], "date": ["2024-01-15", "2024-03-11", "2024-05-13"], "signed_up": [4, 3, 2]}
        ),
        "attendance": pd.DataFrame(
            {"event": ["N1", "N1", "N1", "N2", "N2", "N3"], "person": ["A", "B", "C", "A", "B", "A"]}
        ),
    }


@pytest.fixture(autouse=True)
def undrawn(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the last step of a picture (matplotlib writing SVG) out, but for tests that ask to have it `drawn`."""
    if "drawn" in request.fixturenames:
        return
    from cop_analysis import figures
    from cop_analysis.results import Figure

    def unwritten(canvas: object, **facts: Any) -> Figure:
        return Figure(svg="<svg></svg>", **facts)

    monkeypatch.setattr(figures, "finish", unwritten)


@pytest.fixture
def drawn() -> None:
    """Ask for pictures as a page gets them."""
