"""`coupons webhooks`: endpoints to which events are sent."""

from typing import Any

import click
from google.protobuf.field_mask_pb2 import FieldMask

from phoenix_coupons.v1 import (
    CreateWebhookEndpointRequest,
    DeleteWebhookEndpointRequest,
    GetWebhookEndpointRequest,
    ListDeadLettersRequest,
    ListWebhookAttemptsRequest,
    ListWebhookEndpointsRequest,
    PauseWebhookEndpointRequest,
    RedeliverWebhookRequest,
    RedeliverWebhookResponse,
    ResumeWebhookEndpointRequest,
    RotateWebhookSecretRequest,
    TestWebhookEndpointRequest,
    UpdateWebhookEndpointRequest,
    WebhookAttempt,
    WebhookEndpoint,
)
from phoenix_coupons_cli import options, output, session
from phoenix_coupons_cli.command import Exit, Group

_LARGEST_REDELIVERY = 10_000
"""The most dead letters that one call sends again."""

_event_types = options.event_types("An event type to send; repeatable. Default: all.")


@click.group(cls=Group)
def webhooks() -> None:
    """Webhook endpoints, their delivery log and dead letters."""


@webhooks.command("list")
@options.limit
def list_webhooks(limit: int) -> None:
    """List webhook endpoints, newest first.

    \b
    Example:
      coupons webhooks list
    """
    request = ListWebhookEndpointsRequest(tenant_id=session.tenant_id())
    rows = session.pages(session.tenant_admin().ListWebhookEndpoints, request, "endpoints", limit)
    output.show_list(rows, ["endpoint_id", "url", "event_types", "status", "description"])


@webhooks.command()
@click.argument("endpoint_id")
def show(endpoint_id: str) -> None:
    """Show a webhook endpoint.

    \b
    Example:
      coupons webhooks show 0198c2f0-5a3b-7c1d-8e2f-000000000001
    """
    request = GetWebhookEndpointRequest(tenant_id=session.tenant_id(), endpoint_id=endpoint_id)
    output.show(session.tenant_admin().GetWebhookEndpoint(request).endpoint)


@webhooks.command()
@click.argument("url")
@_event_types
@click.option("--description", default="", help="What people call it.")
def create(url: str, types: tuple[str, ...], description: str) -> None:
    """Create a webhook endpoint. Its secret is shown this once.

    \b
    Example:
      coupons webhooks create https://example.com/coupons --type coupon.redeemed
    """
    request = CreateWebhookEndpointRequest(
        tenant_id=session.tenant_id(), url=url, event_types=types, description=description
    )
    output.show(session.tenant_admin().CreateWebhookEndpoint(request))


@webhooks.command()
@click.argument("endpoint_id")
@click.option("--url", help="Where to send.")
@_event_types
@click.option("--all-types", is_flag=True, help="Send every type.")
@click.option("--description", help="What people call it.")
@click.option("--etag", default="", help="Fail if it has changed since it had this etag.")
def update(
    endpoint_id: str, types: tuple[str, ...], all_types: bool, etag: str, **texts: str | None
) -> None:
    """Change a webhook endpoint.

    \b
    Example:
      coupons webhooks update ENDPOINT_ID --url https://example.com/new
    """
    if types and all_types:
        raise click.UsageError("--type and --all-types exclude each other")
    changes: dict[str, Any] = {name: text for name, text in texts.items() if text is not None}
    if types or all_types:
        changes["event_types"] = types
    if not changes:
        raise click.UsageError("name at least one change")
    request = UpdateWebhookEndpointRequest(
        tenant_id=session.tenant_id(),
        endpoint_id=endpoint_id,
        endpoint=WebhookEndpoint(etag=etag, **changes),
        update_mask=FieldMask(paths=changes),
    )
    output.show(session.tenant_admin().UpdateWebhookEndpoint(request).endpoint)


@webhooks.command()
@click.argument("endpoint_id")
@click.option("--etag", default="", help="Fail if it has changed since it had this etag.")
def delete(endpoint_id: str, etag: str) -> None:
    """Delete a webhook endpoint, with what waits for it.

    \b
    Example:
      coupons webhooks delete 0198c2f0-5a3b-7c1d-8e2f-000000000001
    """
    request = DeleteWebhookEndpointRequest(
        tenant_id=session.tenant_id(), endpoint_id=endpoint_id, etag=etag
    )
    output.show(session.tenant_admin().DeleteWebhookEndpoint(request))
    output.note(f"Deleted {endpoint_id}.")


@webhooks.command()
@click.argument("endpoint_id")
def pause(endpoint_id: str) -> None:
    """Send nothing for now; events wait.

    \b
    Example:
      coupons webhooks pause 0198c2f0-5a3b-7c1d-8e2f-000000000001
    """
    request = PauseWebhookEndpointRequest(tenant_id=session.tenant_id(), endpoint_id=endpoint_id)
    _show_status(session.tenant_admin().PauseWebhookEndpoint(request).endpoint)


