"""`cop simulate`: a simulated study of any size from a seed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from cop_analysis.commands.registry import command, stop, stop_writing
from cop_analysis.terminal import say


@command("simulate", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def simulate(
    context: typer.Context,
    path: Annotated[Path, typer.Argument(help="The folder to make; it must not exist, or be empty.")],
    preset: Annotated[str, typer.Option("--preset", help="Start from named settings, such as nmp_forum.")] = "",
    list_settings: Annotated[
        bool, typer.Option("--list", help="List every setting with its default and range, then stop.")
    ] = False,
) -> None:
    """Make a simulated study of any size from a seed: people, ties, scores, transcripts and coding, all invented.

    Every setting is an option: cop simulate big --people 400 --drop-out 0.3 --seed 7. See them all with --list.
    """
    from cop_analysis import simulate as room
    from cop_analysis.files import reason_of

    if list_settings:
        for setting in room.describe_settings():
            span = "" if setting.lowest is None else f", from {setting.lowest} to {setting.highest}"
            if isinstance(setting.default, str | int | float | date):
                name = setting.name.replace("_", "-")
                say(f"--{name}  {setting.meaning} (default {setting.default}{span})")
        say(f"Presets: {', '.join(room.PRESETS)}")
        return
    try:
        changes = simulation_changes(context.args)
        if changes or not preset:
            changes = named_after(path) | changes
        settings = room.choose_settings(preset, **changes)
        room.write_study(room.simulate_study(settings), path)
    except ValueError as fault:
        stop(str(fault))
    except OSError as fault:
        stop_writing(f"The folder {path} cannot be made ({reason_of(fault)}); give another place.", fault)
    say(f"Made the simulated study {path}. Every person, number and word in it is invented.")
    say(f"  cop report {path}")


def named_after(folder: Path) -> dict[str, object]:
    """Name a simulated study after its folder, in plain words of no preset, so that two in one outputs/ stay two.

    Examples
    --------
    >>> named_after(Path("made/Big one"))["key"], named_after(Path("made/2024"))["key"]
    ('big_one', 'study_2024')
    """
    from cop_analysis.simulate import WORDS, SimulationSettings
    from cop_analysis.study.template import study_key

    described = {word: getattr(SimulationSettings(), word) for word in WORDS}
    return {**described, "key": study_key(folder.name), "title": f"{folder.name} (simulated)"}


def simulation_changes(words: Sequence[str]) -> dict[str, object]:
    """Read ``--drop-out 0.3 --people=400`` as settings of the simulator, each of its setting's own kind.

    Raises
    ------
    ValueError
        If a word is no option, an option has no value, or a value is not of its setting's kind.

    Examples
    --------
    >>> simulation_changes(["--drop-out", "0.3", "--people=400"])
    {'drop_out': 0.3, 'people': 400}
    """
    from cop_analysis.simulate import describe_settings

    readers: dict[type, tuple[Callable[[str], object], str]] = {
        int: (int, "a whole number"),
        float: (float, "a number"),
        str: (str, "text"),
        date: (date.fromisoformat, "a date such as 2024-09-01"),
    }
    kinds = {setting.name: type(setting.default) for setting in describe_settings()}
    changes: dict[str, object] = {}
    waiting = list(words)
    while waiting:
        option, given, value = waiting.pop(0).partition("=")
        if not option.startswith("--"):
            raise ValueError(f"{option!r} is not an option; settings are written --people 400. See --list.")
        if not given:
            if not waiting:
                raise ValueError(f"{option} needs a value after it.")
            value = waiting.pop(0)
        name = option[2:].replace("-", "_")
        kind = kinds.get(name, str)
        if kind not in readers:
            raise ValueError(f"{option} cannot be set on the command line; use SimulationSettings in Python.")
        read, wanted = readers[kind]
        try:
            changes[name] = read(value)
        except ValueError:
            raise ValueError(f"{option} takes {wanted}, not {value!r}.") from None
    return changes
