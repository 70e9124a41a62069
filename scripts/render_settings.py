"""Renders the table of settings into a document, between its two markers.

    python scripts/render_settings.py docs/operations.md

What a setting means is its docstring in `coupon_server.settings`.
"""

import ast
import inspect
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from coupon_server import settings
from coupon_server.settings import PREFIX, Settings

START, END = "<!-- settings: start -->", "<!-- settings: end -->"


def table() -> str:
    """The settings as a Markdown table, in the order of their declaration."""
    described = dict(_docstrings())
    properties = Settings.model_json_schema()["properties"]
    rows = [
        f"| `{PREFIX}{name.upper()}` | {_accepts(properties[name])} | {_default(name)} "
        f"| {described[name]} |"
        for name in Settings.model_fields
    ]
    return "\n".join(["| variable | accepts | default | meaning |", "|---|---|---|---|", *rows])


def _docstrings() -> Iterator[tuple[str, str]]:
    """Each attribute of the module's classes that a string follows, with that string."""
    for node in ast.walk(ast.parse(inspect.getsource(settings))):
        if not isinstance(node, ast.ClassDef):
            continue
        for statement, following in zip(node.body, node.body[1:], strict=False):
            match statement, following:
                case (
                    ast.AnnAssign(target=ast.Name(id=name)),
                    ast.Expr(value=ast.Constant(value=str(text))),
                ):
                    yield name, " ".join(text.split())


def _accepts(schema: Mapping[str, Any]) -> str:
    # An optional setting is "this or null".
    schema = schema.get("anyOf", [schema])[0]
    if "enum" in schema:
        return ", ".join(f"`{word}`" for word in schema["enum"])
    match schema:
        case {"type": "boolean"}:
            return "`true`, `false`"
        case {"type": "integer"}:
            return f"{schema['minimum']} to {schema['maximum']}"
        case {"format": "password"}:
            return "text (a secret)"
        case {"format": "path"}:
            return "path of a file"
    return "text"


def _default(name: str) -> str:
    field = Settings.model_fields[name]
    if field.is_required():
        return "required"
    match field.default:
        case None:
            return "unset"
        case bool(value):
            return f"`{str(value).lower()}`"
    return f"`{field.default}`"


def main() -> None:
    """Replaces the table in the document that the command line names."""
    document = Path(sys.argv[1])
    before, _, rest = document.read_text(encoding="utf-8").partition(START)
    _, _, after = rest.partition(END)
    text = f"{before}{START}\n{table()}\n{END}{after}"
    document.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
