"""Dates and times as people write them, in a time zone that the command states."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click
from google.protobuf.timestamp_pb2 import Timestamp

from phoenix_coupons_cli import output

RULE = "must be ISO 8601, such as 2026-12-31 or 2026-12-31T23:59:59Z"

_ZONE = "phoenix_coupons_cli.timezone"
_ANNOUNCED = "phoenix_coupons_cli.timezone_announced"

AnyCommand = Callable[..., Any]


class Zone(click.ParamType[ZoneInfo]):
    """A name of the IANA Time Zone Database (RFC 6557)."""

    name = "zone"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> ZoneInfo:
        try:
            return ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self.fail(f"{value!r} is no time zone, such as Europe/Berlin or UTC", param, ctx)


def _choose(ctx: click.Context, _: click.Parameter, chosen: ZoneInfo | None) -> None:
    ctx.meta[_ZONE] = chosen


timezone: Callable[[AnyCommand], AnyCommand] = click.option(
    "--timezone",
    type=Zone(),
    is_eager=True,
    expose_value=False,
    callback=_choose,
    help="Of dates, and of times without an offset.  [default: this machine's]",
)
"""The option that a command with dates has."""


class Instant(click.ParamType[str]):
    """A date or time in ISO 8601; becomes RFC 3339.

    A date alone is its first instant, and as an end its last.
    """

    name = "time"

    def __init__(self, *, is_end: bool = False) -> None:
        self._is_end = is_end

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        zone = chosen_zone()
        try:
            instant = parse(value, zone, is_end=self._is_end)
        except ValueError:
            self.fail(f"{value!r} {RULE}", param, ctx)
        if datetime.fromisoformat(value).tzinfo is None:
            announce(zone)
        return instant.isoformat()


def parse(text: str, zone: tzinfo, *, is_end: bool = False) -> datetime:
    """The instant that the text means, in UTC. Raises ValueError."""
    instant = _last_instant(text) if is_end else None
    instant = instant or datetime.fromisoformat(text)
    try:
        return (instant if instant.tzinfo else instant.replace(tzinfo=zone)).astimezone(UTC)
    except OverflowError:
        # At the ends of the calendar.
        raise ValueError(text) from None


def chosen_zone() -> tzinfo:
    """The time zone of the running command."""
    chosen: tzinfo | None = click.get_current_context().meta.get(_ZONE)
    if chosen is None:
        import tzlocal

        try:
            chosen = tzlocal.get_localzone()
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise click.UsageError(
                f"this machine's time zone has no name that is known ({error}); give --timezone"
            ) from None
    return chosen


def announce(zone: tzinfo) -> None:
    """Say once which time zone counts."""
    meta = click.get_current_context().meta
    if not meta.get(_ANNOUNCED):
        meta[_ANNOUNCED] = True
        output.note(f"Dates, and times without an offset, are in {zone}.")


def timestamp(instant: str | None) -> Timestamp | None:
    """The message of an `Instant`."""
    if instant is None:
        return None
    message = Timestamp()
    message.FromJsonString(instant)
    return message


def _last_instant(text: str) -> datetime | None:
    """The last instant of a date; None for a text that is no date alone."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return datetime.combine(day, time()) + timedelta(days=1, microseconds=-1)
