"""`coupons keys`: API keys."""

import click

from phoenix_coupons.v1 import (
    AuthPolicy,
    CreateApiKeyRequest,
    ListApiKeysRequest,
    RevokeApiKeyRequest,
)
from phoenix_coupons_cli import instants, options, output, session
from phoenix_coupons_cli.command import Group


@click.group(cls=Group)
def keys() -> None:
    """API keys."""


@keys.command("list")
@options.limit
def list_keys(limit: int) -> None:
    """List API keys, newest first, revoked and expired ones too.

    \b
    Example:
      coupons keys list
    """
    request = ListApiKeysRequest(tenant_id=session.tenant_id())
    rows = session.pages(session.tenant_admin().ListApiKeys, request, "api_keys", limit)
    output.show_list(
        rows,
        ["key_id", "name", "prefix", "scopes", "expires_at", "revoked_at", "last_used_at"],
    )


@keys.command()
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice(["read", "manage", "generate"]),
    help="What it may be used for; repeatable. Default: what the calling key may.",
)
@click.option(
    "--expires-at",
    type=instants.Instant(is_end=True),
    help="Refused after it (ISO 8601); a date is its end.",
)
@instants.timezone
def create(name: str, scopes: tuple[str, ...], expires_at: str | None) -> None:
    """Create an API key. Its value is shown this once.

    \b
    Example:
      coupons keys create reporting --scope read --expires-at 2027-01-01
    """
    request = CreateApiKeyRequest(
        tenant_id=session.tenant_id(),
        name=name,
        scopes=map(AuthPolicy.Scope.Value, scopes),
        expires_at=instants.timestamp(expires_at),
    )
    output.show(session.tenant_admin().CreateApiKey(request))


@keys.command()
@click.argument("key_id")
def revoke(key_id: str) -> None:
    """End an API key, and the tokens signed with it, for good.

    \b
    Example:
      coupons keys revoke 0198c2f0-5a3b-7c1d-8e2f-000000000001
    """
    request = RevokeApiKeyRequest(tenant_id=session.tenant_id(), key_id=key_id)
    output.show(
        session.tenant_admin().RevokeApiKey(request).api_key, ["key_id", "name", "revoked_at"]
    )
