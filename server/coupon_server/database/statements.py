"""SQL statements with named parameters, from the .sql file beside their repository.

The statements of `storage/guesses.py` are in `storage/sql/guesses.sql`, each under a line
`-- name: …`. A section under `-- fragment: …` is no statement: it stands where a statement has its
name in braces.

`:name` becomes the driver's `$1` once, when the module is imported, so that a call costs no more
than its positional equivalent; of aiosql, which has the same files, it costs 30 µs more.
"""

import re
from collections.abc import Awaitable, Iterator, Mapping
from importlib import resources
from typing import Any

import asyncpg

from coupon_server.database.driver_pool import DriverConnection

_SECTION = re.compile(r"^-- (name|fragment): (\w+)\n", re.MULTILINE)
_COMMENT = re.compile(r"^ *--.*\n", re.MULTILINE)
# Casts (`::uuid[]`) and literals are passed over.
_PARAMETER = re.compile(r"::|'[^']*'|:(?P<name>[a-z]\w*)")


class Statement:
    """A statement whose `parameters` are passed by name."""

    def __init__(self, sql: str) -> None:
        names: dict[str, int] = {}

        def numbered(match: re.Match[str]) -> str:
            name = match["name"]
            return f"${names.setdefault(name, len(names) + 1)}" if name else match[0]

        self.text = _PARAMETER.sub(numbered, sql)
        self.parameters = tuple(names)

    def fetch(self, connection: DriverConnection, **values: Any) -> Awaitable[list[asyncpg.Record]]:
        """All rows."""
        return connection.fetch(self.text, *self._arguments(values))

    def fetch_row(
        self, connection: DriverConnection, **values: Any
    ) -> Awaitable[asyncpg.Record | None]:
        """The first row."""
        return connection.fetchrow(self.text, *self._arguments(values))

    def fetch_value(self, connection: DriverConnection, **values: Any) -> Awaitable[Any]:
        """The first column of the first row; None if there is no row."""
        return connection.fetchval(self.text, *self._arguments(values))

    def execute(self, connection: DriverConnection, **values: Any) -> Awaitable[str]:
        """No row."""
        return connection.execute(self.text, *self._arguments(values))

    def _arguments(self, values: Mapping[str, Any]) -> list[Any]:
        if len(values) != len(self.parameters):
            raise TypeError(f"the statement takes {self.parameters}, not {tuple(values)}")
        return [values[name] for name in self.parameters]


def statements(module: str, **foreign: str) -> Mapping[str, Statement]:
    """The statements of a repository's .sql file, by name.

    `foreign`: fragments of other repositories that the file names in braces.
    """
    return {
        name: Statement(sql) for kind, name, sql in _sections(module, foreign) if kind == "name"
    }


def fragments(module: str) -> Mapping[str, str]:
    """The fragments of a repository's .sql file, by name, for another repository's statements."""
    return {name: sql for kind, name, sql in _sections(module, {}) if kind == "fragment"}


def _sections(module: str, foreign: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """The kind, name and SQL of each section, with the fragments before it filled in."""
    package, _, repository = module.rpartition(".")
    file = resources.files(package) / "sql" / f"{repository}.sql"
    _, *sections = _SECTION.split(file.read_text())
    known = dict(foreign)
    for kind, name, body in zip(sections[::3], sections[1::3], sections[2::3], strict=True):
        sql = _COMMENT.sub("", body).strip()
        for fragment, text in known.items():
            sql = sql.replace(f"{{{fragment}}}", text)
        if kind == "fragment":
            known[name] = sql
        yield kind, name, sql
