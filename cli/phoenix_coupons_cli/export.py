"""`coupons export`: coupons and redemptions as files, codes as QR codes."""

import csv
import json
import re
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote
from uuid import UUID

import click

from phoenix_coupons.v1 import (
    Export,
    ExportCouponsRequest,
    ExportRedemptionsRequest,
    Redemption,
)
from phoenix_coupons_cli import files, instants, options, output, progress_bar, session
from phoenix_coupons_cli.command import Failure, Group

_FORMATS = {"csv": Export.Format.csv, "jsonl": Export.Format.json_lines}
_CODE, _CODE_IN_URL = "{code}", "{url_code}"
_PLACEHOLDER = re.compile(r"\{(?:url_)?code\}")
_SCALE = 8
"""Pixels of a PNG, or units of an SVG, for each dot of a code."""

_format = click.option(
    "--format", "format_", type=click.Choice([*_FORMATS]), default="csv", show_default=True
)
_output = click.option(
    "--output",
    "path",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    help="The file to write, complete or not at all. Default: standard output.",
)


@click.group(cls=Group)
def export() -> None:
    """Coupons and redemptions as files, codes as QR codes."""


@export.command()
@options.coupon_filter
@_format
@_output
@click.option("--qr", type=click.Choice(["svg", "png"]), help="Write QR codes of this kind.")
@click.option(
    "--qr-directory",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where to: a file for each coupon, named by the coupon's id.",
)
@click.option(
    "--qr-template",
    default=_CODE,
    show_default=True,
    help=f"What a QR code says: {_CODE} is the code, {_CODE_IN_URL} the same within a URL.",
)
def coupons(
    format_: str,
    path: Path | None,
    qr: str | None,
    qr_directory: Path | None,
    qr_template: str,
    **filters: Any,
) -> None:
    """Write coupons, newest first, to a file, or QR codes of them, or both.

    \b
    A spreadsheet takes a text that begins with =, +, - or @ for a formula: import
    the file there as text. --format says how the file is written, --json how errors are.

    \b
    Examples:
      coupons export coupons --definition DEFINITION --output coupons.csv
      coupons export coupons --status active --format jsonl | jq -r .code
      coupons export coupons --generation GENERATION --qr svg --qr-directory codes
      coupons export coupons --qr png --qr-directory codes \\
          --qr-template 'HTTPS://SHOP.EXAMPLE/R?C={url_code}'
    """
    if (qr is None) != (qr_directory is None):
        raise click.UsageError("--qr and --qr-directory go together")
    if not (_CODE in qr_template or _CODE_IN_URL in qr_template):
        raise click.UsageError(f"--qr-template must contain {_CODE} or {_CODE_IN_URL}")
    request = ExportCouponsRequest(
        tenant_id=session.tenant_id(), format=_FORMATS[format_], **filters
    )
    pieces = (answer.data for answer in session.jobs().ExportCoupons(request))
    if qr and qr_directory:
        _write_codes(pieces, path, format_, _QrCodes(qr, qr_directory, qr_template))
    else:
        _write(pieces, path)


@export.command()
@click.option("--user", "user_id", default="", help="Of this user.")
@click.option("--definition", "definition_id", default="", help="Of this definition.")
@click.option("--kind", type=click.Choice(Redemption.Kind.keys()[1:]), help="Of this kind.")
@click.option("--since", type=instants.Instant(), help="At or after this time (ISO 8601).")
@click.option("--until", type=instants.Instant(), help="Before this time (ISO 8601).")
@instants.timezone
@_format
@_output
def redemptions(
    user_id: str,
    definition_id: str,
    kind: str | None,
    since: str | None,
    until: str | None,
    format_: str,
    path: Path | None,
) -> None:
    """Write the ledger of redemptions and reversals, newest first, to a file.

    --format says how the file is written, --json how errors are.

    \b
    Examples:
      coupons export redemptions --since 2026-01-01 --until 2026-02-01 --output january.csv
      coupons export redemptions --user ada --format jsonl
    """
    request = ExportRedemptionsRequest(
        tenant_id=session.tenant_id(),
        user_id=user_id,
        definition_id=definition_id,
        start_time=instants.timestamp(since),
        end_time=instants.timestamp(until),
        format=_FORMATS[format_],
    )
    if kind:
        request.kind = Redemption.Kind.Value(kind)
    _write((answer.data for answer in session.jobs().ExportRedemptions(request)), path)


def _write(pieces: Iterable[bytes], path: Path | None) -> None:
    size = 0
    with files.written(path or files.STDOUT) as file, progress_bar.shown("bytes", None) as advance:
        for piece in pieces:
            file.write(piece)
            size += len(piece)
            advance(size)
    if path:
        output.note(f"Wrote {size:,} bytes to {path}.")


def _write_codes(
    pieces: Iterable[bytes], path: Path | None, format_: str, codes: "_QrCodes"
) -> None:
    count = 0
    with (
        files.written(path) if path else nullcontext() as file,
        progress_bar.shown("QR codes", None) as advance,
    ):
        lines = _lines(pieces, file)
        for record in csv.DictReader(lines) if format_ == "csv" else map(json.loads, lines):
            codes.write(record["id"], record["code"])
            count += 1
            advance(count)
    output.note(f"Wrote {count} QR codes to {codes.directory}.")


def _lines(pieces: Iterable[bytes], copy: BinaryIO | None) -> Iterator[str]:
    """The lines of a file that comes in pieces, which are copied on the way."""
    rest = b""
    for piece in pieces:
        if copy:
            copy.write(piece)
        *lines, rest = (rest + piece).split(b"\n")
        yield from (line.decode() + "\n" for line in lines)


class _QrCodes:
    """Writes QR codes (ISO/IEC 18004), one file each, named by the coupon."""

    def __init__(self, kind: str, directory: Path, template: str) -> None:
        self.directory = directory
        self._kind = kind
        self._template = template
        try:
            directory.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Failure(f"cannot make {directory}: {error.strerror}") from None

    def write(self, coupon_id: str, code: str) -> None:
        import segno

        values = {_CODE: code, _CODE_IN_URL: quote(code, safe="")}
        text = _PLACEHOLDER.sub(lambda match: values[match[0]], self._template)
        try:
            drawn = segno.make_qr(text, error="m")
        except segno.DataOverflowError:
            raise Failure(f"--qr-template: {len(text)} characters are too many") from None
        # The service names coupons by UUIDs; anything else is no name for a file.
        with files.written(self.directory / f"{UUID(coupon_id)}.{self._kind}") as file:
            drawn.save(file, kind=self._kind, scale=_SCALE)
