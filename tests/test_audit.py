"""The audit asks about every pin of the lock file, and says why it was skipped."""

import importlib.util
import socket
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def tool():
    spec = importlib.util.spec_from_file_location("audit", ROOT / "tools" / "audit.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_pin_is_asked_about_with_its_marker(tool):
    lock = (ROOT / "requirements-test.lock").read_text(encoding="utf-8")
    asked = tomllib.loads(tool.project_of(lock, ">=3.11"))["project"]["dependencies"]
    pinned = [line.split(" ")[0] for line in lock.splitlines() if line[:1].isalnum()]
    assert [one.split(" ")[0] for one in asked] == pinned
    assert len(pinned) > 100
    assert any(one.startswith("appnope==") and "sys_platform == 'darwin'" in one for one in asked)


def test_without_a_network_the_reason_is_given_and_ci_fails(tool, monkeypatch, capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, not listening: nobody answers here
        monkeypatch.setattr("sys.argv", ["audit.py", "--database", f"http://127.0.0.1:{taken.getsockname()[1]}"])
        for told, code in (("", 0), ("true", 1)):
            monkeypatch.setenv("CI", told)
            assert tool.main() == code
            assert "pinned packages was skipped: 127.0.0.1 cannot be reached" in capsys.readouterr().out


def test_what_declares_itself_abandoned_is_named_in_the_documents(tool):
    written = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    for name in tool.inactive():
        assert f"**{name.split()[0]}**" in written
