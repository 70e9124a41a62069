"""Tables as people have them: CSV in its dialects and encodings, and workbooks (.xlsx).

A file is read twice: once to find what makes it unreadable as a whole, before anything is
sent, and once for its rows. What cannot be read twice, such as a pipe, is copied first.
"""

import codecs
import csv
import difflib
import io
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import IO, Any, cast

import click

from phoenix_coupons_cli import output
from phoenix_coupons_cli.files import STDOUT

DELIMITERS = ",;\t"
_SAMPLE_BYTES = 64 * 1024
_WORKBOOK = b"PK\x03\x04"
"""How .xlsx begins: it is a ZIP archive (ECMA-376, part 2)."""

_BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_UNREADABLE = "\N{REPLACEMENT CHARACTER}"

AnyCommand = Callable[..., Any]


class Encoding(click.ParamType[str]):
    """The name of a character encoding that Python knows, such as windows-1252."""

    name = "encoding"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            # "".encode fails for codecs that are not of text, such as base64.
            "".encode(value)
        except (LookupError, ValueError):
            self.fail(f"{value!r} is no known encoding, such as windows-1252", param, ctx)
        return value


file_type = click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path)
encoding = click.option(
    "--encoding",
    type=Encoding(),
    help="Of a CSV file, such as windows-1252.  [default: UTF-8, or UTF-16 if it is that]",
)


@dataclass(frozen=True, slots=True)
class Row:
    """A row and the line of the file where it begins; in a workbook the row's number."""

    line: int
    cells: tuple[str, ...]

    @property
    def is_blank(self) -> bool:
        return not any(self.cells)

    def unreadable_cell(self) -> str | None:
        """The first cell with bytes that the encoding does not have."""
        return next((cell for cell in self.cells if _UNREADABLE in cell), None)


class UnreadableFile(click.BadParameter):
    """The file as a whole cannot be read; `line`: where."""

    def __init__(self, line: int | None, rule: str) -> None:
        super().__init__(rule if line is None else f"line {line}: {rule}")


@dataclass(frozen=True, slots=True)
class Table:
    """A file of rows, to be read any number of times. Blank rows are left out.

    Whitespace at the ends of cells is no part of them.
    """

    description: str
    _read: Callable[[], Iterator[Row]]

    def rows(self) -> Iterator[Row]:
        """The rows, the header among them. Raises UnreadableFile."""
        return (row for row in self._read() if not row.is_blank)


@contextmanager
def opened(path: Path, encoding: str | None, parameter: str) -> Iterator[Table]:
    """The table in a file, `-` for standard input, whose dialect is detected and told.

    `encoding`: of CSV; None to detect it. `parameter`: the command's, for errors.
    Raises UnreadableFile.
    """
    try:
        with _readable_twice(path) as file:
            table = _table(file, encoding)
            output.note(f"{path}: {table.description}.")
            yield table
    except UnreadableFile as error:
        error.param_hint = parameter
        raise
    except OSError as error:
        raise click.BadParameter(f"{path}: {error.strerror}", param_hint=parameter) from None


@contextmanager
def _readable_twice(path: Path) -> Iterator[IO[bytes]]:
    if path != STDOUT and path.is_file():
        with path.open("rb") as file:
            yield file
        return
    with tempfile.TemporaryFile() as copy:
        if path == STDOUT:
            shutil.copyfileobj(sys.stdin.buffer, copy)
        else:
            with path.open("rb") as file:
                shutil.copyfileobj(file, copy)
        yield copy


def _table(file: IO[bytes], encoding: str | None) -> Table:
    file.seek(0)
    sample = file.read(_SAMPLE_BYTES)
    if sample.startswith(_WORKBOOK):
        return _workbook(file)
    chosen = _marked_encoding(sample) or encoding or _likely_encoding(sample)
    delimiter = _detected_delimiter(sample.decode(chosen, errors="replace"))
    name = {",": "','", ";": "';'", "\t": "a tab"}[delimiter]
    return Table(
        f"CSV in {chosen.upper().removesuffix('-SIG')}, delimited by {name}",
        lambda: _csv_rows(file, chosen, delimiter),
    )


def _marked_encoding(sample: bytes) -> str | None:
    marked = (name for mark, name in _BYTE_ORDER_MARKS.items() if sample.startswith(mark))
    return next(marked, None)


def _likely_encoding(sample: bytes) -> str:
    # Every other byte of Western text in UTF-16 is zero, and none of UTF-8.
    if b"\0" in sample[1:64:2]:
        return "utf-16-le"
    return "utf-16-be" if b"\0" in sample[:64:2] else "utf-8"


