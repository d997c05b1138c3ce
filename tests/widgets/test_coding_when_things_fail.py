"""The panel when something goes wrong: nothing that was done is lost, and the screen says what is so."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

from cop_analysis import open_study
from cop_analysis.realist.store import Full, Unreachable
from cop_analysis.widgets.coding import session as session_room
from cop_analysis.widgets.coding.session import Session

pytestmark = [pytest.mark.slow, pytest.mark.browser]


def test_what_was_not_stored_before_a_reload_is_stored_after_it(open_panel, folder):
    panel = open_panel(folder)
    page = panel.page
    page.route("http://panel.test/", lambda route: route.fulfill(body="<p>", content_type="text/html"))
    panel.start(address="http://panel.test/")
    panel.to_text()
    panel.press("t")
    panel.code("Change")
    panel.stored()
    page.evaluate("globalThis.deaf = true")
    panel.press("ArrowDown", "t", "r", "m")
    page.keyboard.type("Not stored yet")
    panel.press("Escape", "ArrowDown", "s")
    panel.code("Another")
    page.get_by_text("3 changes are not stored yet").wait_for(timeout=180_000)
    assert len(panel.session.coding.snapshot.extracts) == 1
    panel.start(address="http://panel.test/")
    page.get_by_text("3 changes from before were not stored yet").wait_for()
    panel.stored()
    kept = panel.session.coding.snapshot
    assert [one.memo for one in kept.extracts] == ["", "Not stored yet", ""]
    assert {one.name for one in kept.codes} == {"Change", "Another"}
    assert panel.labels(3)
    panel.start(address="http://panel.test/")
    panel.settled()
    assert len(panel.session.coding.snapshot.extracts) == 3, "it is sent once"
    assert page.evaluate("document.querySelector('.cop-turn[tabindex=\"0\"]').dataset.turn") == "2", "where one was"
    expect(page.locator(".cop-recent button")).to_have_text(["Another", "Change"])


def test_what_a_coder_did_not_get_stored_is_never_stored_as_somebody_elses(open_panel, folder):
    panel = open_panel(folder)
    page = panel.page
    page.route("http://panel.test/", lambda route: route.fulfill(body="<p>", content_type="text/html"))
    panel.start(address="http://panel.test/")
    page.evaluate("globalThis.deaf = true")
    panel.to_text()
    panel.press("t")
    panel.code("Change")
    panel.session.coder = "coder-b"
    panel.start(address="http://panel.test/")
    panel.settled()
    assert panel.session.coding.snapshot.extracts == ()
    panel.session.coder = "coder-a"
    panel.start(address="http://panel.test/")
    panel.stored()
    assert [one.coder for one in panel.session.coding.snapshot.extracts] == ["coder-a"]


def test_while_another_program_holds_the_database_work_waits_and_is_stored_in_order(open_panel, folder):
    panel = open_panel(folder)
    page = panel.page
    panel.to_text()
    panel.press("t")
    panel.code("Change")
    panel.stored()
    (database,) = folder.glob("*.db")
    panel.session.coding._store.connector.busy_seconds = 0.2
    panel.session.coding._store.connector.close()
    holder = sqlite3.connect(database, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    panel.press("ArrowDown", "t")
    panel.code("Held")
    assert panel.labels(2), "it is shown at once"
    page.get_by_text("another program holds the database").wait_for(timeout=180_000)
    panel.press("ArrowDown", "t", "r")
    assert panel.labels(3)
    assert page.get_by_role("alert").inner_text() == ""
    assert len(panel.session.coding.snapshot.extracts) == 1
    holder.execute("ROLLBACK")
    holder.close()
    panel.page.wait_for_selector(".cop-status.is-stored", timeout=180_000)
    names = {one.id: one.name for one in panel.session.coding.snapshot.codes}
    assert [names[one.code] for one in panel.session.coding.snapshot.extracts] == ["Change", "Held", "Held"]


READ_ONLY = """
import json, os, sys
sys.path[:0] = {path!r}
from cop_analysis.widgets.coding.session import Session
MESSAGES = ({{"kind": "hello"}}, {{"kind": "text", "document": "D01"}},
            {{"kind": "do", "op": "1", "verb": "add_code", "args": {{"id": "c9", "name": "Trust"}}}})
def replies(folder):
    session = Session(folder, "coder-b")
    return [next(iter(session.answer(message))) for message in MESSAGES]
replies({writable!r})  # What is imported on the way may lie where only the administrator reads.
os.setgid(65534); os.setuid(65534)
for reply in replies({folder!r}):
    print(json.dumps(reply))
