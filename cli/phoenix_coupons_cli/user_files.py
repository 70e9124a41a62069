"""Files of user ids."""

from collections.abc import Callable, Iterator
from typing import Any

import click

from phoenix_coupons_cli import table_files
from phoenix_coupons_cli.table_files import Header, Row, Table, UnreadableFile

PARAMETER = "--users-file"

_COLUMN = "user_id"
_MISNAMED = frozenset({"user", "users", "userid", "id", "name", "customer", "customer_id", "email"})
"""What a first line may hold that is meant to name the column."""

AnyCommand = Callable[..., Any]


def users_file(command: AnyCommand) -> AnyCommand:
    """The options that name a file of users; they come as `users_file` and `encoding`."""
    file = click.option(
        PARAMETER,
        type=table_files.file_type,
        help="CSV or .xlsx: the column user_id; without a first line that names the columns, the"
        " only one. Spaces at the ends of an id are left out. - for stdin.",
    )
    return file(table_files.encoding(command))


class UsersFile:
    """The users in a file, which is checked whole before the first is read."""

    def __init__(self, table: Table) -> None:
        """Raises UnreadableFile."""
        self._table = table
        self._count = sum(1 for _ in self)
        if not self._count:
            raise UnreadableFile(None, "names no user")

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[str]:
        rows = self._table.rows()
        first = next(rows, None)
        if first is None:
            return
        names = Header.names(first)
        if _COLUMN in names:
            # Columns beside it say more about the user, and nothing about the coupon.
            header = Header.of(first, [_COLUMN], names)
            yield from (_user(row, header) for row in rows)
            return
        if len(names) > 1 or names[0] in _MISNAMED:
            raise UnreadableFile(first.line, f"must name a column user_id, not {', '.join(names)}")
        header = Header((_COLUMN,))
        yield _user(first, header)
        yield from (_user(row, header) for row in rows)


def _user(row: Row, header: Header) -> str:
    cell = row.unreadable_cell()
    if cell is not None:
        raise UnreadableFile(row.line, f"{cell!r} has bytes of another encoding; see --encoding")
    try:
        user = header.cells(row)[_COLUMN]
    except ValueError as error:
        raise UnreadableFile(row.line, str(error)) from None
    if not user:
        raise UnreadableFile(row.line, "has no user_id")
    return user