def _detected_delimiter(text: str) -> str:
    """The one that the first line, which names the columns, has most of outside quotes."""
    first = next(filter(str.strip, text.splitlines()), "")
    unquoted = "".join(first.split('"')[::2])
    return max(DELIMITERS, key=unquoted.count)


def _csv_rows(file: IO[bytes], encoding: str, delimiter: str) -> Iterator[Row]:
    file.seek(0)
    # A byte that is none of the encoding's fails its row, not the file.
    text = io.TextIOWrapper(cast("Any", file), encoding, errors="replace", newline="")
    try:
        reader = csv.reader(text, delimiter=delimiter, strict=True)
        line = 1
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise UnreadableFile(line, f"not CSV: {error}; is a quote not closed?") from None
            # A quote that is not closed takes in what follows, up to the next quote.
            if any("\n" in cell or "\r" in cell for cell in cells):
                rule = f"a cell goes on until line {reader.line_num}; is a quote not closed?"
                raise UnreadableFile(line, rule)
            yield Row(line, tuple(cell.strip() for cell in cells))
            line = reader.line_num + 1
    finally:
        # The file stays open for the next reading, or is closed before this one is given up.
        with suppress(ValueError):
            text.detach()


def _workbook(file: IO[bytes]) -> Table:
    import python_calamine

    file.seek(0)
    try:
        workbook = python_calamine.CalamineWorkbook.from_filelike(cast("Any", file))
        sheet = workbook.get_sheet_by_index(0)
    except python_calamine.CalamineError as error:
        raise UnreadableFile(None, f"no workbook that can be read: {error}") from None

    def rows() -> Iterator[Row]:
        # Rows above the first used one are left out by the library.
        first = sheet.start[0] + 1 if sheet.start else 1
        for number, cells in enumerate(sheet.iter_rows(), first):
            yield Row(number, tuple(map(_cell_text, cells)))

    others = len(workbook.sheet_names) - 1
    rest = f"; {others} more are left out" if others else ""
    return Table(f"workbook, sheet {sheet.name!r}{rest}", rows)


def _cell_text(cell: object) -> str:
    match cell:
        case bool():
            return str(cell).upper()
        case float() if cell.is_integer():
            return str(int(cell))
        case datetime() if cell.time() == time():
            return cell.date().isoformat()
        case datetime() | date():
            return cell.isoformat()
        case _:
            return str(cell).strip()


@dataclass(frozen=True, slots=True)
class Header:
    """The names of the columns, in their order."""

    columns: tuple[str, ...]

    @staticmethod
    def names(row: Row) -> tuple[str, ...]:
        """The names in a row: in any case, with spaces or hyphens for underscores."""
        return tuple("_".join(cell.casefold().replace("-", " ").split()) for cell in row.cells)

    @classmethod
    def of(cls, row: Row, columns: Sequence[str], left_out: Sequence[str] = ()) -> "Header":
        """The header in this row.

        `columns`: those that there may be, the first of which there must be. `left_out`: others
        that the caller has agreed to leave out. Raises UnreadableFile.
        """
        names = cls.names(row)
        if columns[0] not in names:
            rule = f"must name the columns, {columns[0]} among them, not {', '.join(names)}"
            raise UnreadableFile(row.line, rule)
        twice = sorted({name for name in names if name and names.count(name) > 1})
        if twice:
            raise UnreadableFile(row.line, f"names a column twice: {', '.join(twice)}")
        unknown = [name for name in names if name and name not in (*columns, *left_out)]
        if unknown:
            raise UnreadableFile(row.line, _unknown_columns(unknown, columns))
        return cls(names)

    def cells(self, row: Row) -> dict[str, str]:
        """The cells of a row by their column. Raises ValueError for a row of another width."""
        if len(row.cells) != len(self.columns):
            raise ValueError(f"has {len(row.cells)} cells, the header {len(self.columns)}")
        cells = dict(zip(self.columns, row.cells, strict=True))
        if cells.get(""):
            raise ValueError(f"has a cell in a column without a name: {cells['']!r}")
        return cells


def _unknown_columns(unknown: Sequence[str], columns: Sequence[str]) -> str:
    similar = difflib.get_close_matches(unknown[0], columns, 1)
    hint = f" ({similar[0]} is meant?)" if similar else ""
    return (
        f"names unknown columns: {', '.join(unknown)}{hint}; known are {', '.join(columns)};"
        " --ignore-column leaves one out"
    )
