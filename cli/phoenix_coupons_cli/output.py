"""Answers as tables for people and as JSON for programs."""

import dataclasses
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias

import click
from google.protobuf.message import Message

from phoenix_coupons import json_object

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Answer: TypeAlias = "Message | DataclassInstance"

_JSON = "phoenix_coupons_cli.json"


def choose_json(ctx: click.Context, _: click.Parameter, chosen: bool) -> None:
    """The callback of `--json`."""
    ctx.meta[_JSON] = chosen


def wants_json() -> bool:
    """Whether the running command was given `--json`."""
    return bool(click.get_current_context().meta.get(_JSON))


def show(answer: Answer, fields: Sequence[str] = ()) -> None:
    """Print one message or dataclass: all of it as JSON; for people, a line per field.

    `fields` are the paths to show to people, such as `coupon.id`. Default: whatever
    is not empty.
    """
    if wants_json():
        _echo_json(_record(answer))
        return
    flat = _flat(_visible(answer))
    shown = {path: flat.get(path) for path in fields} if fields else flat
    lines = {path: _cell(value) for path, value in shown.items() if value not in (None, "", [])}
    width = max(map(len, lines), default=0)
    for path, value in lines.items():
        click.echo(f"{path:{width}}  {value}")


def show_line(answer: Answer) -> None:
    """Print one message or dataclass as JSON on a line of its own (JSON Lines)."""
    click.echo(json.dumps(_record(answer), ensure_ascii=False, default=str))


def show_value(name: str, value: object) -> None:
    """Print a single value, bare for people and as `{name: value}` in JSON."""
    if wants_json():
        _echo_json({name: value})
    else:
        click.echo(value)


def show_list(answers: Iterable[Answer], fields: Sequence[str]) -> None:
    """Print messages or dataclasses: a JSON array; for people, a table of `fields`."""
    if wants_json():
        _echo_json([*map(_record, answers)])
        return
    shown = (_flat(_visible(answer)) for answer in answers)
    rows = [[_short(path, flat.get(path)) for path in fields] for flat in shown]
    header = [path.rpartition(".")[2].replace("_", " ").upper() for path in fields]
    if sys.stdout.isatty():
        _draw(header, rows)
    else:
        _align(header, rows)


def note(text: str) -> None:
    """Print a note for people, besides the answer."""
    if not wants_json():
        click.echo(text, err=True)


def warn(text: str) -> None:
    """Print a warning, with `--json` too."""
    click.echo(printable(text), err=True)


def printable(text: str) -> str:
    """Without the characters that could steer a terminal."""
    return "".join(character if character.isprintable() else " " for character in text)


def _record(answer: Answer) -> dict[str, Any]:
    if isinstance(answer, Message):
        data = json_object(answer)
        return {
            field.name: data[field.name] for field in answer.DESCRIPTOR.fields if field.name in data
        }
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in dataclasses.asdict(answer).items()
    }


def _visible(answer: Answer) -> dict[str, Any]:
    """The answer as people see it, without unspecified enumerators."""
    record = _record(answer)
    if isinstance(answer, Message):
        _leave_out_unspecified(answer, record)
    return record


def _leave_out_unspecified(message: Message, record: dict[str, Any]) -> None:
    for field in message.DESCRIPTOR.fields:
        value, part = record.get(field.name), getattr(message, field.name)
        if field.enum_type and value == field.enum_type.values_by_number[0].name:
            del record[field.name]
        elif isinstance(value, dict) and isinstance(part, Message):
            _leave_out_unspecified(part, value)


def _echo_json(data: object) -> None:
    click.echo(json.dumps(data, indent=2, ensure_ascii=False, default=str))


def _flat(record: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in record.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{prefix}{name}.")
        else:
            flat[prefix + name] = value
    return flat


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(map(_cell, value))
        case _:
            return printable(str(value))


def _short(path: str, value: object) -> str:
    # Fractions of a second only widen a table.
    text = _cell(value)
    return text[:19] + "Z" if path.endswith("_at") and len(text) > 20 else text


def _align(header: list[str], rows: list[list[str]]) -> None:
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    for row in [header, *rows]:
        padded = (f"{cell:{width}}" for cell, width in zip(row, widths, strict=True))
        click.echo("  ".join(padded).rstrip())


def _draw(header: list[str], rows: list[list[str]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD)
    for name in header:
        # Ids and codes are there to be copied: never broken over two lines.
        copied = name.endswith("ID") or name == "CODE"
        table.add_column(name, no_wrap=copied, overflow="fold")
    for row in rows:
        table.add_row(*row)
    Console(markup=False, emoji=False, highlight=False).print(table)
