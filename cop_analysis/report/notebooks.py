"""Which notebooks there are, what they are called and which parameters they take; nothing is executed here.

The parameters cell is read as syntax and never run. A parameter is passed only if the cell declares it and its type
fits: papermill itself would only warn about an unknown name, turn an odd value into text, and write a name into code.
"""

from __future__ import annotations

import ast
import difflib
import math
import re
import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cop_analysis
from cop_analysis.characters import first_characters
from cop_analysis.files import MOST_TEXT, read_file
from cop_analysis.report.settings import ParameterValue, SettingsError

_NAME = re.compile(r"\d\d_\w+\Z")
_HEADING = re.compile(r"^ {0,3}#[ \t]+(.+?)[ \t]*#*[ \t]*$", re.MULTILINE)
_FENCE = re.compile(r"^ {0,3}(```|~~~).*?^ {0,3}\1", re.MULTILINE | re.DOTALL)
_SCALARS: dict[str, type] = {"str": str, "int": int, "float": float, "bool": bool, "None": types.NoneType}
REQUIRED = ("study", "period", "audience")


@dataclass(frozen=True)
class Parameter:
    """A parameter as its notebook declares it: name, default, the types it takes, and the line it stands on."""

    name: str
    default: ParameterValue
    kinds: tuple[type, ...]
    line: int

    def accepts(self, value: object) -> bool:
        """Whether a value may be passed: a whole number does for a float, a yes/no never does for a number."""
        if isinstance(value, list):
            return list in self.kinds and all(_is_value(item) for item in value)
        if isinstance(value, float) and not math.isfinite(value):
            return False
        return type(value) in self.kinds or (type(value) is int and float in self.kinds)

    @property
    def kind(self) -> str:
        """The accepted types in words."""
        return " or ".join("None" if kind is types.NoneType else kind.__name__ for kind in self.kinds)


@dataclass(frozen=True)
class Notebook:
    """A notebook to run: its name, its title, its text as JSON, and its parameters."""

    name: str
    title: str
    text: str
    parameters: tuple[Parameter, ...]

    def parameter(self, name: str) -> Parameter | None:
        """Find a parameter by name."""
        return next((parameter for parameter in self.parameters if parameter.name == name), None)


def notebooks_folder() -> Path:
    """Say where the package's notebooks are: inside an installed package, beside the package in a checkout.

    Examples
    --------
    >>> notebooks_folder().name
    'notebooks'
    """
    package = Path(cop_analysis.__file__).resolve().parent
    installed, checkout = package / "notebooks", package.parent / "notebooks"
    if installed.is_dir():
        return installed
    # Another project's `notebooks` folder may lie in site-packages; a checkout is known by its project file.
    if checkout.is_dir() and (package.parent / "pyproject.toml").is_file():
        return checkout
    raise SettingsError(f"The workbench's notebooks are missing from {package}; install cop-analysis again.")


def find_notebooks(wanted: Sequence[str] = (), folder: Path | None = None) -> tuple[Notebook, ...]:
    """List the notebooks to run, in the order of their numbers; ``00_...`` is interactive and never among them.

    Parameters
    ----------
    wanted : sequence of str
        Names or numbers; empty for all.
    folder : Path, optional
        Where to look, in place of the package's own notebooks.

    Raises
    ------
    SettingsError
        If a notebook is not there, cannot be read, or has a parameters cell that is more than plain values.

    Examples
    --------
    >>> [notebook.name for notebook in find_notebooks(["4", "01"])]
    ['01_study_overview', '04_confidence_change']
    """
    folder = folder or notebooks_folder()
    paths = {
        path.stem: path
        for path in sorted(folder.glob("*.ipynb"))
        if _NAME.match(path.stem) and not path.stem.startswith("00")
    }
    if not paths:
        raise SettingsError(f"{folder} holds no notebook named like 01_study_overview.ipynb.")
    chosen = {_choose(name, list(paths)) for name in wanted} if wanted else set(paths)
    return tuple(read_notebook(paths[name]) for name in paths if name in chosen)


def _choose(wanted: str, names: Sequence[str]) -> str:
    stem = wanted.removesuffix(".ipynb")
    if stem in names:
        return stem
    numbered = [name for name in names if stem.isascii() and stem.isdigit() and int(name[:2]) == int(stem)]
    if len(numbered) == 1:
        return numbered[0]
    raise SettingsError(f"There is no notebook {wanted!r}{_suggest(stem, names)}; there are: {', '.join(names)}.")


def read_notebook(path: Path) -> Notebook:
    """Read one notebook file without running any of it."""
    import nbformat

    try:
        text = read_file(path, most=MOST_TEXT).decode("utf-8")
    except (OSError, ValueError) as fault:
        raise SettingsError(f"The notebook {path.name} cannot be read: {fault}.") from None
    try:
        node = nbformat.reads(text, as_version=4)
        nbformat.validate(node)
    except Exception as fault:  # nbformat lets many kinds through: JSON, schema, version
        first = str(fault).strip().splitlines() or [type(fault).__name__]
        raise SettingsError(f"{path.name} is not a notebook that can be read: {first[0]}") from None
    return Notebook(path.stem, _title(node.cells, path.stem), nbformat.writes(node), _parameters(node.cells, path.name))


def _title(cells: Sequence[Any], name: str) -> str:
    from cop_analysis.report.markdown import plain_text

    for cell in cells:
        if cell.cell_type == "markdown" and (found := _HEADING.search(_FENCE.sub("", cell.source))):
            return plain_text(found[1])
    return name.partition("_")[2].replace("_", " ").strip().capitalize() or name


