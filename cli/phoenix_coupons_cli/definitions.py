"""`coupons definitions`: coupon definitions."""

from collections.abc import Callable
from typing import Any, TextIO

import click
from google.protobuf.field_mask_pb2 import FieldMask

from phoenix_coupons.v1 import (
    ArchiveCouponDefinitionRequest,
    CouponConfig,
    CouponDefinition,
    CreateCouponDefinitionRequest,
    GetCodeStrengthRequest,
    GetCouponDefinitionRequest,
    ListCouponDefinitionsRequest,
    PauseCouponDefinitionRequest,
    ResumeCouponDefinitionRequest,
    UpdateCouponDefinitionRequest,
)
from phoenix_coupons_cli import code_strength, instants, options, output, session
from phoenix_coupons_cli.command import Group

_COUNT = click.IntRange(min=1)
_LENGTH = click.IntRange(4, 32)
# Each option has the name of the CouponConfig field that it sets.
_CONFIG_OPTIONS: list[Callable[[Callable[..., Any]], Callable[..., Any]]] = [
    click.option("--reward", "reward_item_id", help="Id of the reward item to grant."),
    click.option("--custom-code", help="One shared code for every holder."),
    click.option("--prefix", "code_prefix", help="What random codes begin with."),
    click.option("--length", "code_length", type=_LENGTH, help="Random characters in a code. [8]"),
    click.option("--case-sensitive/--any-case", default=None, help="Whether case counts."),
    click.option("--starts-at", type=instants.Instant(), help="Valid from then on (ISO 8601)."),
    click.option(
        "--expires-at",
        type=instants.Instant(is_end=True),
        help="Valid until then (ISO 8601); a date: until its end.",
    ),
    instants.timezone,
    click.option("--valid-for", type=options.Span(), help="Valid this long once made: 30d, 12h."),
    click.option(
        "--limit",
        "limit_type",
        type=click.Choice(["per-user", "global", "unlimited"]),
        help="What --max-uses counts. [per-user]",
    ),
    click.option("--max-uses", type=_COUNT, help="Uses per coupon, or in total. [1]"),
    click.option("--max-uses-per-user", type=_COUNT, help="Uses of one user, at most."),
    click.option("--issue-limit", type=_COUNT, help="Coupons ever made, at most."),
    click.option("--issue-limit-per-user", type=_COUNT, help="Coupons made for one user."),
    click.option("--assigned-only/--open", default=None, help="Custom code: holders only."),
    click.option(
        "--config",
        "config_file",
        type=click.File(encoding="utf-8"),
        help="JSON of a CouponConfig; the other options override it. - for stdin.",
    ),
]
_OUTCOME = ["id", "name", "status"]
_CLEARABLE = [
    "code_prefix",
    "starts_at",
    "expires_at",
    "valid_for",
    "max_uses_per_user",
    "issue_limit",
    "issue_limit_per_user",
]


def _config_options(command: Callable[..., None]) -> Callable[..., None]:
    for option in reversed(_CONFIG_OPTIONS):
        command = option(command)
    return command


@click.group(cls=Group)
def definitions() -> None:
    """Coupon definitions: one for each campaign."""


@definitions.command("list")
@click.option("--status", type=click.Choice(["active", "paused", "archived"]))
@options.limit
def list_definitions(status: str | None, limit: int) -> None:
    """List definitions, newest first.

    \b
    Example:
      coupons definitions list --status active
    """
    request = ListCouponDefinitionsRequest(tenant_id=session.tenant_id())
    if status:
        request.status = CouponDefinition.Status.Value(status)
    rows = session.pages(session.admin().ListCouponDefinitions, request, "definitions", limit)
    output.show_list(
        rows,
        [
            "id",
            "name",
            "status",
            "config.custom_code",
            "config.code_prefix",
            "config.usage_limit.limit_type",
            "config.usage_limit.max_uses",
            "config.expires_at",
        ],
    )


@definitions.command()
@click.argument("definition")
def show(definition: str) -> None:
    """Show one definition.

    \b
    Example:
      coupons definitions show 0198c2f0-5a3b-7c1d-8e2f-000000000001
    """
    request = GetCouponDefinitionRequest(tenant_id=session.tenant_id(), id=definition)
    output.show(session.admin().GetCouponDefinition(request).definition)


@definitions.command()
@click.option("--name", required=True, help="What people call it.")
@click.option("--description", default="", help="Free text.")
@_config_options
def create(name: str, description: str, **config: Any) -> None:
    """Create a definition: random codes, each for one use, unless told otherwise.

    \b
    Examples:
      coupons definitions create --name Welcome --reward ITEM --prefix HI --valid-for 30d
      coupons definitions create --name 'New year' --reward ITEM \\
          --custom-code NEWYEAR2025 --limit global --max-uses 1000 --expires-at 2025-01-31
      coupons definitions create --name Streak --config streak.json
    """
    request = CreateCouponDefinitionRequest(
        tenant_id=session.tenant_id(),
        name=name,
        description=description,
        config=_config(**config)[0],
    )
    output.show(session.admin().CreateCouponDefinition(request).definition)


