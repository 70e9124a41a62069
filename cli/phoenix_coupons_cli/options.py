"""Options and kinds of values that several commands share."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, TextIO

import click
from buf.validate import validate_pb2
from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message

from phoenix_coupons.v1 import Coupon, WatchGrantsRequest

AnyCommand = Callable[..., Any]

limit = click.option(
    "--limit",
    type=click.IntRange(min=0),
    default=50,
    show_default=True,
    help="How many to show; 0 for all.",
)
reason = click.option("--reason", required=True, help="Why; kept with the record.")

_COUPON_FILTER: tuple[Callable[[AnyCommand], AnyCommand], ...] = (
    click.option("--definition", "definition_id", default="", help="Of this definition."),
    click.option("--generation", "generation_id", default="", help="Of this generation or import."),
    click.option("--user", "user_id", default="", help="Of this user."),
    click.option("--code", default="", help="That this typed code means."),
    click.option("--status", type=click.Choice(Coupon.Status.keys()[1:]), help="Of this status."),
    click.option("--source", type=click.Choice(Coupon.Source.keys()[1:]), help="Of this source."),
)


def coupon_filter(command: AnyCommand) -> AnyCommand:
    """Which coupons: options that come under the names of the requests' fields."""
    for option in reversed(_COUPON_FILTER):
        command = option(command)
    return command


def event_types(description: str) -> Callable[[AnyCommand], AnyCommand]:
    """The option `--type`, of the types of events that the contract knows."""
    field = WatchGrantsRequest.DESCRIPTOR.fields_by_name["event_types"]
    known = field.GetOptions().Extensions[validate_pb2.field].repeated.items.string
    return click.option(
        "--type",
        "types",
        multiple=True,
        type=click.Choice([*getattr(known, "in")]),
        help=description,
    )


_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class Span(click.ParamType[str]):
    """A length of time such as 30d, 12h, 15m or 45s; becomes a protobuf JSON duration."""

    name = "span"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        match = re.fullmatch(r"(\d+)([smhd])", value)
        if match is None:
            self.fail(f"{value!r} is no length of time, such as 30d, 12h, 15m or 45s", param, ctx)
        return f"{int(match[1]) * _SECONDS[match[2]]}s"


def span(duration: Duration) -> str:
    """A length of time as a `Span` is typed, in the largest unit that needs no fraction."""
    seconds = duration.ToTimedelta().total_seconds()
    unit = next((unit for unit in "dhm" if seconds and seconds % _SECONDS[unit] == 0), "s")
    return f"{seconds / _SECONDS[unit]:g}{unit}"


class Pair(click.ParamType[tuple[str, str]]):
    """`key=value`."""

    name = "key=value"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        key, separator, text = value.partition("=")
        if not separator:
            self.fail(f"{value!r} is not key=value", param, ctx)
        return key, text


def json_object(text: str | TextIO, option: str) -> dict[str, Any]:
    """The JSON object given to an option, as text or file."""
    try:
        value = json.loads(text if isinstance(text, str) else text.read())
    except ValueError as error:
        raise click.BadParameter(f"not valid JSON: {error}", param_hint=option) from None
    if not isinstance(value, dict):
        raise click.BadParameter("must be a JSON object", param_hint=option)
    return value


def paths_in(values: dict[str, Any], descriptor: Descriptor) -> Iterator[str]:
    """The paths of what protobuf JSON sets in a message, for a mask.

    A message of the contract within it is changed in part: its paths are those of its fields.
    """
    for field in descriptor.fields:
        for value in (values[name] for name in {field.name, field.json_name} & values.keys()):
            part = field.message_type
            if isinstance(value, dict) and part and _is_of(part, descriptor):
                yield from (f"{field.name}.{path}" for path in paths_in(value, part))
            else:
                yield field.name


def _is_of(part: Descriptor, whole: Descriptor) -> bool:
    """Whether it is a message of the same contract, not a map or one of protobuf's own."""
    return part.file.package == whole.file.package and not part.GetOptions().map_entry


def fill(message: Message, values: dict[str, Any], option: str) -> None:
    """Set fields of `message` from protobuf JSON that was given to an option."""
    try:
        json_format.ParseDict(values, message)
    except json_format.ParseError as error:
        raise click.BadParameter(str(error).splitlines()[0], param_hint=option) from None
