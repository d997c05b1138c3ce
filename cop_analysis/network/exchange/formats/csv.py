"""Ties and nodes as two CSV files, read and written; a quoted cell is text and a bare one a number, yes/no or missing.

Also matrices as CSV or plain text, read only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cop_analysis.files import guarded, is_formula, unguarded
from cop_analysis.network.exchange.formats.vna import typed_column
from cop_analysis.network.exchange.kinds import (
    Beginning,
    Format,
    GraphFileError,
    ReadTables,
    Source,
    Written,
    content_of,
    header_places,
    listed,
    numbered_columns,
    shortened,
    text_from,
)
from cop_analysis.network.exchange.tables import (
    TEXT,
    GraphTables,
    as_text,
    names_of,
    tables_from_values,
    with_both_directions,
)
from cop_analysis.results import count_of

Cells = list[tuple[str, bool]]
_DECIMAL_COMMA = re.compile(r"[-+]?[0-9]+(?:,[0-9]+)?")
_NAMING = re.compile(r"(alter|name|nominat|nominee|contact|friend|colleague|peer|person|people|choice|tie|turn)")
_MARKS = {"directed": True, "undirected": False, "mutual": False, "": True}


def write_csv(tables: GraphTables) -> tuple[str, str, list[str]]:
    """Write tables as a file of ties and a file of nodes, with the headers Gephi and others look for.

    Texts are quoted and numbers bare, so that ``"007"`` stays text and a missing cell is told from an empty text. A
    text that a spreadsheet would run as a formula gets a leading apostrophe, which reading takes away again.

    Returns
    -------
    str, str
        Ties and nodes.
    list of str
        What could not be carried.

    Examples
    --------
    >>> ties, nodes, notes = write_csv(GraphTables(["a", "b"], {"age": [40, None]}, [(0, 1)]))
    >>> print(ties.replace(chr(13), ""), nodes.replace(chr(13), ""), sep="", end="")
    Source,Target,Type
    "a","b",Directed
    Id,age
    "a",40
    "b",
    """
    names = names_of(tables.nodes)
    notes = list(names.notes)
    if names.kind != TEXT:
        notes.append("Identifiers that are not text are read back as text.")
    kind = "Directed" if tables.is_directed else "Undirected"
    ties = [_row(["Source", "Target", "Type", *map(_header, tables.tie_columns)])]
    for n, (tail, head) in enumerate(tables.ties):
        ends = [csv_cell(names.texts[tail]), csv_cell(names.texts[head]), kind]
        ties.append(_row([*ends, *(csv_cell(values[n]) for values in tables.tie_columns.values())]))
    nodes = [_row(["Id", *map(_header, tables.node_columns)])]
    for n, text in enumerate(names.texts):
        nodes.append(_row([csv_cell(text), *(csv_cell(values[n]) for values in tables.node_columns.values())]))
    columns = [names.texts, *tables.node_columns.values(), *tables.tie_columns.values()]
    formulas = sum(isinstance(value, str) and is_formula(value) for values in columns for value in values)
    if formulas:
        notes.append(
            f"{count_of(formulas, 'text')} that a spreadsheet would run as a formula (leading = + - @) "
            f"{'has' if formulas == 1 else 'have'} an apostrophe in front, which reading here takes away."
        )
    if tables.keys is not None:
        notes.append("Keys of parallel ties are left out; the ties themselves stay.")
    if tables.facts:
        notes.append(f"Attributes of the graph itself are left out: {listed(list(tables.facts))}.")
    if not tables.ties and not tables.is_directed:
        notes.append("There is no tie, so nothing says that the network is undirected.")
    return "".join(ties), "".join(nodes), notes


def csv_cell(value: Any, missing: str = "") -> str:
    r"""Write a plain value as a cell: text quoted and guarded against formulas, anything else bare.

    Examples
    --------
    >>> csv_cell("say, =1"), csv_cell("=1"), csv_cell(0.5), csv_cell(None, "NA")
    ('"say, =1"', '"\'=1"', '0.5', 'NA')
    """
    if value is None:
        return missing
    if not isinstance(value, str):
        return as_text(value)
    return '"' + guarded(value).replace('"', '""') + '"'


def csv_columns(columns: Mapping[str, Sequence[Any]], missing: str = "") -> str:
    """Write columns of equal length as CSV.

    Examples
    --------
    >>> csv_columns({"person": ["a"], "age": [None]}, missing="NA").split()
    ['person,age', '"a",NA']
    """
    rows = zip(*columns.values(), strict=True)
    body = (_row([csv_cell(value, missing) for value in row]) for row in rows)
    return "".join([_row([_header(name) for name in columns]), *body])


def read_csv_tables(
    text: str,
    file: str,
    nodes_text: str | None,
    nodes_file: str,
    directed: bool | None = None,
    layout: str | None = None,
) -> tuple[GraphTables, list[str]]:
    """Read a file of ties and, where there is one, a file of nodes.

    Raises
    ------
    GraphFileError
        If a row has more or fewer cells than the header, a tie lacks an end, or an identifier comes twice.
    """
    header, rows = records(text, file)
    places = header_places([cell for cell, _ in header])
    commas = _decimal_commas(text)
    if places is None:
        if layout == "names" or (layout is None and are_names(header, rows, file)):
            return read_names(header, rows, file)
        return read_labelled_matrix(header, rows, file, directed, decimal_commas=commas)
    notes: list[str] = []
    nodes: dict[str, int] = {}
    columns: dict[str, list[Any]] = {}
    if nodes_text is not None:
        node_header, node_rows = records(nodes_text, nodes_file)
        place = _id_place([cell for cell, _ in node_header])
        for where, cells in node_rows:
            label = unguarded(cells[place][0])
            if not label and not cells[place][1]:
                raise GraphFileError(f"{where}: a node without an identifier. Fill it in, or delete the row.")
            if label in nodes:
                raise GraphFileError(f"{where}: the node {shortened(label)!r} comes a second time. Give each its own.")
            nodes[label] = len(nodes)
        columns = _columns(
            node_header, [cells for _, cells in node_rows], (place,), decimal_commas=_decimal_commas(nodes_text)
        )
    named = len(nodes)
    names = [cell.strip().lower() for cell, _ in header]
    kind = _type_place(names, [cells for _, cells in rows], places)
    ties, marks = [], []
    for where, cells in rows:
        ends = [cells[place] for place in places]
        for label, quoted in ends:
            if not label and not quoted:
                raise GraphFileError(f"{where}: a tie without both ends. Fill in source and target, or delete the row.")
        labels = [unguarded(label) for label, _ in ends]
        ties.append((nodes.setdefault(labels[0], len(nodes)), nodes.setdefault(labels[1], len(nodes))))
        marks.append(True if kind is None else _MARKS[cells[kind][0].strip().lower()])
    if nodes_text is not None and len(nodes) > named:
        extra = len(nodes) - named
        notes.append(
            f"{extra:,} node{'' if extra == 1 else 's'} of ties missing from {nodes_file} "
            f"{'is' if extra == 1 else 'are'} added without attributes."
        )
        for values in columns.values():
            values += [None] * extra
    used = (*places, kind) if kind is not None else places
    tie_columns = _columns(header, [cells for _, cells in rows], used, decimal_commas=commas)
    tables = GraphTables(list(nodes), columns, ties, tie_columns)
    if len(set(marks)) > 1:
        notes.append("Directed and undirected ties are mixed: an undirected tie is read as two directed ones.")
        return with_both_directions(tables, marks), notes
    tables.is_directed = all(marks)
    return tables, notes


def are_names(header: Cells, rows: list[tuple[str, Cells]], file: str) -> bool:
    """Tell a person and whom they named, a row, from a matrix; ask where it could be either.

    Raises
    ------
    GraphFileError
        Where the columns are numbered, the cells hold identifiers of the first column, and nothing says which it is.

    Examples
    --------
    >>> header, rows = records("ego,alter1,alter2\\n1,2,3\\n2,1,\\n", "x.csv")
    >>> are_names(header, rows, "x.csv")
    True
    """
    word = numbered_columns([cell for cell, _ in header])
    if not word:
        return False
    columns = {cell for cell, _ in header[1:]}
    people = {cells[0][0] for _, cells in rows}
    if people == columns:
        return False
    named = [cell for _, cells in rows for cell, _ in cells[1:] if cell and cell.upper() != "NA"]
    if not named or set(named) <= {"0", "1"}:
        return False
    if _NAMING.search(word):
        return True
    if any(not re.fullmatch(r"[-+]?[0-9]+(?:[.,][0-9]+)?", cell) for cell in named):
        return True
    if set(named) <= people:
        raise GraphFileError(
            f"{file} could be a person and whom they named ({word} 1, {word} 2, ...) or a matrix of values. Say which: "
            'layout="names" or layout="matrix" (--layout on the command line).'
        )
    return False


def read_names(header: Cells, rows: list[tuple[str, Cells]], file: str) -> tuple[GraphTables, list[str]]:
    """Read a person in the first column and whom they named in the others: the answers to a name generator.

    Examples
    --------
    >>> tables, notes = read_names(*records("ego,alter1,alter2\\n1,2,3\\n2,1,\\n", "x.csv"), "x.csv")
    >>> tables.nodes, tables.ties
    (['1', '2', '3'], [(0, 1), (0, 2), (1, 0)])
    """
    nodes: dict[str, int] = {}
    for where, cells in rows:
        person = unguarded(cells[0][0])
        if not person:
            raise GraphFileError(f"{where}: whoever named these people has no identifier. Fill in {header[0][0]!r}.")
        if person in nodes:
            raise GraphFileError(f"{where}: {shortened(person)!r} answers a second time. Keep one row a person.")
        nodes[person] = len(nodes)
    answering = len(nodes)
    ties: list[tuple[int, int]] = []
    twice = 0
    for _, cells in rows:
        ego = nodes[unguarded(cells[0][0])]
        named: dict[str, None] = {}
        for cell, quoted in cells[1:]:
            if cell and (quoted or cell.upper() != "NA"):
                twice += unguarded(cell) in named
                named[unguarded(cell)] = None
        ties += [(ego, nodes.setdefault(name, len(nodes))) for name in named]
    notes = [
        f"Each row is read as a person ({shortened(header[0][0], 30) or 'first column'}) and whom they named in "
        f"{len(header) - 1} columns."
    ]
    if twice:
        notes.append(f"{twice:,} name{'' if twice == 1 else 's'} given twice by one person count once.")
    if len(nodes) > answering:
        notes.append(f"{len(nodes) - answering:,} of the people named have no row of their own.")
    return GraphTables(list(nodes), {}, ties, {}), notes


def read_matrix(
    text: str, file: str, directed: bool | None = None, layout: str | None = None
) -> tuple[GraphTables, list[str]]:
    """Read a bare matrix of numbers, one row a line; nodes are numbered from 1 as text.

    Examples
    --------
    >>> tables, notes = read_matrix("0 1\\n0 0\\n", "knoke.dat")
    >>> tables.nodes, tables.ties, tables.is_directed
    (['1', '2'], [(0, 1)], True)
    """
    commas = _decimal_commas(text, bare=True)
    split = r"[\s;]+" if commas else r"[\s,;]+"
    rows = [re.split(split, line.strip().strip(",;")) for line in text.split("\n") if line.strip()]
    widths = {len(row) for row in rows}
    if len(widths) > 1:
        odd = next(n for n, row in enumerate(rows) if len(row) != len(rows[0]))
        raise GraphFileError(
            f"{file}: row {odd + 1} of the matrix has {len(rows[odd])} values and the first {len(rows[0])}. "
            "It may be cut short."
        )
    width = widths.pop()
    if layout == "ties" or (layout is None and _could_be_ties(rows, width)):
        if layout is None:
            raise GraphFileError(
                f"{file} holds {len(rows):,} rows of {width} numbers without a header: a list of ties, or a "
                "matrix of two "
                'modes. Say which: layout="ties" or layout="matrix" (--layout on the command line).'
            )
        return _bare_ties(rows, width, file)
    cells, missing = _cells(rows, file, decimal_commas=commas)
    notes = [_missing_note(missing)] if missing else []
    if width == len(rows):
        tables, more = tables_from_values([str(n + 1) for n in range(width)], [""], [cells], directed=directed)
        return tables, [*notes, *more]
    labels = [*(str(n + 1) for n in range(len(rows))), *(f"column {n + 1}" for n in range(width))]
    shifted = {(row, column + len(rows)): value for (row, column), value in cells.items()}
    tables, more = tables_from_values(labels, [""], [shifted], sides=len(rows))
    notes.append("The matrix is not square: its rows and columns are read as two modes.")
    return tables, [*notes, *more]


def _could_be_ties(rows: list[list[str]], width: int) -> bool:
    """Tell whether rows of two or three numbers could be pairs of nodes: whole numbers from 1 on, and not a square."""
    return (
        width in (2, 3)
        and len(rows) != width
        and all(re.fullmatch(r"[1-9][0-9]*", text) for row in rows for text in row[:2])
        and len({text for row in rows for text in row[:2]}) > 1
    )


def _bare_ties(rows: list[list[str]], width: int, file: str) -> tuple[GraphTables, list[str]]:
    if width not in (2, 3):
        raise GraphFileError(f"{file}: a list of ties has two or three columns; this has {width}.")
    nodes: dict[str, int] = {}
    ties = [(nodes.setdefault(row[0], len(nodes)), nodes.setdefault(row[1], len(nodes))) for row in rows]
    columns: dict[str, list[Any]] = {}
    if width == 3:
        try:
            columns["weight"] = [float(row[2].replace(",", ".")) for row in rows]
        except ValueError:
            raise GraphFileError(f"{file}: the third column holds something that is no number. Correct it.") from None
        columns["weight"] = [int(value) if value.is_integer() else value for value in columns["weight"]]
    return GraphTables(list(nodes), {}, ties, columns), [
        "Read as a list of ties: from, to" + (", value." if columns else ".")
    ]


def _decimal_commas(text: str, *, bare: bool = False) -> bool:
    """Tell whether a comma can be a decimal one: where semicolons or tabs part the cells."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    others = max(first.count(";"), first.count("\t"))
    return others > (0 if bare else first.count(","))


