"""The statements in .sql files: they fit the schema, are used, and take parameters by name."""

import ast
import re
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

import asyncpg
import pytest

import coupon_server
from coupon_server.database.statements import Statement, fragments, parse
from coupon_server.database.tables import metadata

SERVER = Path(coupon_server.__file__).parent
FILES = sorted(SERVER.rglob("sql/*.sql"))
REPOSITORIES = sorted({*SERVER.rglob("storage/*.py"), *SERVER.rglob("services/*.py")})


def module_of(file: Path) -> str:
    """The repository that `storage/sql/<repository>.sql` is for."""
    package = file.parent.parent.relative_to(SERVER.parent)
    return ".".join([*package.parts, file.stem])


def statements_of(file: Path) -> Mapping[str, Statement]:
    """None, if the file has only fragments for other repositories."""
    statements: Mapping[str, Statement] = vars(import_module(module_of(file))).get("_SQL", {})
    assert statements or fragments(module_of(file))
    return statements


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
async def test_every_statement_fits_the_schema(
    file: Path, connection: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    for statement in statements_of(file).values():
        prepared = await connection.prepare(statement.text)
        assert len(prepared.get_parameters()) == len(statement.parameters)


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_every_statement_is_used(file: Path) -> None:
    repository = import_module(module_of(file))
    source = Path(str(repository.__file__)).read_text()
    constants = {
        statement.text: name
        for name, statement in vars(repository).items()
        if isinstance(statement, Statement)
    }
    assert constants.keys() == {one.text for one in statements_of(file).values()}
    for name in constants.values():
        assert re.search(rf"\b{name}\.(fetch|fetch_row|fetch_value|execute)\(", source), name


async def test_a_later_column_changes_no_result(
    connection: "asyncpg.Connection[asyncpg.Record]",
) -> None:
    """PostgreSQL would refuse the statements that were prepared before the migration."""
    statements = {
        f"{file.stem}.{name}": statement.text
        for file in FILES
        for name, statement in statements_of(file).items()
    }

    async def results() -> dict[str, list[str]]:
        return {
            name: [column.name for column in (await connection.prepare(text)).get_attributes()]
            for name, text in statements.items()
        }

    before = await results()
    await connection.execute(
        "".join(f"ALTER TABLE {table} ADD COLUMN later text;" for table in metadata.tables)
    )
    assert await results() == before


@pytest.mark.parametrize("file", REPOSITORIES, ids=lambda file: str(file.relative_to(SERVER)))
def test_no_statement_stands_in_python(file: Path) -> None:
    texts = [
        node.value
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    sql = r"\s*(SELECT|INSERT INTO|UPDATE|DELETE FROM|WITH)\s"
    assert [text for text in texts if re.match(sql, text)] == []


def test_parameters_are_numbered_once_and_passed_by_name() -> None:
    statement = Statement("SELECT :b::text, ':c', :a, :b WHERE t.x::uuid[] = ANY (:a::uuid[])")
    assert statement.text == "SELECT $1::text, ':c', $2, $1 WHERE t.x::uuid[] = ANY ($2::uuid[])"
    assert statement.parameters == ("b", "a")
    assert statement._arguments({"a": 1, "b": 2}) == [2, 1]


@pytest.mark.parametrize("values", [{}, {"a": 1}, {"a": 1, "c": 2}, {"a": 1, "b": 2, "c": 3}])
def test_other_parameters_than_those_of_the_statement_are_refused(values: dict[str, int]) -> None:
    refusal = f"the statement takes ('a', 'b'), not {tuple(values)}"
    with pytest.raises(TypeError, match=f"^{re.escape(refusal)}$"):
        Statement("SELECT :a, :b")._arguments(values)


def test_comments_are_no_part_of_a_statement() -> None:
    [(_, _, sql)] = parse(
        "-- name: one\n"
        "-- It's :no {fragment}.\n"
        "SELECT '--:a', -- it's :this\n"
        '    "b--c" -- {that}\n'
        "    -- and those\n"
        "FROM d -- at last",
        {},
    )
    assert sql == "SELECT '--:a',\n    \"b--c\"\nFROM d"


def test_a_fragment_stands_where_it_is_named() -> None:
    sections = parse(
        "-- fragment: own\n{other}.b\n-- name: one\nSELECT {own}, '{own}'", {"other": "a"}
    )
    assert [*sections] == [("fragment", "own", "a.b"), ("name", "one", "SELECT a.b, '{own}'")]


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("-- name: one\nSELECT 1\n-- name: one\nSELECT 2", "two sections named one"),
        ("-- fragment: one\na\n-- name: one\nSELECT 2", "two sections named one"),
        ("-- fragment: other\na", "two sections named other"),
        ("-- name: one\nSELECT {misspelt}", "does not stand before it: misspelt"),
        ("-- name: one\nSELECT {own}\n-- fragment: own\na", "does not stand before it: own"),
    ],
)
def test_a_name_that_means_two_things_or_none_is_refused(text: str, refusal: str) -> None:
    with pytest.raises(ValueError, match=refusal):
        list(parse(text, {"other": "b"}))


def test_the_wheel_has_the_statements(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=SERVER.parent.parent, check=True, capture_output=True)
    [wheel] = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {str(file.relative_to(SERVER.parent)) for file in FILES} <= {*names}
