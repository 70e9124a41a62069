"""`coupons rewards`: reward items."""

from typing import Any

import click
from google.protobuf.field_mask_pb2 import FieldMask

from phoenix_coupons.v1 import (
    CreateRewardItemRequest,
    DeleteRewardItemRequest,
    GetRewardItemRequest,
    ListRewardItemsRequest,
    RewardItem,
    UpdateRewardItemRequest,
)
from phoenix_coupons_cli import options, output, session
from phoenix_coupons_cli.command import Group

_PAYLOAD_HELP = "A JSON object for the system that delivers the reward."


@click.group(cls=Group)
def rewards() -> None:
    """Reward items: what a redemption grants."""


@rewards.command("list")
@options.limit
def list_items(limit: int) -> None:
    """List reward items, newest first.

    \b
    Examples:
      coupons rewards list
      coupons rewards list --limit 0 --json | jq '.[].item_id'
    """
    request = ListRewardItemsRequest(tenant_id=session.tenant_id())
    items = session.pages(session.admin().ListRewardItems, request, "reward_items", limit)
    output.show_list(items, ["item_id", "name", "reward_type", "created_at"])


@rewards.command()
@click.argument("item_id")
def show(item_id: str) -> None:
    """Show one reward item.

    \b
    Example:
      coupons rewards show 0198c2f0-5a3b-7c1d-8e2f-000000000001
    """
    request = GetRewardItemRequest(tenant_id=session.tenant_id(), item_id=item_id)
    output.show(session.admin().GetRewardItem(request).reward_item)


@rewards.command()
@click.option("--name", required=True, help="What people call it.")
@click.option("--type", "reward_type", required=True, help="Its kind, in your own words.")
@click.option("--description", default="", help="Free text.")
@click.option("--payload", default="{}", metavar="JSON", help=_PAYLOAD_HELP)
def create(name: str, reward_type: str, description: str, payload: str) -> None:
    """Create a reward item.

    \b
    Example:
      coupons rewards create --name '10 % off' --type discount --payload '{"percent": 10}'
    """
    request = CreateRewardItemRequest(
        tenant_id=session.tenant_id(), name=name, reward_type=reward_type, description=description
    )
    options.fill(request.payload, options.json_object(payload, "--payload"), "--payload")
    output.show(session.admin().CreateRewardItem(request).reward_item)


@rewards.command()
@click.argument("item_id")
@click.option("--name", help="What people call it.")
@click.option("--type", "reward_type", help="Its kind, in your own words.")
@click.option("--description", help="Free text.")
@click.option("--payload", metavar="JSON", help=_PAYLOAD_HELP)
@click.option("--etag", default="", help="Fail if the item has changed since it had this etag.")
def update(item_id: str, payload: str | None, etag: str, **texts: str | None) -> None:
    """Change a reward item; redemptions keep it as it was.

    \b
    Example:
      coupons rewards update 0198c2f0-5a3b-7c1d-8e2f-000000000001 --name '15 % off'
    """
    changes: dict[str, Any] = {name: text for name, text in texts.items() if text is not None}
    if payload is not None:
        changes["payload"] = options.json_object(payload, "--payload")
    if not changes:
        raise click.UsageError("name at least one change")
    item = RewardItem(etag=etag)
    options.fill(item, changes, "--payload")
    request = UpdateRewardItemRequest(
        tenant_id=session.tenant_id(),
        item_id=item_id,
        reward_item=item,
        update_mask=FieldMask(paths=changes),
    )
    output.show(session.admin().UpdateRewardItem(request).reward_item)


@rewards.command()
@click.argument("item_id")
@click.option("--etag", default="", help="Fail if the item has changed since it had this etag.")
def delete(item_id: str, etag: str) -> None:
    """Delete a reward item that no definition grants.

    \b
    Example:
      coupons rewards delete 0198c2f0-5a3b-7c1d-8e2f-000000000001
    """
    request = DeleteRewardItemRequest(tenant_id=session.tenant_id(), item_id=item_id, etag=etag)
    output.show(session.admin().DeleteRewardItem(request))
    output.note(f"Deleted {item_id}.")