def read_labelled_matrix(
    header: Cells,
    rows: list[tuple[str, Cells]],
    file: str,
    directed: bool | None,
    *,
    decimal_commas: bool = False,
) -> tuple[GraphTables, list[str]]:
    """Read a matrix with names in its first row and column."""
    columns = [unguarded(cell) for cell, _ in header[1:]]
    names = [unguarded(cells[0][0]) for _, cells in rows]
    for what, found in (("column", columns), ("row", names)):
        if len(set(found)) < len(found):
            twice = next(name for n, name in enumerate(found) if name in found[:n])
            raise GraphFileError(f"{file}: the name {shortened(twice)!r} stands over two {what}s. Give each its own.")
    cells, missing = _cells([[cell for cell, _ in row[1:]] for _, row in rows], file, decimal_commas=decimal_commas)
    notes = [_missing_note(missing)] if missing else []
    if set(names) == set(columns):
        place = {name: n for n, name in enumerate(names)}
        turned = {(row, place[columns[column]]): value for (row, column), value in cells.items()}
        tables, more = tables_from_values(names, [""], [turned], directed=directed)
        return tables, [*notes, *more]
    both = set(names) & set(columns)
    if both:
        raise GraphFileError(
            f"{file}: some names are over rows and columns ({listed(sorted(both), 3)}) and others over one only, so "
            "it is "
            "neither one mode nor two. Make both lists the same, or wholly different."
        )
    shifted = {(row, column + len(names)): value for (row, column), value in cells.items()}
    tables, more = tables_from_values([*names, *columns], [""], [shifted], sides=len(names))
    return tables, [*notes, *more]


