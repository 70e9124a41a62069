"""`coupons revocations`: coupons revoked by filter, in the background."""

import click

from phoenix_coupons.v1 import (
    CancelRevocationRequest,
    Coupon,
    GetRevocationRequest,
    ListRevocationsRequest,
    Revocation,
    StartRevocationRequest,
    WatchRevocationRequest,
)
from phoenix_coupons_cli import followed_jobs, options, output, session
from phoenix_coupons_cli.command import Group


@click.group(cls=Group)
def revocations() -> None:
    """Coupons revoked by filter."""


@revocations.command("list")
@click.option("--state", type=click.Choice(Revocation.State.keys()[1:]))
@options.limit
def list_revocations(state: str | None, limit: int) -> None:
    """List revocations, newest first.

    \b
    Example:
      coupons revocations list --state running
    """
    request = ListRevocationsRequest(tenant_id=session.tenant_id())
    if state:
        request.state = Revocation.State.Value(state)
    rows = session.pages(session.jobs().ListRevocations, request, "revocations", limit)
    output.show_list(rows, ["id", "state", "scanned", "revoked", "reason", "created_at"])


@revocations.command()
@click.argument("revocation_id")
def show(revocation_id: str) -> None:
    """Show one revocation.

    \b
    Example:
      coupons revocations show 0198c2f0-5a3b-7c1d-8e2f-000000000001
    """
    request = GetRevocationRequest(tenant_id=session.tenant_id(), revocation_id=revocation_id)
    output.show(session.jobs().GetRevocation(request).revocation)


@revocations.command()
@click.option("--definition", "definition_id", default="", help="Of this definition.")
@click.option("--generation", "generation_id", default="", help="Of this generation or import.")
@click.option("--user", "user_id", default="", help="Of this user.")
@click.option("--status", type=click.Choice(Coupon.Status.keys()[1:]), help="Of this status.")
@click.option("--source", type=click.Choice(Coupon.Source.keys()[1:]), help="Of this source.")
@options.reason
@followed_jobs.watch
def start(
    definition_id: str,
    generation_id: str,
    user_id: str,
    status: str | None,
    source: str | None,
    reason: str,
    watch: bool,
) -> None:
    """Start to revoke, for good, the coupons that match all that is given.

    \b
    Examples:
      coupons revocations start --generation GENERATION --reason 'sent by mistake' --watch
      coupons revocations start --definition DEFINITION --status active --reason ended
    """
    if not (definition_id or generation_id or user_id):
        raise click.UsageError("give at least one of --definition, --generation and --user")
    request = StartRevocationRequest(
        tenant_id=session.tenant_id(),
        definition_id=definition_id,
        generation_id=generation_id,
        user_id=user_id,
        reason=reason,
    )
    if status:
        request.status = Coupon.Status.Value(status)
    if source:
        request.source = Coupon.Source.Value(source)
    job = session.jobs().StartRevocation(request).revocation
    if watch:
        job = _follow(job.id)
    output.show(job)


@revocations.command()
@click.argument("revocation_id")
def watch(revocation_id: str) -> None:
    """Follow a revocation until it has ended; fails if it failed or was cancelled.

    \b
    Example:
      coupons revocations watch 0198c2f0-5a3b-7c1d-8e2f-000000000001
    """
    output.show(_follow(revocation_id))


@revocations.command()
@click.argument("revocation_id")
def cancel(revocation_id: str) -> None:
    """End a revocation; what is revoked stays so.

    \b
    Example:
      coupons revocations cancel 0198c2f0-5a3b-7c1d-8e2f-000000000001
    """
    request = CancelRevocationRequest(tenant_id=session.tenant_id(), revocation_id=revocation_id)
    output.show(session.jobs().CancelRevocation(request).revocation)


def _follow(revocation_id: str) -> Revocation:
    request = WatchRevocationRequest(tenant_id=session.tenant_id(), revocation_id=revocation_id)
    stub = session.jobs()
    job: Revocation = followed_jobs.follow(
        lambda: stub.WatchRevocation(request), "revocation", done="scanned"
    )
    return job
