"""REFI-QDA codebooks (.qdc) in and out: codes with their tree, names, descriptions and colours, and sets of them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, BinaryIO, Final

from cop_analysis.files import read_file
from cop_analysis.realist.documents.containers import (
    ExchangeError,
    is_holdable,
    parse_xml,
    refusing,
    xml_attribute,
    xml_text,
)
from cop_analysis.realist.exchange.elements import (
    Node,
    child_text,
    code_tree,
    colour_of,
    plain_names,
    read_codes,
    six_digits,
)
from cop_analysis.realist.exchange.foreign_reading import KEPT, described_foreign
from cop_analysis.realist.exchange.formats.qdpx import judged_json
from cop_analysis.realist.exchange.project_writing import origin_text
from cop_analysis.realist.exchange.registry import Format
from cop_analysis.realist.exchange.report import ExchangeReport, Ledger, write_whole
from cop_analysis.realist.model import COLLECTIONS, Code, Coding, Foreign, Part, Snapshot, vocabulary
from cop_analysis.realist.model.consent import handed_on
from cop_analysis.realist.model.foreign import fits
from cop_analysis.realist.model.identifiers import free, guid_of, identifier_of, is_guid, plain_guid, slug

NAMESPACE: Final = "urn:QDA-XML:codebook:1.0"

LARGEST: Final = 256 * 2**20
"""The largest codebook that is read, in bytes."""

_OWN = re.compile(r"<\?cop-analysis (\{.*?\})\?>", re.DOTALL)


def write_qdc(coding: Coding, path: Path | str, *, overwrite: bool = True) -> ExchangeReport:
    """Write the codes of a coding as a REFI-QDA codebook.

    Parameters
    ----------
    coding : Coding
    path : path
    overwrite : bool
        False refuses where the file exists.

    Returns
    -------
    ExchangeReport

    Raises
    ------
    StudyError
        When the records contradict each other.
    ExchangeError
        When there is no code, because the standard has no codebook without one; or when the place is taken.

    Examples
    --------
    >>> import tempfile
    >>> place = Path(tempfile.mkdtemp()) / "demo.qdc"
    >>> codes = (Code("c1", "Trust", level="interpersonal"), Code("c2", "Trust in peers", "c1"))
    >>> _ = write_qdc(Coding(Snapshot("demo", codes=codes)), place)
    >>> read_qdc(place)[0].snapshot.codes == codes
    True
    """
    path = Path(path)
    ledger = Ledger(path.name)
    snapshot = handed_on(coding).snapshot
    kept_by_itself = tuple(one for one in snapshot.foreign if not one.documents)
    judged_json(Coding(Snapshot(snapshot.study, codes=snapshot.codes, foreign=kept_by_itself)))
    if not snapshot.codes:
        raise ExchangeError(
            f"{path.name} was not written: the coding has no codes yet, and a REFI-QDA codebook holds at least one."
        )

    kept = {part.guid: part for part in (Node.of(one.parts) for one in snapshot.foreign if one.kind == "Code")}
    guids = {guid_of(snapshot.study, "code", code.id) for code in snapshot.codes}

    def start(code: Code) -> str:
        if not is_holdable(code.name + code.definition):
            ledger.change("code", code.id, "holds a control character that XML cannot hold; a mark stands in its place")
        description = f"<Description>{xml_text(code.definition)}</Description>" if code.definition else ""
        guid = guid_of(snapshot.study, "code", code.id)
        came = kept[guid].attributes if guid in kept else {}
        given = came.get("color", "")
        shown = given if six_digits(given) == code.colour else code.colour
        colour = f' color="{shown}"' if shown else ""
        is_codable = came.get("isCodable", "true")
        return f'<Code guid="{guid}" name="{xml_attribute(code.name)}" isCodable="{is_codable}"{colour}>{description}'

    lines = ['<?xml version="1.0" encoding="utf-8"?>', _own_part(snapshot)]
    lines.append(f'<CodeBook xmlns="{NAMESPACE}" origin="{xml_attribute(origin_text("codepoint"))}"><Codes>')
    lines += [*code_tree(snapshot.codes, start), "</Codes>", *_sets(snapshot, guids, ledger), "</CodeBook>", ""]
    content = "\n".join(lines).encode("utf-8")

    def fill(file: BinaryIO) -> None:
        file.write(content)

    write_whole(path, fill, overwrite=overwrite)
    ledger.carry("codes", len(snapshot.codes))
    for name in COLLECTIONS.values():
        number = len(getattr(snapshot, name))
        if number and name not in ("codes", "foreign"):
            ledger.leave(name, f"({number:,})", "a codebook holds codes only", number=number)
    for kind, name in KEPT.items():
        number = sum(one.kind == kind for one in snapshot.foreign)
        if number and kind != "Set":
            ledger.leave(name, f"({number:,})", "a codebook holds codes and sets of codes only", number=number)
    return ledger.close("export", "qdc")


def read_qdc(path: Path | str) -> tuple[Coding, ExchangeReport]:
    """Read a REFI-QDA codebook of any program.

    Parameters
    ----------
    path : path

    Returns
    -------
    coding : Coding
        With codes, and sets of them kept for the next export; an empty codebook gives none.
    report : ExchangeReport

    Raises
    ------
    ExchangeError
        When the file is no codebook, is damaged, or was made to do harm.
    OSError
        When it cannot be opened.
    """
    path = Path(path)
    ledger = Ledger(path.name)
    if path.is_dir():
        raise ExchangeError(f"{path} is a folder, where a REFI-QDA codebook (.qdc) is due: name the file.")
    if not path.exists():
        raise ExchangeError(f"There is no file {path}.")
    with refusing(path):
        content = read_file(path, most=LARGEST)
    if content.startswith(b"PK\x03\x04"):
        raise ExchangeError(f"{path.name} is a ZIP file, as a project (.qdpx) is; read it as one.")
    root = parse_xml(content, path.name)
    plain_names(root, "CodeBook", path.name, ledger)
    own = _read_own_part(content)
    study = own.get("study") if isinstance(own.get("study"), str) and own.get("study") else slug(path.stem, "codebook")
    assert isinstance(study, str)
    codes = _codes(root, study, own, ledger)
    snapshot = Snapshot(study, codes=tuple(codes.values()), foreign=_kept(root, study, ledger))
    ledger.carry("codes", len(codes))
    for one, described in described_foreign(snapshot):
        if one.kind == "Set":
            ledger.carry("sets", 1, [described])
    return Coding(snapshot), ledger.close("import", "qdc")


def _kept(root: Any, study: str, ledger: Ledger) -> tuple[Foreign, ...]:
    """Keep the sets of a codebook, and of its codes what their records do not say."""
    kept: dict[str, Foreign] = {}

    def keep(kind: str, parts: list[Part]) -> None:
        given = dict(parts[0].attributes)
        identifier = free(f"foreign-{given['guid']}", kept)
        kept[identifier] = Foreign(identifier, kind, given["name"], (), tuple(parts))

    def guid_in(given: str | None, kind: str) -> str:
        plain = plain_guid(given)
        return plain if is_guid(plain) else guid_of(study, kind, identifier_of(kind, plain) if plain else kind)

    for element, _ in read_codes(root.findall("Codes")):
        colour = (element.get("color") or "").strip()
        is_codable = (element.get("isCodable") or "true").strip()
        is_short = fits("colour", colour) and colour_of(element) != colour
        if is_codable in ("false", "0") or is_short:
            given = [("guid", guid_in(element.get("guid"), "code")), ("name", element.get("name") or "")]
            given.append(("isCodable", is_codable if is_codable in ("false", "0", "1") else "true"))
            keep("Code", [Part(0, "Code", (*given, *([("color", colour)] if is_short else [])))])
    for number, one in enumerate(root.findall("Sets/Set")):
        guid = guid_in(one.get("guid") or f"set {number}", "set")
        parts = [Part(0, "Set", (("guid", guid), ("name", one.get("name") or guid)))]
        if described := child_text(one, "Description"):
            parts.append(Part(1, "Description", text=described))
        for member in one.findall("MemberCode"):
            target = guid_in(member.get("guid") or member.get("targetGUID"), "code")
            parts.append(Part(1, "MemberCode", (("targetGUID", target),)))
        keep("Set", parts)
    return tuple(kept.values())


def _sets(snapshot: Snapshot, guids: set[str], ledger: Ledger) -> list[str]:
    """Write the kept sets with their codes; a codebook has no other members."""
    lines = []
    for one in snapshot.foreign:
        if one.kind != "Set":
            continue
        tree = Node.of(one.parts)
        members = [member.attributes["targetGUID"] for member in tree.all("MemberCode", "MemberSource", "MemberNote")]
        codes = [guid for guid in members if guid in guids]
        if len(codes) < len(members):
            left = len(members) - len(codes)
            ledger.change("set", one.name, f"lost {left} members that are no codes of this codebook")
        described = tree.first("Description")
        head = f'<Set guid="{tree.guid}" name="{xml_attribute(one.name)}">{described.xml() if described else ""}'
        lines.append(head + "".join(f'<MemberCode guid="{guid}"/>' for guid in codes) + "</Set>")
        ledger.carry("sets", 1, [one.name])
    return ["<Sets>", *lines, "</Sets>"] if lines else []


def _codes(root: Any, study: str, own: dict[str, Any], ledger: Ledger) -> dict[str, Code]:
    known = own.get("codes")
    noted: dict[str, Any] = known if isinstance(known, dict) else {}
    codes: dict[str, Code] = {}
    by_element: dict[int, str] = {}
    for element, inside in read_codes(root.findall("Codes")):
        guid = plain_guid(element.get("guid"))
        values = noted.get(guid) if isinstance(noted.get(guid), dict) else {}
        assert isinstance(values, dict)
        hint = values.get("id")
        is_ours = isinstance(hint, str) and guid_of(study, "code", hint) == guid
        wanted = hint if is_ours and isinstance(hint, str) else identifier_of("code", guid) if guid else "code"
        identifier = free(wanted, codes)
        if identifier != wanted and guid:
            ledger.change("code", element.get("name") or guid, "its GUID is used twice")
        by_element[id(element)] = identifier
        colour = colour_of(element)
        name = element.get("name") or ""
        if colour is None:
            ledger.change("code", name, f"its colour {element.get('color')!r} is no colour and was left out")
        if not name.strip():
            ledger.change("code", identifier, "has no name and was given its identifier as one")
        if (element.get("isCodable") or "true").strip() in ("false", "0"):
            ledger.change("code", name, "was marked as not for coding: the mark is kept and not enforced here")
        level, examples = values.get("level"), values.get("examples")
        codes[identifier] = Code(
            identifier,
            name if name.strip() else identifier,
            None if inside is None else by_element[id(inside)],
            child_text(element, "Description"),
            examples if isinstance(examples, str) else "",
            colour or "",
            level if level in vocabulary.LEVELS else None,
        )
    return codes


def _own_part(snapshot: Snapshot) -> str:
    """Give what the standard has no place for, where other programs do not look: in a processing instruction."""
    codes = {}
    for code in snapshot.codes:
        more = {"examples": code.examples, "level": code.level}
        codes[guid_of(snapshot.study, "code", code.id)] = {"id": code.id, **{k: v for k, v in more.items() if v}}
    text = json.dumps({"study": snapshot.study, "codes": codes}, ensure_ascii=True)
    return f"<?cop-analysis {text.replace('>', chr(92) + 'u003e')}?>"


def _read_own_part(content: bytes) -> dict[str, Any]:
    match = _OWN.search(content.decode("utf-8", "replace"))
    if match is None:
        return {}
    try:
        own = json.loads(match[1])
    except (ValueError, RecursionError):
        return {}
    return own if isinstance(own, dict) else {}


# --- as a kind of file --------------------------------------------------------------------------------------------


FORMATS: Final = (
    Format(
        "qdc",
        "REFI-QDA codebook",
        "the codes alone, for NVivo, ATLAS.ti, MAXQDA",
        lambda seen: seen.root == "CodeBook",
        lambda path, how: read_qdc(path),
        lambda coding, path, how: write_qdc(coding, path, overwrite=how.overwrite),
    ),
)