def records(text: str, file: str) -> tuple[Cells, list[tuple[str, Cells]]]:
    """Split CSV text into a header and rows of cells, each cell with whether it stood in quotes.

    Raises
    ------
    GraphFileError
        If a quotation mark stays open or a row does not have the header's number of cells.

    Examples
    --------
    >>> records('a,b\\n"x",1\\n', "t.csv")
    ([('a', False), ('b', False)], [('t.csv, line 2', [('x', True), ('1', False)])])
    """
    first = text.lstrip("\r\n").split("\n", 1)[0]
    delimiter = max(",;\t|", key=lambda mark: (first.count(mark), -",;\t|".index(mark)))
    mark = re.escape(delimiter)
    cell = re.compile(rf'[ ]*"([^"]*(?:""[^"]*)*)"[ ]*(?=[{mark}\r\n]|\Z)|([^{mark}\r\n]*)')
    rows: list[tuple[str, Cells]] = []
    header: Cells | None = None
    position, line, row = 0, 1, []
    while position <= len(text):
        found = cell.match(text, position)
        assert found is not None
        if found[1] is not None:
            row.append((found[1].replace('""', '"'), True))
        else:
            if found[2].lstrip().startswith('"'):
                raise GraphFileError(f"{file}, line {line}: a quotation mark is not closed. The file may be cut short.")
            row.append((found[2].strip(), False))
        breaks = found[0].count("\n")
        position = found.end()
        if position < len(text) and text[position] == delimiter:
            position += 1
            line += breaks
            continue
        where = f"{file}, line {line}"
        line += breaks
        if row != [("", False)]:
            if header is None:
                header = row
            elif len(row) != len(header):
                raise GraphFileError(
                    f"{where}: the row has {len(row)} cells and the header {len(header)}. The file may be cut "
                    "short, or a "
                    "text with a comma lacks its quotation marks."
                )
            else:
                rows.append((where, row))
        row = []
        if position >= len(text):
            break
        position += 2 if text.startswith("\r\n", position) else 1
        line += 1
    if header is None:
        raise GraphFileError(f"{file} has no header. Its first row names the columns.")
    return header, rows


