"""How exported rows are written: the columns of each file, CSV (RFC 4180) and JSON Lines."""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from coupon_server.services.exports import ExportedCoupon, ExportedRedemption

PIECE_BYTES = 64 * 1024

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Table(Generic[Row]):
    """The columns of a file, in order: a name, and how its value is found.

    A value is text, a number, a moment, an object or None. Texts are written as they are, so that
    what is read back is the same; nothing guards against a spreadsheet that takes one for a
    formula.
    """

    columns: Mapping[str, Callable[[Row], Any]]

    def csv_header(self) -> bytes:
        return _csv([list(self.columns)])

    def csv_lines(self, rows: Sequence[Row]) -> bytes:
        cells = self.columns.values()
        return _csv([[_cell(cell(row)) for cell in cells] for row in rows])

    def json_lines(self, rows: Sequence[Row]) -> bytes:
        columns = self.columns.items()
        return b"".join(
            _json({name: _value(cell(row)) for name, cell in columns}).encode() + b"\n"
            for row in rows
        )


def pieces(data: bytes) -> Iterator[bytes]:
    """The data in messages of at most PIECE_BYTES."""
    for start in range(0, len(data), PIECE_BYTES):
        yield data[start : start + PIECE_BYTES]


def _csv(lines: Sequence[Sequence[object]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(lines)
    return text.getvalue().encode()


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _value(value: object) -> object:
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value


def _cell(value: object) -> object:
    if value is None:
        return ""
    return _json(value) if isinstance(value, Mapping) else _value(value)


COUPONS: Table[ExportedCoupon] = Table(
    {
        "id": lambda row: str(row.coupon.id),
        "definition_id": lambda row: str(row.coupon.definition_id),
        "definition_name": lambda row: row.definition.name,
        "user_id": lambda row: row.coupon.user_id,
        "code": lambda row: row.coupon.code,
        "status": lambda row: row.status,
        "source": lambda row: row.coupon.source,
        "generation_id": lambda row: _text(row.coupon.generation_id),
        "generated_at": lambda row: row.coupon.generated_at,
        "starts_at": lambda row: row.definition.config.starts_at,
        "expires_at": lambda row: row.coupon.expires_at(row.definition.config.expires_at),
        "redeemed_at": lambda row: row.coupon.redeemed_at,
        "redemption_count": lambda row: row.coupon.used,
        "revoked_at": lambda row: row.coupon.revoked_at,
        "revoke_reason": lambda row: row.coupon.revoke_reason or None,
    }
)

REDEMPTIONS: Table[ExportedRedemption] = Table(
    {
        "id": lambda row: str(row.redemption.id),
        "kind": lambda row: row.redemption.kind,
        "coupon_id": lambda row: str(row.redemption.coupon_id),
        "definition_id": lambda row: str(row.redemption.definition_id),
        "user_id": lambda row: row.redemption.user_id,
        "code": lambda row: row.redemption.code,
        "redeemed_at": lambda row: row.redemption.redeemed_at,
        "reference": lambda row: row.redemption.reference or None,
        "metadata": lambda row: row.redemption.metadata or None,
        "credential_id": lambda row: str(row.redemption.credential_id),
        "reward_item_id": lambda row: str(row.redemption.reward_item_id),
        "reward_item_name": lambda row: row.reward_item_name,
        "reverses_id": lambda row: _text(row.redemption.reverses_id),
        "reversed_at": lambda row: row.redemption.reversed_at,
        "reversal_id": lambda row: _text(row.redemption.reversal_id),
    }
)


def _text(value: object) -> str | None:
    return None if value is None else str(value)