@webhooks.command()
@click.argument("endpoint_id")
def resume(endpoint_id: str) -> None:
    """Send again, first what has waited.

    \b
    Example:
      coupons webhooks resume 0198c2f0-5a3b-7c1d-8e2f-000000000001
    """
    request = ResumeWebhookEndpointRequest(tenant_id=session.tenant_id(), endpoint_id=endpoint_id)
    _show_status(session.tenant_admin().ResumeWebhookEndpoint(request).endpoint)


def _show_status(endpoint: WebhookEndpoint) -> None:
    output.show(endpoint, ["endpoint_id", "url", "status"])


@webhooks.command()
@click.argument("endpoint_id")
@click.option(
    "--overlap",
    type=options.Span(),
    help="How long the secret before signs along: 0s to 30d.  [default: 24h]",
)
def rotate(endpoint_id: str, overlap: str | None) -> None:
    """Make a new secret for an endpoint. It is shown this once.

    \b
    Example:
      coupons webhooks rotate ENDPOINT_ID --overlap 2d
    """
    request = RotateWebhookSecretRequest(tenant_id=session.tenant_id(), endpoint_id=endpoint_id)
    if overlap is not None:
        request.overlap.FromJsonString(overlap)
    output.show(session.tenant_admin().RotateWebhookSecret(request))


@webhooks.command()
@click.argument("endpoint_id")
def test(endpoint_id: str) -> None:
    """Send a test event now; exits with 1 if it is not taken.

    \b
    Example:
      coupons webhooks test 0198c2f0-5a3b-7c1d-8e2f-000000000001
    """
    request = TestWebhookEndpointRequest(tenant_id=session.tenant_id(), endpoint_id=endpoint_id)
    attempt = session.tenant_admin().TestWebhookEndpoint(request).attempt
    output.show(attempt, ["event_id", "outcome", "error", "status_code", "latency_ms"])
    if attempt.outcome != WebhookAttempt.Outcome.delivered:
        click.get_current_context().exit(Exit.FAILED)


@webhooks.command()
@click.argument("endpoint_id")
@click.option("--event", "event_id", default="", help="Of this event.")
@click.option("--outcome", type=click.Choice(["delivered", "failed"]), help="With this outcome.")
@options.limit
def attempts(endpoint_id: str, event_id: str, outcome: str | None, limit: int) -> None:
    """List the delivery log of an endpoint, newest first.

    \b
    Example:
      coupons webhooks attempts ENDPOINT_ID --outcome failed
    """
    request = ListWebhookAttemptsRequest(
        tenant_id=session.tenant_id(),
        endpoint_id=endpoint_id,
        event_id=event_id,
        outcome=WebhookAttempt.Outcome.Value(outcome or "outcome_unspecified"),
    )
    rows = session.pages(session.tenant_admin().ListWebhookAttempts, request, "attempts", limit)
    output.show_list(
        rows,
        [
            "attempted_at",
            "event_type",
            "event_id",
            "attempt",
            "outcome",
            "error",
            "status_code",
            "latency_ms",
        ],
    )


@webhooks.command()
@click.argument("endpoint_id")
@options.limit
def dead(endpoint_id: str, limit: int) -> None:
    """List the events that an endpoint did not take in time.

    \b
    Example:
      coupons webhooks dead 0198c2f0-5a3b-7c1d-8e2f-000000000001
    """
    request = ListDeadLettersRequest(tenant_id=session.tenant_id(), endpoint_id=endpoint_id)
    rows = session.pages(session.tenant_admin().ListDeadLetters, request, "dead_letters", limit)
    output.show_list(
        rows, ["event_id", "event_type", "user_id", "attempts", "error", "status_code", "died_at"]
    )


@webhooks.command()
@click.argument("endpoint_id")
@click.argument("event_id", required=False)
@click.option("--all", "everything", is_flag=True, help="Every dead letter of the endpoint.")
def redeliver(endpoint_id: str, event_id: str | None, everything: bool) -> None:
    """Send one event again, or all dead letters.

    \b
    Examples:
      coupons webhooks redeliver ENDPOINT_ID EVENT_ID
      coupons webhooks redeliver ENDPOINT_ID --all
    """
    if bool(event_id) is everything:
        raise click.UsageError("name an event, or give --all")
    stub = session.tenant_admin()
    total = RedeliverWebhookResponse()
    while True:
        # A request of its own each time: the same one again would get the same answer.
        request = RedeliverWebhookRequest(
            tenant_id=session.tenant_id(), endpoint_id=endpoint_id, event_id=event_id or ""
        )
        queued = stub.RedeliverWebhook(request).queued
        total.queued += queued
        if queued < _LARGEST_REDELIVERY:
            break
    output.show(total, ["queued"])
