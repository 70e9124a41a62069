"""How rows become CSV and JSON Lines."""

import csv
import io
import json
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coupon_server.domain.errors import DomainError, Reason
from coupon_server.rpc import coupon_jobs
from coupon_server.rpc.export_files import PIECE_BYTES, Table, pieces

Values = dict[str, Any]
TABLE: Table[Values] = Table({name: lambda row, name=name: row[name] for name in "abc"})  # type: ignore[misc]

TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20) | st.sampled_from(
    ["=1+1", '"', '""', ",", "a,b", " a ", "'", "\u2028", "+1", "-1", "@x"]
)
ROWS = st.lists(st.fixed_dictionaries(dict.fromkeys("abc", TEXTS)), max_size=5)


@given(rows=ROWS)
def test_csv_is_read_back_as_it_was(rows: list[Values]) -> None:
    data = TABLE.csv_header() + TABLE.csv_lines(rows)
    assert list(csv.DictReader(io.StringIO(data.decode(), newline=""))) == rows
    assert data.count(b"\r\n") == len(rows) + 1


@given(rows=ROWS)
def test_json_lines_are_read_back_as_they_were(rows: list[Values]) -> None:
    lines = TABLE.json_lines(rows).decode().split("\n")
    assert lines.pop() == ""
    assert [json.loads(line) for line in lines] == rows


def test_each_kind_of_value_has_its_form() -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, 600_000, tzinfo=UTC)
    row = {"a": None, "b": {"ü": "1"}, "c": moment}
    assert TABLE.csv_lines([row]) == ',"{""ü"":""1""}",2026-01-02T03:04:05.600000Z\r\n'.encode()
    assert TABLE.json_lines([row]) == (
        '{"a":null,"b":{"ü":"1"},"c":"2026-01-02T03:04:05.600000Z"}\n'.encode()
    )
    assert TABLE.csv_lines([{"a": 7, "b": "", "c": "x"}]) == b"7,,x\r\n"


@given(size=st.integers(0, 3 * PIECE_BYTES))
def test_pieces_make_up_the_whole(size: int) -> None:
    data = b"x" * size
    made = list(pieces(data))
    assert b"".join(made) == data
    assert all(0 < len(piece) <= PIECE_BYTES for piece in made)


async def test_a_reader_is_checked_again_after_each_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    class Revoked:
        """A call whose credential is revoked while its third piece is read."""

        read = 0

        async def check_may_go_on(self) -> None:
            if self.read == 3:
                raise DomainError(Reason.CREDENTIAL_INVALID, "revoked")

    async def one_page() -> AsyncGenerator[list[str], None]:
        yield ["x" * PIECE_BYTES] * 9

    call: Any = Revoked()
    table: Table[str] = Table({"text": lambda row: row})

    async def read() -> None:
        async for _ in coupon_jobs._file(call, table, one_page(), as_json=True):
            call.read += 1

    with pytest.raises(DomainError, match="revoked"):
        await read()
    assert call.read == 3
