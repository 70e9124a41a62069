"""`coupons grants`: the stream of what a tenant's systems have to know."""

import time
from collections.abc import Iterator
from contextlib import suppress

import click

from phoenix_coupons import UnauthenticatedError, UnavailableError
from phoenix_coupons.v1 import (
    AcknowledgeGrantsRequest,
    GetGrantCursorRequest,
    GrantDeliveryStub,
    WatchGrantsRequest,
    WatchGrantsResponse,
)
from phoenix_coupons_cli import options, output, session
from phoenix_coupons_cli.command import Group

_RETRY_SECONDS = 1.0


@click.group(cls=Group)
def grants() -> None:
    """The stream of grants and other events."""


@grants.command()
@click.option("--cursor", default="", help="Begin after this one. Default: the tenant's own.")
@options.event_types("An event type to show; repeatable. Default: all.")
@click.option("--acknowledge", is_flag=True, help="Acknowledge each event once it is printed.")
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    default=0,
    help="End after so many events.  [default: go on]",
)
def watch(cursor: str, types: tuple[str, ...], acknowledge: bool, limit: int) -> None:
    """Print events as they happen, a line each, until Ctrl-C.

    Goes on by itself when the service is restarted. To acknowledge an event is to acknowledge
    all before it, of whatever type.

    \b
    Examples:
      coupons grants watch
      coupons grants watch --type coupon.redeemed --acknowledge --json
    """
    request = WatchGrantsRequest(tenant_id=session.tenant_id(), cursor=cursor, event_types=types)
    # Ctrl-C is how it is meant to end.
    with suppress(KeyboardInterrupt):
        _watch(session.grants(), request, acknowledge=acknowledge, limit=limit)


def _watch(
    stub: GrantDeliveryStub, request: WatchGrantsRequest, *, acknowledge: bool, limit: int
) -> None:
    left = limit
    for response in _responses(stub, request):
        if not response.HasField("event"):
            continue
        _print(response)
        if acknowledge:
            stub.AcknowledgeGrants(
                AcknowledgeGrantsRequest(tenant_id=request.tenant_id, cursor=response.cursor)
            )
        left -= 1
        if left == 0:
            return


def _responses(
    stub: GrantDeliveryStub, request: WatchGrantsRequest
) -> Iterator[WatchGrantsResponse]:
    """The stream; resumed from its last cursor when it breaks off."""
    has_begun = False
    while True:
        is_admitted = False
        call = stub.WatchGrants(request)
        try:
            for response in call:
                has_begun = is_admitted = True
                request.cursor = response.cursor
                yield response
        except UnavailableError:
            if not has_begun:
                raise
            time.sleep(_RETRY_SECONDS)
        except UnauthenticatedError:
            # The stream's token has expired; the next call has a new one.
            if not is_admitted:
                raise
        finally:
            call.cancel()


def _print(response: WatchGrantsResponse) -> None:
    if output.wants_json():
        output.show_line(response)
        return
    event = response.event
    subject = {
        "grant": event.grant.reward_item.name,
        "reversal": event.reversal.reason,
        "issuance": event.issuance.code,
        "revocation": event.revocation.reason,
        "guessing": f"{event.guessing.failures} failures in {event.guessing.window.seconds} s",
    }.get(event.WhichOneof("subject") or "", "")
    cells = (
        event.occurred_at.ToJsonString()[:19] + "Z",
        f"{event.type:19}",
        event.id,
        event.user_id,
        subject,
        response.cursor,
    )
    click.echo("  ".join(map(output.printable, cells)))


@grants.command()
@click.argument("cursor")
def ack(cursor: str) -> None:
    """Acknowledge every event up to a cursor.

    \b
    Example:
      coupons grants ack CURSOR
    """
    request = AcknowledgeGrantsRequest(tenant_id=session.tenant_id(), cursor=cursor)
    output.show(session.grants().AcknowledgeGrants(request))


@grants.command()
def cursor() -> None:
    """Show how far events are acknowledged, and where the stream ends.

    \b
    Example:
      coupons grants cursor
    """
    request = GetGrantCursorRequest(tenant_id=session.tenant_id())
    output.show(session.grants().GetGrantCursor(request))
