"""Sections added to a study.toml: written after all that stands there, of which not one byte is touched."""

from __future__ import annotations

import json
from collections.abc import Mapping

from cop_analysis.study.settings import parse_settings


def with_section(content: bytes, section: str, values: Mapping[str, str | bool]) -> bytes:
    r"""Add one section, such as a relation or a wave, to the content of a study.toml.

    Parameters
    ----------
    content : bytes
        The file as it stands; it stays as it is, with its line ends.
    section : str
        ``"relations"`` or another that may be there several times.
    values : mapping of str to str or bool
        With its ``key``; what is empty is not written.

    Returns
    -------
    bytes

    Raises
    ------
    ValueError
        If the file would not be right with it, in one sentence.

    Examples
    --------
    >>> print(with_section(b'key = "forum"\n', "relations", {"key": "advice", "directed": True}).decode())
    key = "forum"
    <BLANKLINE>
    [[relations]]
    key = "advice"
    directed = true
    <BLANKLINE>
    >>> with_section(b'key = "forum"', "relations", {"key": "Advice?"})
    Traceback (most recent call last):
        ...
    ValueError: study.toml was not changed: 'Advice?' cannot be a key; write lower-case letters, digits and _.
    """
    key = str(values["key"])
    lines = [f"[[{section}]]", *(f"{name} = {_value(one)}" for name, one in values.items() if one != "")]
    end = "\r\n" if b"\r\n" in content else "\n"
    before = b"" if content.endswith(b"\n") or not content else end.encode()
    added = content + before + (end + end.join(lines) + end).encode("utf-8")
    was, now = parse_settings(_text(content)), parse_settings(_text(added))
    held = [] if now.config is None else [one.key for one in getattr(now.config, section)]
    if len(now.faults) > len(was.faults) or held.count(key) != 1:
        if not key.replace("_", "").isalnum() or not key.isascii() or key != key.lower():
            raise ValueError(
                f"study.toml was not changed: {key!r} cannot be a key; write lower-case letters, digits and _."
            )
        raise ValueError(f"study.toml was not changed, because {key!r} could not be added to it; list its faults first "
                         "with `cop check`, or write it there yourself.")  # fmt: skip
    return added


def _text(content: bytes) -> str:
    return content.decode("utf-8-sig")


def _value(value: str | bool) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    # A basic string of TOML is written as JSON writes one, but for the one character JSON leaves bare.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
