"""The documents name what there is: every command of the command line stands in one of them."""

from pathlib import Path

import click
import typer

from cop_analysis import cli

ROOT = Path(__file__).parents[1]


def commands(command: click.Command, words: tuple[str, ...] = ("cop",)) -> list[str]:
    """List the commands below one, as a user types them."""
    inside = getattr(command, "commands", None)
    if not inside:
        return [" ".join(words)]
    return [found for name, below in inside.items() for found in commands(below, (*words, name))]


def test_every_command_stands_in_a_document():
    told = " ".join(path.read_text(encoding="utf-8") for path in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")))
    every = commands(typer.main.get_command(cli.app))
    assert len(every) > 15
    assert [one for one in every if one not in told] == []
