"""`coupons secrets`: tenant secrets."""

import click

from phoenix_coupons.v1 import (
    ListTenantSecretsRequest,
    RevokeTenantSecretRequest,
    RotateTenantSecretRequest,
)
from phoenix_coupons_cli import options, output, session
from phoenix_coupons_cli.command import Group


@click.group(cls=Group)
def secrets() -> None:
    """Tenant secrets, and master keys (operators)."""


@secrets.command("list")
def list_secrets() -> None:
    """List the live tenant secrets, newest first: at most two.

    \b
    Example:
      coupons secrets list
    """
    request = ListTenantSecretsRequest(tenant_id=session.tenant_id())
    rows = session.tenant_admin().ListTenantSecrets(request).secrets
    output.show_list(rows, ["secret_id", "created_at", "expires_at"])


@secrets.command()
@click.option(
    "--overlap",
    type=options.Span(),
    help="How long the secret before stays valid: 0s to 30d.  [default: 24h]",
)
def rotate(overlap: str | None) -> None:
    """Make a new tenant secret. Its value is shown this once.

    \b
    Example:
      coupons secrets rotate --overlap 2d
    """
    request = RotateTenantSecretRequest(tenant_id=session.tenant_id())
    if overlap is not None:
        request.overlap.FromJsonString(overlap)
    output.show(session.tenant_admin().RotateTenantSecret(request))


@secrets.command()
@click.argument("secret_id")
def revoke(secret_id: str) -> None:
    """End a tenant secret now: the older one, or the newest, which undoes its rotation.

    \b
    Example:
      coupons secrets revoke 0198c2f0-5a3b-7c1d-8e2f-000000000001
    """
    request = RevokeTenantSecretRequest(tenant_id=session.tenant_id(), secret_id=secret_id)
    output.show(session.tenant_admin().RevokeTenantSecret(request))
    output.note(f"Revoked {secret_id}.")