"""


@pytest.fixture
def locked_folder(open_panel, folder):
    """A study with coding whose folder nobody may write; what a person without rights to it is told comes with it."""
    import json
    import subprocess

    made = Session(folder, "coder-a")
    text = made.study.read_document("D01")
    for message in (
        {"verb": "add_code", "args": {"id": "c1", "name": "Alone"}},
        {"verb": "add_extract", "args": {"id": "x1", "document": "D01", "code": "c1",
                                         "start": text.index("I was"), "end": text.index("I was") + 20}},
        {"verb": "add_configuration", "args": {"id": "cmo1", "label": "A claim"}},
    ):  # fmt: skip
        assert [one["kind"] for one in made.answer({"kind": "do", "op": "1", **message})] == ["done"]
    made.coding.close()
    place = Path("/tmp") / f"read-only-{os.getpid()}"
    shutil.copytree(folder, place)
    for one in (place, *place.rglob("*")):
        one.chmod(0o555 if one.is_dir() else 0o444)
    try:
        if os.geteuid() == 0:
            script = READ_ONLY.format(path=[*sys.path], folder=str(place), writable=str(folder))
            done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd="/", check=False)
            assert done.returncode == 0, done.stderr[-2000:]
            yield place, [json.loads(line) for line in done.stdout.splitlines()]
        else:
            session = Session(place, "coder-b")
            ask = [{"kind": "hello"}, {"kind": "text", "document": "D01"},
                   {"kind": "do", "op": "1", "verb": "add_code", "args": {"id": "c9", "name": "Trust"}}]  # fmt: skip
            yield place, [next(iter(session.answer(one))) for one in ask]
            session.coding.close()
    finally:
        for one in (place, *place.rglob("*")):
            one.chmod(0o755)
        shutil.rmtree(place)


def test_a_study_nobody_may_write_is_read_and_every_action_that_writes_says_why_it_cannot(open_panel, locked_folder):
    place, (hello, text, refused) = locked_folder
    assert "can be read but not written" in hello["readOnly"]
    assert (refused["kind"], refused["why"]) == ("failed", "read-only")
    panel = open_panel(place, "coder-b", start=False)
    # What a person without rights is told, said to the page; the administrator who runs the test could write.
    replies = {"hello": hello, "text": text, "do": refused}
    panel.session.answer = lambda message: iter([replies[message["kind"]]] if message["kind"] in replies else [])
    panel.start()
    page = panel.page
    page.get_by_text("Read only. The coding cannot be changed").wait_for()
    expect(page.locator(".cop-status")).to_contain_text("Read only")
    panel.to_text()
    panel.press("]")
    assert panel.labels(1)
    for key in "12345":
        panel.to_text()
        panel.press(key)
        panel.settled()
        if key == "1":
            page.get_by_role("treeitem").first.click()
        controls = page.locator(".cop-pane :is(textarea, input:not([type=search]), .cop-button, .cop-choice)")
        writing = controls.evaluate_all(
            "all => all.filter((one) => !one.disabled).map((one) => one.ariaLabel || one.textContent)"
        )
        assert set(writing) <= {"Show alone", "Configuration", "First coder", "Second coder", "Keep the code"}, key
        for reason in page.locator(".cop-pane :disabled").evaluate_all("all => all.map((one) => one.title)"):
            assert "can be read but not written" in reason
        assert panel.violations() == []
    page.get_by_role("menuitem", name="Code", exact=True).click()
    items = page.get_by_role("menu", name="Code").locator("[role=menuitem]")
    assert set(items.evaluate_all("all => all.map((one) => one.getAttribute('aria-disabled'))")) == {"true"}
    assert all("not written" in one for one in items.evaluate_all("all => all.map((one) => one.title)"))
    panel.press("Escape")
    for key in ("n", "r", "z", "c", "Shift+N", "m", "v"):
        page.evaluate("document.querySelector('.cop-alerts').replaceChildren()")
        panel.to_text()
        panel.press(key)
        expect(page.get_by_role("alert")).to_contain_text("not written")
        assert page.locator(".cop-picker:visible, .cop-form:visible").count() == 0, key
    assert not any(message["kind"] == "do" for message in page.evaluate("globalThis.sent"))
    assert not panel.troubles


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Full("The disk of coding.db has no room left. Nothing was changed."), "the disk has no room left"),
        (OSError(errno.ENOSPC, "No space left on device"), "the disk has no room left"),
        (PermissionError(errno.EACCES, "locked"), "cannot be read or written just now"),
        (Unreachable("The database forum cannot be reached."), "the database cannot be reached"),
    ],
    ids=["full", "full-by-the-system", "a-locked-file", "no-server"],
)
def test_what_cannot_be_stored_just_now_waits_is_listed_and_is_stored_once_it_can_be(
    open_panel, folder, monkeypatch, fault, said
):
    panel = open_panel(folder)
    page = panel.page
    panel.to_text()
    panel.press("t")
    panel.code("Change")
    panel.stored()
    real, faults, tried = session_room.perform, [fault], []

    def perform(*given):
        tried.append(given)
        if faults:
            raise faults[0]
        return real(*given)

    monkeypatch.setattr(session_room, "perform", perform)
    panel.press("ArrowDown", "t")
    panel.code("Later")
    page.get_by_text(said).first.wait_for()
    panel.press("ArrowDown", "t", "r", "m")
    page.keyboard.type("Not stored yet")
    panel.press("Escape")
    page.get_by_text("3 changes are not stored yet").wait_for()
    assert page.get_by_role("alert").inner_text() == "", "nothing is taken back"
    assert panel.labels(3)
    page.get_by_role("button", name="List them").click()
    listed = page.get_by_role("group", name="Not stored yet").locator("li")
    expect(listed).to_have_count(3)
    assert panel.violations() == []
    before = len(tried)
    while len(tried) < before + 2:
        page.wait_for_timeout(100)
    panel.settled()
    assert "not stored yet" in page.locator(".cop-status").inner_text(), "it is tried again, and says so meanwhile"
    assert len(panel.session.coding.snapshot.extracts) == 1
    faults.clear()
    panel.stored()
    expect(listed).to_have_count(0)
    expect(page.locator(".cop-queue")).to_be_hidden()
    kept = panel.session.coding.snapshot
    assert [one.memo for one in kept.extracts] == ["", "", "Not stored yet"]
    assert {one.name for one in kept.codes} == {"Change", "Later"}


def test_while_the_folder_of_the_study_is_away_work_waits(open_panel, folder):
    panel = open_panel(folder)
    page = panel.page
    panel.to_text()
    panel.press("t")
    panel.code("Change")
    panel.stored()
    away = folder.with_name("away")
    folder.rename(away)
    panel.press("ArrowDown", "t")
    panel.code("Meanwhile")
    page.get_by_text("the place of the study cannot be read or written just now").wait_for(timeout=180_000)
    panel.press("ArrowDown", "t", "r")
    page.get_by_text("2 changes are not stored yet").wait_for()
    away.rename(folder)
    page.wait_for_selector(".cop-status.is-stored", timeout=180_000)
    assert len(open_study(folder).coding.snapshot.extracts) == 3


def test_what_waits_can_be_given_up_and_what_follows_is_stored(open_panel, folder, monkeypatch):
    panel = open_panel(folder)
    page = panel.page
    panel.to_text()
    panel.press("t")
    panel.code("Change")
    panel.stored()
    real, faults = session_room.perform, [Full("No room.")]

    def perform(*given):
        if faults:
            raise faults[0]
        return real(*given)

    monkeypatch.setattr(session_room, "perform", perform)
    panel.press("ArrowDown", "t", "r", "ArrowDown", "t", "r")
    page.get_by_text("2 changes are not stored yet").wait_for()
    page.get_by_role("button", name="List them").click()
    page.get_by_role("button", name="Give it up").first.click()
    page.get_by_text("One change is not stored yet").wait_for()
    faults.clear()
    panel.stored()
    quotes = [one.quote for one in panel.session.coding.snapshot.extracts]
    assert len(quotes) == len(panel.labels(2)) == 2
    assert quotes[1].startswith("שלום")


def test_everything_is_stored_is_not_said_while_a_field_holds_what_is_not(open_panel, folder):
    panel = open_panel(folder)
    page = panel.page
    panel.to_text()
    panel.press("t")
    panel.code("Change")
    panel.stored()
    panel.press("m")
    page.evaluate("globalThis.said.status.length = 0")
    page.keyboard.type("A")
    # The field is stored after a pause: what was said first is looked at, however late one looks.
    panel.until("globalThis.said.status.length > 0")
    assert page.evaluate("globalThis.said.status[0]") == "Not stored yet: Memo on this extract."
    panel.stored()
    # Somebody else writes there meanwhile: theirs stay, one's own is kept in the field and is not called stored.
    (extract,) = panel.session.coding.snapshot.extracts
    panel.session.coding.add_coder("coder-b", coder="coder-a")
    panel.session.coding.extracts.annotate(extract, "Theirs", coder="coder-b")
    page.keyboard.type(" memo of mine")
    panel.press("Escape")
    page.get_by_text("One field holds words that were not stored").wait_for()
    panel.press("1")
    panel.settled()
    assert "One field holds words that were not stored" in page.locator(".cop-status").inner_text()
    page.get_by_role("button", name="List them").click()
    page.get_by_text("A memo of mine").wait_for()
    page.get_by_role("button", name="Give it up").click()
    panel.stored()
    assert panel.session.coding.snapshot.extracts[0].memo == "Theirs"
