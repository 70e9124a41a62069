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

from coupon_server.database.driver import DriverConnection

_SECTION = re.compile(r"^-- (name|fragment): (\w+)\n", re.MULTILINE)
# The three below pass over literals and quoted names.
_QUOTED = r"""'[^']*'|"[^"]*["]"""
_COMMENT = re.compile(rf"(?P<quoted>{_QUOTED})|^ *--.*\n| *--.*", re.MULTILINE)
_FRAGMENT = re.compile(rf"{_QUOTED}|\{{(?P<name>\w+)\}}")
# Casts (`::uuid[]`) are passed over, too.
_PARAMETER = re.compile(rf"{_QUOTED}|::|:(?P<name>[a-z]\w*)")


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
        try:
            if len(values) == len(self.parameters):
                return [values[name] for name in self.parameters]
        except KeyError:
            pass
        raise TypeError(f"the statement takes {self.parameters}, not {tuple(values)}")


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
    package, _, repository = module.rpartition(".")
    file = resources.files(package) / "sql" / f"{repository}.sql"
    return parse(file.read_text(), foreign)


def parse(text: str, foreign: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """The kind, name and SQL of each section, with the fragments before it filled in.

    Raises ValueError when two have one name, and when one names a fragment that is not known.
    """
    _, *sections = _SECTION.split(text)
    known = dict(foreign)
    names = {*foreign}
    for kind, name, body in zip(sections[::3], sections[1::3], sections[2::3], strict=True):
        if name in names:
            raise ValueError(f"there are two sections named {name}")
        names.add(name)
        uncommented = _COMMENT.sub(lambda match: match["quoted"] or "", body)
        sql = _filled_in(name, uncommented, known).strip()
        if kind == "fragment":
            known[name] = sql
        yield kind, name, sql


def _filled_in(section: str, sql: str, known: Mapping[str, str]) -> str:
    def fragment(match: re.Match[str]) -> str:
        name = match["name"]
        if name and name not in known:
            raise ValueError(f"{section} names a fragment that does not stand before it: {name}")
        return known[name] if name else match[0]

    return _FRAGMENT.sub(fragment, sql)
