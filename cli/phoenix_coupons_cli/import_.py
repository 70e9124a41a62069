"""`coupons import`: coupons whose codes exist already."""

import csv
import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import TextIOWrapper
from pathlib import Path
from typing import Any, BinaryIO, TextIO

import click
from google.protobuf.timestamp_pb2 import Timestamp

from phoenix_coupons.v1 import (
    ImportCouponsRequest,
    ImportedCoupon,
    ImportLineError,
)
from phoenix_coupons_cli import files, output, progress_bar, session
from phoenix_coupons_cli.command import Command, Exit, Failure

_LINES_PER_MESSAGE = 1_000
_LONGEST_TEXT = 256
"""Characters. No longer one can be right, and a message of such lines is no larger than 4 MiB."""

_SHOWN_ERRORS = 20
_COLUMNS = ("code", "user_id", "generated_at", "expires_at")
_ERROR_COLUMNS = ("line", "reason", "field", "message")


@dataclass(slots=True)
class Summary:
    """The outcome of a file's lines."""

    imported: int = 0
    already_imported: int = 0
    failed: int = 0
    generation_id: str = ""
    errors: list[dict[str, Any]] = field(default_factory=list)
    """The first of them."""

    @property
    def lines(self) -> int:
        return self.imported + self.already_imported + self.failed


@click.command("import", cls=Command)
@click.argument("file", type=click.File(encoding="utf-8-sig"))
@click.option("--definition", required=True, help="The definition that the coupons will be of.")
@click.option(
    "--errors",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A CSV file to write the lines to that were left out, with their reasons.",
)
def import_(file: TextIO, definition: str, errors: Path | None) -> None:
    """Take over coupons whose codes exist already, from a CSV FILE; - for stdin.

    \b
    The first line names the columns: code and, optionally, user_id, generated_at
    and expires_at (ISO 8601; UTC unless it says otherwise). Others are passed over,
    so an export can be imported. A line that breaks a rule is left out, and the exit
    code is 3 then. The same file can be imported again: what is there already is
    counted and stays. Needs COUPONS_ADMIN_API_KEY_ID beside the API key.

    \b
    Examples:
      coupons import codes.csv --definition DEFINITION --errors left-out.csv
      zcat codes.csv.gz | coupons import - --definition DEFINITION
    """
    with files.written(errors) if errors else nullcontext() as error_file:
        report = _Report(error_file)
        summary = _import(_Lines(file, report.add), definition, report)
        report.close()
    output.show(summary, ["imported", "already_imported", "failed", "generation_id"])
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
        self.first: list[dict[str, Any]] = []
        self.count = 0

    def add(self, error: ImportLineError) -> None:
        cells = {column: getattr(error, column) for column in _ERROR_COLUMNS}
        with self._lock:
            if self._csv:
                self._csv.writerow(cells.values())
            if len(self.first) < _SHOWN_ERRORS:
                self.first.append(cells)
            self.count += 1

    def show(self) -> None:
        for cells in self.first:
            where = f"line {cells['line']}: {cells['field']}".removesuffix(": ")
            output.note(output.printable(f"{where}: {cells['message']} ({cells['reason']})"))
        if self.count > len(self.first):
            hint = "" if self._csv else "; --errors FILE has all"
            output.note(f"… and {self.count - len(self.first)} more{hint}.")

    def close(self) -> None:
        if self._text:
            self._text.flush()
            self._text.detach()


class _Lines:
    """The lines of a file; calls `leave_out` for those that cannot be sent.

    gRPC reads the lines in a thread of its own.
    """

    def __init__(self, file: TextIO, leave_out: Callable[[ImportLineError], None]) -> None:
        self._file = file
        self._leave_out = leave_out

    def __iter__(self) -> Iterator[ImportedCoupon]:
        try:
            rows = csv.DictReader(self._file)
            if "code" not in (rows.fieldnames or ()):
                raise click.BadParameter(
                    "its first line must name a column code", param_hint="FILE"
                )
            for row in rows:
                try:
                    yield _line(rows.line_num, row)
                except _Unsendable as error:
                    self._leave_out(error.at(rows.line_num))
        except (csv.Error, UnicodeDecodeError) as error:
            raise click.BadParameter(f"not CSV in UTF-8: {error}", param_hint="FILE") from None


class _Unsendable(Exception):
    """A field that no message can hold."""

    def __init__(self, field: str, rule: str) -> None:
        super().__init__()
        self._field = field
        self._rule = rule

    def at(self, number: int) -> ImportLineError:
        """The error of the line with this number."""
        return ImportLineError(
            line=number, reason="INVALID_FIELD", field=self._field, message=self._rule
        )


def _line(number: int, row: dict[str, Any]) -> ImportedCoupon:
    line = ImportedCoupon(line=number)
    cells = {name: row.get(name) or "" for name in _COLUMNS}
    # No code has whitespace at its ends; a user's id may, and names another user without.
    cells |= {name: cells[name].strip() for name in _COLUMNS if name != "user_id"}
    for name in ("code", "user_id"):
        if len(cells[name]) > _LONGEST_TEXT or "\0" in cells[name]:
            raise _Unsendable(name, f"must be at most {_LONGEST_TEXT} characters without U+0000")
        setattr(line, name, cells[name])
    for name in ("generated_at", "expires_at"):
        if cells[name]:
            getattr(line, name).CopyFrom(_instant(name, cells[name]))
    return line


def _instant(name: str, text: str) -> Timestamp:
    timestamp = Timestamp()
    try:
        instant = datetime.fromisoformat(text)
        timestamp.FromDatetime(instant if instant.tzinfo else instant.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        # A date at the ends of the calendar can be none in UTC.
        raise _Unsendable(name, "must be ISO 8601, such as 2026-12-31T23:59:59Z") from None
    return timestamp


def _import(lines: _Lines, definition: str, report: _Report) -> Summary:
    messages = _messages(lines, session.tenant_id(), definition)
    answers = session.streaming_jobs().ImportCoupons(messages)
    summary = Summary()
    with progress_bar.shown("lines", None) as advance:
        for answer in answers:
            for error in answer.errors:
                report.add(error)
            summary.imported += answer.imported
            summary.already_imported += answer.already_imported
            summary.failed = report.count
            summary.generation_id = answer.generation_id
            advance(summary.lines)
    report.first.sort(key=lambda error: error["line"])
    summary.failed, summary.errors = report.count, report.first
    return summary


def _messages(lines: _Lines, tenant_id: str, definition: str) -> Iterator[ImportCouponsRequest]:
    coupons = iter(lines)
    while batch := list(itertools.islice(coupons, _LINES_PER_MESSAGE)):
        yield ImportCouponsRequest(tenant_id=tenant_id, definition_id=definition, coupons=batch)