# --- the parameters cell -------------------------------------------------------------------------------------------


def _parameters(cells: Sequence[Any], file: str) -> tuple[Parameter, ...]:
    tagged = [cell for cell in cells if "parameters" in cell.metadata.get("tags", [])]
    if len(tagged) != 1:
        raise SettingsError(
            f"{file} has {len(tagged)} cells tagged 'parameters'; it needs exactly one, with "
            f"{', '.join(REQUIRED)} in it."
        )
    if tagged[0].cell_type != "code":
        raise SettingsError(f"The cell of {file} tagged 'parameters' is text; it must be code.")
    found = declared_parameters(tagged[0].source, file)
    missing = [name for name in REQUIRED if name not in {parameter.name for parameter in found}]
    if missing:
        raise SettingsError(
            f"The parameters cell of {file} lacks {', '.join(missing)}; a run gives every notebook these."
        )
    for parameter in found:
        if parameter.name in REQUIRED and str not in parameter.kinds:
            raise SettingsError(
                f"{file}, parameters cell, line {parameter.line}: {parameter.name} must be text, not {parameter.kind}."
            )
    return found


def declared_parameters(source: str, file: str) -> tuple[Parameter, ...]:
    """Read a parameters cell: plain assignments of plain values, each named once; anything else is refused.

    Examples
    --------
    >>> cell = "study = 'data'  # a folder" + chr(10) + "seed: int | None = None"
    >>> [(found.name, found.kind, found.line) for found in declared_parameters(cell, "x.ipynb")]
    [('study', 'str', 1), ('seed', 'int or None', 2)]
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError) as fault:
        line = getattr(fault, "lineno", None) or 1
        raise SettingsError(f"{file}, parameters cell, line {line}: this is not Python ({fault.args[0]}).") from None
    found: dict[str, Parameter] = {}
    for statement in tree.body:
        place = f"{file}, parameters cell, line {statement.lineno}"
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            continue
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            target, value, annotation = statement.targets[0], statement.value, None
        elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
            target, value, annotation = statement.target, statement.value, statement.annotation
        else:
            raise SettingsError(f"{place}: only lines like name = value may stand here; move this to the next cell.")
        if not isinstance(target, ast.Name):
            raise SettingsError(f"{place}: {ast.unparse(target)} is not a plain name; write name = value.")
        if target.id in found:
            raise SettingsError(f"{place}: {target.id} was already set on line {found[target.id].line}; keep one.")
        try:
            default = ast.literal_eval(value)
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            default = ...
        if not _is_value(default):
            raise SettingsError(
                f"{place}: {target.id} must be plain text, a number, True, False, None or a list of these, "
                f"not {first_characters(ast.unparse(value), 60)}."
            )
        kinds = _annotated_kinds(annotation, place, target.id) if annotation is not None else _default_kinds(default)
        parameter = Parameter(target.id, default, kinds, statement.lineno)
        if annotation is not None and not parameter.accepts(default):
            raise SettingsError(f"{place}: {target.id} is said to be {parameter.kind}, but its value is {default!r}.")
        found[target.id] = parameter
    return tuple(found.values())


def _is_value(value: object) -> bool:
    if isinstance(value, list):
        return all(_is_value(item) for item in value)
    if isinstance(value, float):
        return math.isfinite(value)
    return type(value) in (str, int, bool, types.NoneType)


def _default_kinds(default: ParameterValue) -> tuple[type, ...]:
    # None says nothing about the type of the value it stands in for.
    return (*_SCALARS.values(), list) if default is None else (type(default),)


def _annotated_kinds(annotation: ast.expr, place: str, name: str) -> tuple[type, ...]:
    if isinstance(annotation, ast.BinOp) and isinstance(annotation.op, ast.BitOr):
        return _annotated_kinds(annotation.left, place, name) + _annotated_kinds(annotation.right, place, name)
    text = ast.unparse(annotation)
    if text in _SCALARS:
        return (_SCALARS[text],)
    if text == "list" or (isinstance(annotation, ast.Subscript) and ast.unparse(annotation.value) == "list"):
        return (list,)
    raise SettingsError(f"{place}: {name} is said to be {text}; a parameter is one of {', '.join(_SCALARS)} or list.")


def checked_parameters(notebook: Notebook, values: Mapping[str, object]) -> dict[str, ParameterValue]:
    """Check values against what the notebook declares.

    Raises
    ------
    SettingsError
        Naming the parameters cell's line for a value of the wrong type, and the nearest name for an unknown one.
    """
    names = [parameter.name for parameter in notebook.parameters]
    checked: dict[str, ParameterValue] = {}
    for name, value in values.items():
        parameter = notebook.parameter(name)
        if parameter is None:
            lines = ", ".join(f"{known.name} (line {known.line})" for known in notebook.parameters)
            raise SettingsError(
                f"{notebook.name} takes no parameter {name!r}{_suggest(str(name), names)}; "
                f"its parameters cell has: {lines}."
            )
        if not parameter.accepts(value):
            raise SettingsError(
                f"{notebook.name}, parameters cell, line {parameter.line}: {name} takes {parameter.kind}, "
                f"not {first_characters(str(value), 60)!r} ({type(value).__name__})."
            )
        checked[name] = value  # type: ignore[assignment]
    return checked


def _suggest(word: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    return f" (did you mean {close[0]}?)" if close else ""
