"""`coupons import`: coupons whose codes exist already."""

import csv
import itertools
import threading
import unicodedata
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO

import click
from google.protobuf.timestamp_pb2 import Timestamp

from phoenix_coupons.v1 import (
    ImportCouponsRequest,
    ImportedCoupon,
    ImportLineError,
)
from phoenix_coupons_cli import files, instants, output, progress_bar, session, table_files
from phoenix_coupons_cli.command import Command, Exit, Failure
from phoenix_coupons_cli.table_files import Header, Row, Table, UnreadableFile

_LINES_PER_MESSAGE = 1_000
_LONGEST_TEXT = 256
"""Characters. No longer one can be right, and a message of such lines is no larger than 4 MiB."""

_SHOWN_ERRORS = 20
_DATES = ("generated_at", "expires_at")
_COLUMNS = ("code", "user_id", *_DATES)
_EXPORTED = frozenset({"id", "definition_id", "status", "redemption_count", "revoked_at"})
"""Columns by which an export is known. Its others say nothing that an import could keep."""

_ERROR_COLUMNS = ("line", "reason", "column", "value", "message")

Cells = dict[str, str]


@dataclass(frozen=True, slots=True)
class _LineError:
    """Why a line is left out. `column` and `value` are empty where it is no single cell."""

    line: int
    reason: str
    message: str
    column: str = ""
    value: str = ""

    @classmethod
    def of(cls, error: ImportLineError, cells: Cells) -> "_LineError":
        """An error that the service found in a line of these cells."""
        return cls(error.line, error.reason, error.message, error.field, cells.get(error.field, ""))

    def __str__(self) -> str:
        where = f"{self.column} {self.value!r}: " if self.column else ""
        return f"line {self.line}: {where}{self.message} ({self.reason})"


@dataclass(slots=True)
class Summary:
    """The outcome of a file's lines."""

    imported: int = 0
    already_imported: int = 0
    failed: int = 0
    generation_id: str = ""
    errors: list[_LineError] = field(default_factory=list)
    """The first of them."""

    @property
    def lines(self) -> int:
        return self.imported + self.already_imported + self.failed


@click.command("import", cls=Command)
@click.argument("file", type=table_files.file_type)
@click.option("--definition", required=True, help="The definition that the coupons will be of.")
@click.option(
    "--errors",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A CSV file to write the lines to that were left out, with their reasons.",
)
@click.option(
    "--ignore-column",
    "ignored",
    multiple=True,
    help="A column of the file that is not of a coupon; repeatable.",
)
@click.option("--dry-run", is_flag=True, help="Report all errors and change nothing.")
@table_files.encoding
@instants.timezone
def import_(
    file: Path,
    definition: str,
    errors: Path | None,
    ignored: tuple[str, ...],
    dry_run: bool,
    encoding: str | None,
) -> None:
    """Take over coupons whose codes exist already, from FILE; - for stdin.

    \b
    FILE is CSV, delimited by comma, semicolon or tab, or a workbook (.xlsx). Its first
    line names the columns: code and, optionally, user_id, generated_at and expires_at
    (ISO 8601). A date as an end is the end of that day. An export can be imported.

    \b
    A line that breaks a rule is left out, and the exit code is 3 then. The same file
    can be imported again: what is there already is counted and stays. Needs
    COUPONS_ADMIN_API_KEY_ID beside the API key.

    \b
    Examples:
      coupons import codes.csv --definition DEFINITION --errors left-out.csv
      coupons import codes.xlsx --definition DEFINITION --dry-run
      zcat codes.csv.gz | coupons import - --definition DEFINITION
    """
    with (
        table_files.opened(file, encoding, "FILE") as table,
        files.written(errors) if errors else nullcontext() as error_file,
    ):
        report = _Report(error_file)
        lines = _Lines(table, ignored, report.add, find_repeated=dry_run)
        summary = _import(lines, definition, report, dry_run=dry_run)
        report.close()
    output.show(summary, ["imported", "already_imported", "failed", "generation_id"])
    if dry_run:
        output.note("Nothing was changed.")
    if summary.failed:
        report.show()
        raise Failure(f"lines left out: {summary.failed}", Exit.REFUSED)


class _Report:
    """Reports the lines that are left out: shows the first, and writes all to a file.

    Lines come from the service and, in a thread of its own, from the file.
    """

    def __init__(self, file: BinaryIO | None) -> None:
        self._lock = threading.Lock()
        self._text = TextIOWrapper(file, encoding="utf-8", newline="") if file else None
        self._csv = csv.writer(self._text) if self._text else None
        if self._csv:
            self._csv.writerow(_ERROR_COLUMNS)
        self.first: list[_LineError] = []
        self.count = 0

    def add(self, error: _LineError) -> None:
        with self._lock:
            if self._csv:
                self._csv.writerow(getattr(error, column) for column in _ERROR_COLUMNS)
            if len(self.first) < _SHOWN_ERRORS:
                self.first.append(error)
            self.count += 1

    def show(self) -> None:
        for error in self.first:
            output.note(output.printable(str(error)))
        if self.count > len(self.first):
            hint = "" if self._csv else "; --errors FILE has all"
            output.note(f"… and {self.count - len(self.first)} more{hint}.")

    def close(self) -> None:
        if self._text:
            self._text.flush()
            self._text.detach()


