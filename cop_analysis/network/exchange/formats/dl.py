"""UCINET DL, read and written: full and half matrices, edge and node lists, embedded labels, two modes, many matrices.

DL carries one value a tie and no attribute of nodes; what is left out is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from cop_analysis.network.exchange.kinds import (
    Beginning,
    Format,
    GraphFileError,
    listed,
    one_file,
    one_network,
    shortened,
)
from cop_analysis.network.exchange.tables import (
    TEXT,
    GraphTables,
    as_text,
    distinct,
    names_of,
    tables_from_values,
    valued_ties,
)

SIZE_AT_MOST = 1_000_000
MATRIX_UP_TO = 500
"""Nodes up to which a full matrix is written; larger networks are written as a list of ties."""

_FORMATS = (
    "fullmatrix",
    "lowerhalf",
    "upperhalf",
    "edgelist1",
    "edgelist2",
    "nodelist1",
    "nodelist2",
    "nodelist1b",
    "edgearray1",
)
_SAME = {
    "fm": "fullmatrix",
    "edgelist": "edgelist1",
    "nodelist": "nodelist1",
    "el1": "edgelist1",
    "el2": "edgelist2",
    "nl1": "nodelist1",
    "nl2": "nodelist2",
    "edgearray": "edgearray1",
    "lh": "lowerhalf",
    "uh": "upperhalf",
}
_MISSING = {"na", "?", ".", "nan"}
_SEPARATORS = " \t\n,;="
_KEYWORD = re.compile(
    r"(?P<number>n[rcm]?)\s*=\s*(?P<value>[0-9]{1,12})\b"
    r"|format\s*=\s*(?P<format>\w+)"
    r"|diagonal\s*=?\s*(?P<diagonal>present|absent)"
    r"|(?P<side>row|col(?:umn)?|matrix|level)?\s*labels?\s+(?P<embedded>embedded)\s*:?"
    r"|(?P<labels>row|col(?:umn)?|matrix|level)?\s*labels?\s*:"
    r"|title\s*=\s*(?P<title>\"[^\"]*\"|[^\n]*)"
    r"|(?P<data>data)\s*:",
    re.IGNORECASE,
)


def write_dl(tables: GraphTables) -> tuple[str, list[str]]:
    """Write tables as UCINET DL: a full matrix up to 500 nodes, a list of ties above.

    Returns
    -------
    str
    list of str
        What it could not carry.

    Examples
    --------
    >>> text, notes = write_dl(GraphTables(["a", "b"], {}, [(0, 1)], {"weight": [2]}))
    >>> print(text, end="")
    dl n=2 format=fullmatrix
    labels:
    "a"
    "b"
    data:
    0 2
    0 0
    """
    names = names_of(tables.nodes)
    notes = list(names.notes)
    if names.kind != TEXT:
        notes.append("Identifiers that are not text are read back as text.")
    labels = _labels(names.texts, notes)
    modes = tables.two_mode
    left = [name for name in tables.node_columns if not (modes and name == "bipartite")]
    if left:
        notes.append(f"Attributes of nodes are left out: {listed(left)}.")
    if tables.facts:
        notes.append(f"Attributes of the graph itself are left out: {listed(list(tables.facts))}.")
    ties = valued_ties(tables)
    notes += ties.notes
    if not modes:
        notes += _direction_notes(tables)
    if any(len(label) > 20 for label in labels):
        notes.append("Older versions of UCINET cut labels after 18 characters.")
    rows, columns = modes or (list(range(len(labels))), list(range(len(labels))))
    several = len(ties.relations) > 1 or bool(ties.relations[0])
    listing = len(labels) > MATRIX_UP_TO
    size = f"nr={len(rows)} nc={len(columns)}" if modes else f"n={len(labels)}"
    lines = [
        f"dl {size}{f' nm={len(ties.relations)}' if several else ''} format="
        + (("edgelist2" if modes else "edgelist1") if listing else "fullmatrix")
    ]
    if modes:
        lines += ["row labels:", *(f'"{labels[n]}"' for n in rows), "column labels:"]
        lines += [f'"{labels[n]}"' for n in columns]
    else:
        lines += ["labels:", *(f'"{label}"' for label in labels)]
    if several:
        relations = _labels(list(ties.relations), notes, "relation")
        lines += ["matrix labels:", *(f'"{relation}"' for relation in relations)]
    lines.append("data:")
    row_of = {n: place for place, n in enumerate(rows)}
    column_of = {n: place for place, n in enumerate(columns)}
    for number, matrix in enumerate(ties.cells):
        if listing:
            if number:
                lines.append("!")
            lines += [
                f"{row_of[tail] + 1} {column_of[head] + 1} {as_text(value)}"
                for (tail, head), value in matrix.items()
                if tail in row_of and head in column_of and value != 0
            ]
        else:
            lines += [" ".join(as_text(matrix.get((row, column), 0)) for column in columns) for row in rows]
    return "\n".join(lines) + "\n", notes


def read_dl(text: str, file: str, directed: bool | None = None) -> tuple[GraphTables, list[str]]:
    """Read a DL file; several matrices become parallel ties with a ``relation``.

    Raises
    ------
    GraphFileError
        If the header cannot be understood or the data does not have the announced size.

    Examples
    --------
    >>> tables, notes = read_dl("dl n=2 format=edgelist1 labels embedded data:\\nann bo 3\\n", "x.dl")
    >>> tables.nodes, tables.ties, tables.tie_columns
    (['ann', 'bo'], [(0, 1)], {'weight': [3]})
    """
    header, body, line = _header(text, file)
    data = _Data(header, file, line)
    data.read(body)
    labels, notes = data.all_labels()
    relations = header.matrix_labels or ([""] if data.matrices == 1 else [str(n + 1) for n in range(data.matrices)])
    if len(set(relations)) < len(relations):
        relations = distinct(relations)[0]
    if data.missing:
        notes.append(
            f"{data.missing:,} cell{'' if data.missing == 1 else 's'} of the matrix "
            f"{'is' if data.missing == 1 else 'are'} missing (NA) and read as no tie."
        )
    tables, more = tables_from_values(
        labels,
        relations,
        data.cells,
        sides=header.rows if header.is_two_mode else None,
        directed=False if header.format in ("lowerhalf", "upperhalf") else directed,
    )
    return tables, [*notes, *([] if header.format in ("lowerhalf", "upperhalf") else more)]


@dataclass
class _Header:
    rows: int = -1
    columns: int = -1
    matrices: int = 1
    format: str = "fullmatrix"
    diagonal: bool = True
    row_labels: list[str] = field(default_factory=list)
    column_labels: list[str] = field(default_factory=list)
    matrix_labels: list[str] = field(default_factory=list)
    rows_embedded: bool = False
    columns_embedded: bool = False
    square: bool = False

    @property
    def is_two_mode(self) -> bool:
        if self.format in ("edgelist2", "nodelist2"):
            return True
        if self.square:
            return False
        if self.rows != self.columns:
            return True
        return bool(self.row_labels and self.column_labels and self.row_labels != self.column_labels)


def _header(text: str, file: str) -> tuple[_Header, str, int]:
    header = _Header()
    position = re.match(r"\s*dl\b", text, re.IGNORECASE).end()  # type: ignore[union-attr]
    while True:
        while position < len(text) and text[position] in _SEPARATORS:
            position += 1
        if position >= len(text):
            raise GraphFileError(f"{file} has no 'data:' after its header. It is cut short; export it again.")
        line = text.count("\n", 0, position) + 1
        found = _KEYWORD.match(text, position)
        if not found:
            word = re.split(r"[\s,]", text[position : position + 60])[0]
            raise GraphFileError(
                f"{file}, line {line}: {shortened(word, 30)!r} is no keyword of a DL header (n=, nr=, nc=, nm=, "
                "format=, "
                "diagonal, labels:, row labels:, column labels:, matrix labels:, labels embedded, data:)."
            )
        position = found.end()
        if found["number"]:
            _size(header, found["number"].lower(), int(found["value"]), f"{file}, line {line}")
        elif found["format"]:
            name = found["format"].lower()
            header.format = _SAME.get(name, name)
            if header.format not in _FORMATS:
                raise GraphFileError(
                    f"{file}, line {line}: the DL format {shortened(name, 30)!r} is not known here. Known: "
                    f"{', '.join(_FORMATS)}."
                )
        elif found["diagonal"]:
            header.diagonal = found["diagonal"].lower() == "present"
        elif found["embedded"]:
            side = (found["side"] or "").lower()
            header.rows_embedded |= not side.startswith("col")
            header.columns_embedded |= side != "row"
        elif found["data"]:
            if header.rows < 0 or header.columns < 0:
                raise GraphFileError(f"{file}, line {line}: the header does not say how many nodes there are (n=).")
            return header, text[position:], text.count("\n", 0, position) + 1
        elif found["title"] is None:
            position = _read_labels(header, (found["labels"] or "").lower(), text, position, file)


def _size(header: _Header, name: str, value: int, where: str) -> None:
    if value > SIZE_AT_MOST:
        raise GraphFileError(f"{where}: {value:,} nodes are announced; above {SIZE_AT_MOST:,} a file is not read.")
    if name == "n":
        header.rows = header.columns = value
        header.square = True
    elif name == "nr":
        header.rows = value
    elif name == "nc":
        header.columns = value
    else:
        header.matrices = max(1, value)


def _read_labels(header: _Header, side: str, text: str, position: int, file: str) -> int:
    wanted = {"matrix": header.matrices, "level": header.matrices}.get(
        side, header.columns if side.startswith("col") else header.rows
    )
    line = text.count("\n", 0, position) + 1
    if wanted < 0:
        raise GraphFileError(f"{file}, line {line}: labels come before the number of nodes (n=). Put n= first.")
    labels: list[str] = []
    while len(labels) < wanted:
        while position < len(text) and text[position] in _SEPARATORS:
            position += 1
        if position >= len(text) or re.match(r"data\s*:", text[position : position + 12], re.IGNORECASE):
            raise GraphFileError(
                f"{file}, line {line}: {wanted:,} labels are announced and {len(labels):,} given. The file may be cut "
                "short, or a label with a space lacks its quotation marks."
            )
        label, position = _token(text, position, f"{file}, line {line}")
        labels.append(label)
    if side in ("matrix", "level"):
        header.matrix_labels = labels
    elif side == "row":
        header.row_labels = labels
    elif side.startswith("col"):
        header.column_labels = labels
    else:
        header.row_labels, header.column_labels = labels, list(labels)
    return position


def _token(text: str, position: int, where: str) -> tuple[str, int]:
    quote = text[position]
    if quote in "\"'":
        end = text.find(quote, position + 1)
        if end > 0 and "\n" not in text[position:end]:
            return text[position + 1 : end], end + 1
        if quote == '"':
            raise GraphFileError(f"{where}: a quotation mark is not closed. The file may be cut short.")
    end = position
    while end < len(text) and text[end] not in _SEPARATORS:
        end += 1
    return text[position:end], end


class _Data:
    """The part after ``data:``, read by its header."""

    def __init__(self, header: _Header, file: str, line: int) -> None:
        self.header, self.file, self.line = header, file, line
        self.matrices = header.matrices
        self.cells: list[dict[tuple[int, int], float | int]] = [{} for _ in range(self.matrices)]
        self.missing = 0
        self.rows = {label: n for n, label in enumerate(header.row_labels)}
        self.columns = self.rows if not header.is_two_mode else {n: i for i, n in enumerate(header.column_labels)}
        self.two = header.is_two_mode

    def read(self, body: str) -> None:
        if self.header.format in ("fullmatrix", "lowerhalf", "upperhalf"):
            self._matrix(body)
        else:
            self._lists(body)

    def all_labels(self) -> tuple[list[str], list[str]]:
        """Give the labels of all nodes, first mode first, and what had to be made up."""
        notes: list[str] = []
        header = self.header
        rows = _filled(list(self.rows) or header.row_labels, header.rows, notes)
        if not self.two:
            return _unique(rows, notes), notes
        columns = _filled(list(self.columns) or header.column_labels, header.columns, notes)
        both = set(rows) & set(columns)
        if both:
            notes.append(f"{len(both):,} labels name both a row and a column; the column is called 'name (column)'.")
            columns = [f"{label} (column)" if label in both else label for label in columns]
        return _unique([*rows, *columns], notes), notes

    def _matrix(self, body: str) -> None:
        header = self.header
        tokens = _tokens(body, f"{self.file}, from line {self.line}")
        for number in range(self.matrices):
            if header.columns_embedded:
                labels = [self._next(tokens, number) for _ in range(header.columns)]
                target = self.columns if self.two else self.rows
                if number == 0:
                    target.update((label, n) for n, label in enumerate(distinct(labels)[0]))
            for row in range(header.rows):
                if header.rows_embedded:
                    label = self._next(tokens, number)
                    if number == 0 and (self.two or not header.columns_embedded):
                        self.rows.setdefault(label, row)
                for column in self._span(row):
                    if header.format == "fullmatrix" and not header.diagonal and column == row:
                        continue
                    self._cell(number, row, column, self._next(tokens, number))
        extra = next(tokens, None)
        if extra is not None:
            raise GraphFileError(
                f"{self.file}: after the announced matrix comes {shortened(extra, 30)!r}. The sizes in the header "
                "(n=, nm=) "
                "or the format do not fit the data."
            )

    def _span(self, row: int) -> range:
        header = self.header
        if header.format == "lowerhalf":
            return range(row + 1 if header.diagonal else row)
        if header.format == "upperhalf":
            return range(row if header.diagonal else row + 1, header.columns)
        return range(header.columns)

    def _next(self, tokens: Iterator[str], number: int) -> str:
        token = next(tokens, None)
        if token is None:
            raise GraphFileError(
                f"{self.file}: the data ends within matrix {number + 1} of {self.matrices}, before the announced "
                f"{self.header.rows:,} by {self.header.columns:,} values. It is cut short; export it again."
            )
        return token

    def _cell(self, number: int, row: int, column: int, text: str) -> None:
        header = self.header
        value = self._value(text)
        if value:
            head = column + header.rows if self.two else column
            self.cells[number][(row, head)] = value
            if header.format in ("lowerhalf", "upperhalf"):
                self.cells[number][(head, row)] = value

    def _value(self, text: str) -> float | int:
        if text.lower() in _MISSING:
            self.missing += 1
            return 0
        if re.fullmatch(r"[-+]?[0-9]{1,19}", text):
            return int(text)
        try:
            if not text.isascii() or "_" in text:
                raise ValueError
            return float(text)
        except ValueError:
            raise GraphFileError(
                f"{self.file}: {shortened(text, 30)!r} in the data is no number. If it is a label, the header lacks "
                "'labels embedded'."
            ) from None

    def _lists(self, body: str) -> None:
        number, row = 0, 0
        for offset, raw in enumerate(body.split("\n")):
            where = f"{self.file}, line {self.line + offset}"
            if raw.strip() == "!":
                number, row = number + 1, 0
                if number >= self.matrices:
                    raise GraphFileError(
                        f"{where}: there are more matrices than the header announces (nm=). Correct nm=."
                    )
                continue
            words = list(_tokens(raw, where))
            if not words:
                continue
            self._list_line(words, number, row, where)
            row += 1

    def _list_line(self, words: list[str], number: int, row: int, where: str) -> None:
        kind = self.header.format
        if kind == "nodelist1b":
            if row >= self.header.rows or not words[0].isdigit() or int(words[0]) != len(words) - 1:
                raise GraphFileError(
                    f"{where}: a line of nodelist1b is a count and that many columns. Correct the line."
                )
            for word in words[1:]:
                self._add(number, row, self._place(word, where, column=True), 1)
            return
        tail = self._place(words[0], where, column=False)
        if kind.startswith("nodelist"):
            for word in words[1:]:
                self._add(number, tail, self._place(word, where, column=True), 1)
            return
        if len(words) < 2 or (kind != "edgearray1" and len(words) > 3):
            raise GraphFileError(
                f"{where}: a line of {kind} is two nodes and perhaps a value; this has {len(words)} words. "
                "A label with a space needs quotation marks."
            )
        head = self._place(words[1], where, column=True)
        if kind == "edgearray1":
            if len(words) - 2 != self.matrices:
                raise GraphFileError(
                    f"{where}: a line of edgearray1 has two nodes and {self.matrices} values; this has "
                    f"{len(words) - 2}."
                )
            for matrix, word in enumerate(words[2:]):
                self._add(matrix, tail, head, self._value(word))
            return
        self._add(number, tail, head, self._value(words[2]) if len(words) > 2 else 1)

    def _add(self, number: int, tail: int, head: int, value: float | int) -> None:
        if value:
            self.cells[number][(tail, head + self.header.rows if self.two else head)] = value

    def _place(self, word: str, where: str, *, column: bool) -> int:
        header = self.header
        size = header.columns if column else header.rows
        embedded = header.columns_embedded if column else header.rows_embedded
        if embedded:
            labels = self.columns if column else self.rows
            if word not in labels:
                if len(labels) >= size:
                    raise GraphFileError(
                        f"{where}: {shortened(word)!r} is one label more than the {size:,} announced. Correct n= or "
                        "the label."
                    )
                labels[word] = len(labels)
            return labels[word]
        if not (word.isascii() and word.isdigit()) or not 1 <= int(word) <= size:
            raise GraphFileError(
                f"{where}: {shortened(word, 30)!r} is no node; there are {size:,}, numbered from 1. Are labels "
                "embedded?"
            )
        return int(word) - 1


def _tokens(body: str, where: str) -> Iterator[str]:
    position = 0
    while True:
        while position < len(body) and body[position] in _SEPARATORS:
            position += 1
        if position >= len(body):
            return
        token, position = _token(body, position, where)
        yield token


def _filled(labels: list[str], size: int, notes: list[str]) -> list[str]:
    if len(labels) >= size:
        return labels
    if labels:
        notes.append(f"{size - len(labels):,} nodes are announced but never named; they are numbered.")
    taken = set(labels)
    numbered = []
    for number in range(len(labels) + 1, size + 1):
        name = str(number)
        while name in taken:
            name += "'"
        numbered.append(name)
    return [*labels, *numbered]


def _unique(labels: list[str], notes: list[str]) -> list[str]:
    unique, clashes = distinct(labels)
    if clashes:
        notes.append(f"{clashes:,} labels come more than once and are numbered.")
    return unique


def _labels(texts: list[str], notes: list[str], what: str = "label") -> list[str]:
    clean = ["".join("'" if c == '"' else c if c.isprintable() else " " for c in text) for text in texts]
    changed = sum(one != other for one, other in zip(clean, texts, strict=True))
    clean, _ = distinct(clean)
    if changed:
        notes.append(
            f"{changed:,} {what}{'' if changed == 1 else 's'} with quotation marks or line breaks: they become ' "
            "and space."
        )
    return clean


def _direction_notes(tables: GraphTables) -> list[str]:
    from cop_analysis.network.exchange.tables import per_relation_symmetric

    if tables.is_directed and per_relation_symmetric(tables):
        return ["Every tie has its opposite: read it back with directed=True, or it will be taken as undirected."]
    if not tables.is_directed and all(tail == head for tail, head in tables.ties):
        return ["There is no tie between two nodes, so nothing says that the network is undirected."]
    return []


# A comma after DL is UCINET's where a keyword of its header follows, and a column called dl where not.
_BEGINS = re.compile(
    r"dl\b(?!\s*[,;\t])|dl\s*[,;\s]\s*(?:n[rcm]?\s*=|format\s*=|title\s*=|\w*\s*labels?\b|data\s*:)", re.IGNORECASE
)


def _recognises(beginning: Beginning) -> bool:
    return _BEGINS.match(beginning.first) is not None


FORMAT = Format(
    title="UCINET DL",
    place=40,
    endings=(".dl", ".dat"),
    recognises=_recognises,
    may_be_text=True,
    reads=one_network(read_dl),
    writes=one_file(write_dl),
)