@definitions.command()
@click.argument("definition")
@click.option("--name", help="What people call it.")
@click.option("--description", help="Free text.")
@_config_options
@click.option("--clear", multiple=True, type=click.Choice(_CLEARABLE), help="A field to unset.")
@click.option("--etag", default="", help="Fail if it has changed since it had this etag.")
def update(
    definition: str,
    name: str | None,
    description: str | None,
    clear: tuple[str, ...],
    etag: str,
    **config: Any,
) -> None:
    """Change what is named and nothing else, for coupons already made, too.

    \b
    Examples:
      coupons definitions update DEFINITION --expires-at 2027-01-01 --max-uses 2000
      coupons definitions update DEFINITION --clear expires_at
    """
    message, paths = _config(**config)
    changed = CouponDefinition(name=name or "", description=description or "", etag=etag)
    if paths:
        changed.config.CopyFrom(message)
    texts = {"name": name, "description": description}
    mask = [field for field, text in texts.items() if text is not None]
    mask += [f"config.{path}" for path in [*paths, *clear]]
    if not mask:
        raise click.UsageError("name at least one change")
    request = UpdateCouponDefinitionRequest(
        tenant_id=session.tenant_id(),
        id=definition,
        definition=changed,
        update_mask=FieldMask(paths=mask),
    )
    output.show(session.admin().UpdateCouponDefinition(request).definition)


@definitions.command()
@click.argument("definition")
def pause(definition: str) -> None:
    """Stop making coupons; those that were made stay valid.

    \b
    Example:
      coupons definitions pause 0198c2f0-5a3b-7c1d-8e2f-000000000001
    """
    request = PauseCouponDefinitionRequest(tenant_id=session.tenant_id(), id=definition)
    output.show(session.admin().PauseCouponDefinition(request).definition, _OUTCOME)


@definitions.command()
@click.argument("definition")
def resume(definition: str) -> None:
    """Undo a pause.

    \b
    Example:
      coupons definitions resume 0198c2f0-5a3b-7c1d-8e2f-000000000001
    """
    request = ResumeCouponDefinitionRequest(tenant_id=session.tenant_id(), id=definition)
    output.show(session.admin().ResumeCouponDefinition(request).definition, _OUTCOME)


@definitions.command()
@click.argument("definition")
@click.option("--etag", default="", help="Fail if it has changed since it had this etag.")
def archive(definition: str, etag: str) -> None:
    """End a definition for good: nothing is made or redeemed any more.

    \b
    Example:
      coupons definitions archive 0198c2f0-5a3b-7c1d-8e2f-000000000001
    """
    request = ArchiveCouponDefinitionRequest(
        tenant_id=session.tenant_id(), id=definition, etag=etag
    )
    output.show(session.admin().ArchiveCouponDefinition(request).definition, _OUTCOME)


@definitions.command()
@click.argument("definition")
@click.option(
    "--users",
    type=click.IntRange(1, 1_000_000_000),
    default=1,
    show_default=True,
    help="How many users an attacker guesses with.",
)
def strength(definition: str, users: int) -> None:
    """Tell how hard the random codes of a definition are to guess.

    \b
    Example:
      coupons definitions strength 0198c2f0-5a3b-7c1d-8e2f-000000000001 --users 1000
    """
    request = GetCodeStrengthRequest(tenant_id=session.tenant_id(), id=definition, users=users)
    answer = session.admin().GetCodeStrength(request)
    if output.wants_json():
        output.show(answer)
        return
    for sentence in code_strength.sentences(answer, users):
        click.echo(sentence)


def _config(
    *,
    config_file: TextIO | None,
    limit_type: str | None,
    max_uses: int | None,
    **others: Any,
) -> tuple[CouponConfig, list[str]]:
    """The message that the options describe, and the paths of what they set."""
    message = CouponConfig()
    paths: list[str] = []
    if config_file is not None:
        given = options.json_object(config_file, "--config")
        options.fill(message, given, "--config")
        paths = list(options.paths_in(given, message.DESCRIPTOR))
    values = {name: value for name, value in others.items() if value is not None}
    if "custom_code" in values:
        values["code_format"] = "custom"
    limit = {"limit_type": limit_type and limit_type.replace("-", "_"), "max_uses": max_uses}
    limit = {name: value for name, value in limit.items() if value is not None}
    options.fill(message, {**values, "usage_limit": limit} if limit else values, "options")
    return message, [*paths, *values, *(f"usage_limit.{name}" for name in limit)]
