"""`coupons guess-policy`: how failed attempts are limited, and blocks that support lifts."""

import re
from dataclasses import dataclass, fields
from typing import Any

import click

from phoenix_coupons.v1 import (
    GetGuessPolicyRequest,
    GuessPolicy,
    LiftGuessBlockRequest,
    SetGuessPolicyRequest,
)
from phoenix_coupons_cli import options, output, session
from phoenix_coupons_cli.command import Group


class _Limit(click.ParamType[dict[str, Any]]):
    """FAILURES/WINDOW and, unless it is of a tenant, /BLOCK/MAX_BLOCK; becomes protobuf JSON."""

    def __init__(self, *spans: str) -> None:
        self.name = "/".join(["failures", *spans])
        self._spans = spans

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> dict[str, Any]:
        failures, *spans = value.split("/")
        if not re.fullmatch(r"\d{1,9}", failures) or len(spans) != len(self._spans):
            self.fail(f"{value!r} is not {self.name}, such as {self._example()}", param, ctx)
        lengths = [options.Span().convert(span, param, ctx) for span in spans]
        return {"failures": int(failures), **dict(zip(self._spans, lengths, strict=True))}

    def _example(self) -> str:
        return "/".join(["20", "24h", "1m", "24h"][: len(self._spans) + 1])


_BLOCKING = _Limit("window", "block", "max_block")
_THRESHOLD = _Limit("window")


@dataclass(frozen=True, slots=True)
class _Row:
    """A limit as people read it, in the units of `set`."""

    limit: str
    failures: int
    window: str
    block: str = "none"
    max_block: str = "none"


def _show(policy: GuessPolicy) -> None:
    if output.wants_json():
        output.show(policy)
        return
    limits = {"user-token": policy.user_token, "user": policy.user, "peer": policy.peer}
    rows = [
        _Row(name, limit.failures, *map(options.span, (limit.window, limit.block, limit.max_block)))
        for name, limit in limits.items()
    ]
    rows.append(_Row("tenant", policy.tenant.failures, options.span(policy.tenant.window)))
    output.show_list(rows, [field.name for field in fields(_Row)])


@click.group("guess-policy", cls=Group)
def guess_policy() -> None:
    """Limits of failed attempts, and blocked users."""


@guess_policy.command()
def show() -> None:
    """Show every limit of failed attempts, default ones included.

    \b
    Example:
      coupons guess-policy show
    """
    request = GetGuessPolicyRequest(tenant_id=session.tenant_id())
    _show(session.tenant_admin().GetGuessPolicy(request).policy)


@guess_policy.command("set")
@click.option("--user-token", type=_BLOCKING, help="Of one token that is confined to a user.")
@click.option("--user", type=_BLOCKING, help="Of one user, whatever the credential.")
@click.option("--peer", type=_BLOCKING, help="Of one network address.")
@click.option("--tenant", type=_THRESHOLD, help="From how many on guessing is suspected.")
def set_policy(**limits: dict[str, Any] | None) -> None:
    """Replace the limits of failed attempts; those left out become the default.

    A limit is FAILURES/WINDOW/BLOCK/MAX_BLOCK: so many failures within the window
    block for so long, each further one for twice as long, up to the longest block.

    \b
    Examples:
      coupons guess-policy set --user 50/24h/1m/24h --tenant 5000/1h
      coupons guess-policy set
    """
    request = SetGuessPolicyRequest(tenant_id=session.tenant_id())
    request.policy.SetInParent()
    given = {name: limit for name, limit in limits.items() if limit is not None}
    options.fill(request.policy, given, "options")
    _show(session.tenant_admin().SetGuessPolicy(request).policy)


@guess_policy.command()
@click.argument("user_id")
def lift(user_id: str) -> None:
    """End the blocks of USER_ID and of the user's tokens, and forget their failures.

    \b
    Example:
      coupons guess-policy lift alice
    """
    request = LiftGuessBlockRequest(tenant_id=session.tenant_id(), user_id=user_id)
    output.show(session.tenant_admin().LiftGuessBlock(request))