def _columns(
    header: Cells, rows: list[Cells], used: tuple[int, ...], *, decimal_commas: bool = False
) -> dict[str, list[Any]]:
    # In a file that quotes everything, quotes say nothing about the kind.
    bare = any(not quoted and text for cells in rows for n, (text, quoted) in enumerate(cells) if n not in used)
    columns: dict[str, list[Any]] = {}
    for n, (name, _) in enumerate(header):
        if n in used:
            continue
        name = unguarded(name) or f"column {n + 1}"
        number, label = 2, name
        while label in columns:
            label = f"{name} ({number})"
            number += 1
        held = [cells[n] for cells in rows]
        if decimal_commas and all(not text or _DECIMAL_COMMA.fullmatch(text) for text, _ in held):
            held = [(text.replace(",", "."), quoted) for text, quoted in held]
        every = bool(held) and all(quoted for _, quoted in held)
        if not bare and every and all(text for text, _ in held):
            held = [(text, not re.fullmatch(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?", text)) for text, _ in held]
        columns[label] = [unguarded(value) if isinstance(value, str) else value for value in typed_column(held)]
    return columns


def _row(cells: list[str]) -> str:
    return ",".join(cells) + "\r\n"


def _header(name: str) -> str:
    return name if re.fullmatch(r"\w[\w .()-]*", name) else csv_cell(name)


def _id_place(header: list[str]) -> int:
    names = [name.strip().lower() for name in header]
    return next((names.index(name) for name in ("id", "person", "node", "name") if name in names), 0)


def _type_place(names: list[str], rows: list[Cells], used: tuple[int, int]) -> int | None:
    place = next((n for n, name in enumerate(names) if name == "type" and n not in used), None)
    if place is None or not all(cells[place][0].strip().lower() in _MARKS for cells in rows):
        return None
    return place if any(cells[place][0].strip() for cells in rows) else None


def _cells(
    rows: list[list[str]], file: str, *, decimal_commas: bool = False
) -> tuple[dict[tuple[int, int], float | int], int]:
    cells: dict[tuple[int, int], float | int] = {}
    missing = 0
    for row, texts in enumerate(rows):
        for column, text in enumerate(texts):
            if text in ("", "NA", "?", "."):
                missing += 1
                continue
            if decimal_commas and _DECIMAL_COMMA.fullmatch(text):
                text = text.replace(",", ".")
            try:
                value: float | int = int(text) if re.fullmatch(r"[-+]?[0-9]{1,19}", text) else float(text)
            except ValueError:
                raise GraphFileError(
                    f"{file}: row {row + 1} of the matrix holds {shortened(text, 30)!r}, which is no number. "
                    "Correct it."
                ) from None
            if value and value == value:
                cells[(row, column)] = value
    return cells, missing


def _missing_note(missing: int) -> str:
    return f"{missing:,} cell{'' if missing == 1 else 's'} of the matrix missing (NA) and read as no tie."


def nodes_beside(path: Path) -> Path | None:
    """Find the file of nodes that belongs to a file of ties: ``x_nodes.csv`` for ``x.csv`` or ``x_edges.csv``."""
    stems = [path.stem]
    for word in ("_edges", "_ties", "-edges", "-ties"):
        if path.stem.lower().endswith(word):
            stems.append(path.stem[: -len(word)])
    names = [f"{stem}{mark}nodes{path.suffix}" for stem in stems for mark in ("_", "-")]
    if path.stem.lower() in ("edges", "ties"):
        names.append(f"nodes{path.suffix}")
    return next((path.with_name(name) for name in names if path.with_name(name).is_file()), None)


def _recognises(beginning: Beginning) -> bool:
    if beginning.is_xml or beginning.is_starred:
        return False
    cells = re.split(r"[,;\t|]", beginning.first)
    plain = [cell.strip().strip('"') for cell in cells]
    return bool(
        header_places(plain) or _is_header_of_matrix(beginning.first, beginning.lines[1:]) or numbered_columns(cells)
    )


def _is_header_of_matrix(first: str, rest: list[str]) -> bool:
    delimiter = next((mark for mark in ",;\t" if mark in first), "")
    if not delimiter or not rest:
        return False
    head = [cell.strip().strip('"') for cell in first.split(delimiter)]
    row = [cell.strip().strip('"') for cell in rest[0].split(delimiter)]
    return len(head) == len(row) and bool(re.fullmatch(r"(?:[-+]?[0-9.,]+(?:[eE][-+]?[0-9]+)?|NA|)", row[-1]))


def _reads(source: Source) -> ReadTables:
    text, notes = source.text(keep_breaks=True)
    beside = nodes_beside(source.path)
    nodes, said = (None, []) if beside is None else text_from(content_of(beside), beside.name, keep_breaks=True)
    named = "" if beside is None else beside.name
    tables, more = read_csv_tables(text, source.name, nodes, named, source.directed, source.layout)
    return ReadTables([tables], [*notes, *said, *more], () if beside is None else (beside,))


def _writes(tables: GraphTables, path: Path) -> Written:
    ties, nodes, notes = write_csv(tables)
    return Written({path: ties, path.with_name(f"{path.stem}_nodes{path.suffix or '.csv'}"): nodes}, notes)


FORMAT = Format(
    title="node and edge CSV",
    place=80,
    endings=(".csv",),
    described="a CSV of ties with the columns source and target, a CSV of names (a person, then whom they named)",
    recognises=_recognises,
    reads=_reads,
    writes=_writes,
)
