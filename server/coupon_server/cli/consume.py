"""`coupons consume`: events from a broker."""

import asyncio
import os
import re
import signal
from pathlib import Path

import click
import structlog
import uvloop

from coupon_server.assemblies.consumer import consume as consume_events
from coupon_server.assemblies.core import explanation
from coupon_server.cli.serve import load_settings
from coupon_server.database.transactions import DatabaseNotReady
from coupon_server.settings import EventSettings, nats_servers
from coupon_server.workers.event_consumer import Broker, BrokerNotReady
from phoenix_coupons_cli.command import Exit

log = structlog.get_logger()

_NAME = re.compile(r"[A-Za-z0-9_-]+")
_READABLE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)


class _Urls(click.types.StringParamType):
    """As the service takes them from the same variable."""

    envvar_list_splitter = ","


def _servers(_: click.Context, __: click.Parameter, given: tuple[str, ...]) -> list[str]:
    try:
        return nats_servers(",".join(given))
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def _name(_: click.Context, __: click.Parameter, given: str) -> str:
    if not _NAME.fullmatch(given):
        raise click.BadParameter("must be A-Z a-z 0-9 _ -, at least one of them")
    return given


@click.command()
@click.option(
    "--nats",
    "servers",
    type=_Urls(),
    multiple=True,
    required=True,
    callback=_servers,
    envvar="COUPONS_NATS_URL",
    help="A server's URL, nats://… or tls://…; or several, separated by commas."
    "  [COUPONS_NATS_URL]",
)
@click.option(
    "--credentials",
    type=_READABLE,
    envvar="COUPONS_NATS_CREDENTIALS_FILE",
    help="The user's credentials file (.creds).  [COUPONS_NATS_CREDENTIALS_FILE]",
)
@click.option(
    "--ca",
    "authorities",
    type=_READABLE,
    envvar="COUPONS_NATS_CA_FILE",
    help="CA certificates (PEM) to trust.  [COUPONS_NATS_CA_FILE]",
)
@click.option(
    "--stream",
    default=Broker.stream,
    show_default=True,
    callback=_name,
    help="Where events are.",
)
@click.option(
    "--dead-stream",
    default=Broker.dead_stream,
    show_default=True,
    callback=_name,
    help="Where dead letters go.",
)
@click.option(
    "--consumer",
    default=Broker.consumer,
    show_default=True,
    callback=_name,
    help="The durable consumer.",
)
def consume(
    servers: list[str],
    credentials: Path | None,
    authorities: Path | None,
    stream: str,
    dead_stream: str,
    consumer: str,
) -> None:
    """Consume events from NATS JetStream, besides those of calls.

    \b
    A message on coupons.events.TENANT_ID is a CloudEvent 1.0, structured or binary.
    It is acknowledged when the event is durable; one that can never be an event is
    dead-lettered to coupons.dead.TENANT_ID, with the reason in its headers. Missing
    streams and consumers are created. COUPONS_DATABASE_URL must be set. Any number
    may run; SIGTERM or Ctrl-C lets fetched messages finish.

    \b
    Examples:
      coupons consume --nats nats://localhost:4222
      coupons consume --nats tls://broker:4222 --ca ca.pem --credentials coupons.creds
    """
    if dead_stream == stream:
        raise click.UsageError("--dead-stream must be another stream than --stream")
    settings = load_settings(EventSettings, os.environ)
    broker = Broker(servers, stream, dead_stream, consumer, credentials, authorities)
    try:
        uvloop.run(_consume(settings, broker))
    except DatabaseNotReady as error:
        raise _NotReady(explanation(error)) from None
    except BrokerNotReady as error:
        raise _NotReady(f"{_OPTIONS.get(error.part or '', '')}{error}") from None


async def _consume(settings: EventSettings, broker: Broker) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await consume_events(
        settings, broker, ready=lambda: log.info("consumer_ready", stream=broker.stream), stop=stop
    )
    log.info("consumer_stopped")


_OPTIONS = {
    "servers": "the broker of --nats ",
    "credentials": "--credentials ",
    "authorities": "--ca ",
}
"""How errors name the fields of `Broker`."""


class _NotReady(click.ClickException):
    exit_code = Exit.UNREACHABLE