class _Lines:
    """The coupons of a file; calls `leave_out` for the lines that cannot be sent.

    gRPC reads the lines in a thread of its own.
    """

    def __init__(
        self,
        table: Table,
        ignored: Sequence[str],
        leave_out: Callable[[_LineError], None],
        *,
        find_repeated: bool,
    ) -> None:
        """`find_repeated`: leave out a code that the file has twice. Raises UnreadableFile."""
        self._table = table
        self._leave_out = leave_out
        self._codes: set[str] | None = set() if find_repeated else None
        rows = table.rows()
        first = next(rows, None)
        if first is None:
            raise UnreadableFile(None, "is empty")
        names = Header.names(first)
        exported = names if set(names) >= _EXPORTED else ()
        ignored_names = Header.names(Row(first.line, tuple(ignored)))
        self._header = Header.of(first, _COLUMNS, (*ignored_names, *exported))
        self._is_export = bool(exported)
        self._zone: tzinfo = UTC
        if {*_DATES} & {*names}:
            self._zone = instants.chosen_zone()
            instants.announce(self._zone)
        self._count = sum(1 for _ in rows)

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[tuple[ImportedCoupon, Cells]]:
        for row in itertools.islice(self._table.rows(), 1, None):
            try:
                cells = self._cells(row)
                yield self._coupon(row.line, cells), cells
            except _Unsendable as error:
                self._leave_out(error.at(row.line))

    def _cells(self, row: Row) -> Cells:
        unreadable = row.unreadable_cell()
        if unreadable is not None:
            rule = "has bytes of another encoding; see --encoding"
            raise _Unsendable(rule, value=unreadable)
        try:
            cells = self._header.cells(row)
        except ValueError as error:
            raise _Unsendable(str(error)) from None
        if self._is_export:
            _check_unused(cells)
        return cells

    def _coupon(self, number: int, cells: Cells) -> ImportedCoupon:
        coupon = ImportedCoupon(line=number)
        for name in ("code", "user_id"):
            text = cells.get(name, "")
            if len(text) > _LONGEST_TEXT or "\0" in text:
                rule = f"must be at most {_LONGEST_TEXT} characters without U+0000"
                raise _Unsendable(rule, name, text)
            setattr(coupon, name, text)
        for name in _DATES:
            if text := cells.get(name, ""):
                getattr(coupon, name).CopyFrom(self._timestamp(name, text))
        self._check_repeated(coupon.code)
        return coupon

    def _timestamp(self, column: str, text: str) -> Timestamp:
        try:
            instant = instants.parse(text, self._zone, is_end=column == "expires_at")
        except ValueError:
            raise _Unsendable(instants.RULE, column, text) from None
        timestamp = Timestamp()
        timestamp.FromDatetime(instant)
        return timestamp

    def _check_repeated(self, code: str) -> None:
        if self._codes is None:
            return
        folded = unicodedata.normalize("NFKC", code).casefold()
        if folded in self._codes:
            raise _Unsendable("is in the file twice", "code", code, reason="CODE_TAKEN")
        self._codes.add(folded)


class _Unsendable(Exception):
    """A line that no message can hold, or whose coupon would not be the same."""

    def __init__(
        self, rule: str, column: str = "", value: str = "", *, reason: str = "INVALID_FIELD"
    ) -> None:
        super().__init__(rule)
        self._rule = rule
        self._column = column
        self._value = value
        self._reason = reason

    def at(self, number: int) -> _LineError:
        """The error of the line with this number."""
        return _LineError(number, self._reason, self._rule, self._column, self._value)


def _check_unused(cells: Cells) -> None:
    """An import makes coupons that can be redeemed: of an export it takes no others."""
    if cells["redemption_count"] not in ("", "0"):
        rule = "must be 0: an import does not keep uses"
        raise _Unsendable(rule, "redemption_count", cells["redemption_count"])
    if cells["revoked_at"]:
        rule = "must be empty: an import does not keep a revocation"
        raise _Unsendable(rule, "revoked_at", cells["revoked_at"])


def _import(lines: _Lines, definition: str, report: _Report, *, dry_run: bool) -> Summary:
    batches = _Batches(lines, session.tenant_id(), definition, validate_only=dry_run)
    answers = session.streaming_jobs().ImportCoupons(batches.messages())
    summary = Summary()
    with progress_bar.shown("lines", len(lines)) as advance:
        for answer in answers:
            cells = batches.answered()
            for error in answer.errors:
                report.add(_LineError.of(error, cells[error.line]))
            summary.imported += answer.imported
            summary.already_imported += answer.already_imported
            summary.failed = report.count
            summary.generation_id = answer.generation_id
            advance(summary.lines)
    report.first.sort(key=lambda error: error.line)
    summary.failed, summary.errors = report.count, report.first
    return summary


class _Batches:
    """The messages of an import, whose cells are kept until the service has answered."""

    def __init__(
        self, lines: _Lines, tenant_id: str, definition: str, *, validate_only: bool
    ) -> None:
        self._lines = lines
        self._common = ImportCouponsRequest(
            tenant_id=tenant_id, definition_id=definition, validate_only=validate_only
        )
        self._unanswered: deque[dict[int, Cells]] = deque()

    def messages(self) -> Iterator[ImportCouponsRequest]:
        coupons = iter(self._lines)
        while batch := list(itertools.islice(coupons, _LINES_PER_MESSAGE)):
            self._unanswered.append({coupon.line: cells for coupon, cells in batch})
            message = ImportCouponsRequest(coupons=[coupon for coupon, _ in batch])
            message.MergeFrom(self._common)
            yield message

    def answered(self) -> dict[int, Cells]:
        """The cells of the first message that was not answered so far, by line."""
        return self._unanswered.popleft()
