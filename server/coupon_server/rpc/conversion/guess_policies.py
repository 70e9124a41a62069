"""Guess policies and the strength of codes as messages."""

from datetime import timedelta
from typing import Any

from google.protobuf.duration_pb2 import Duration

from coupon_server.domain.codes import CodeStrength
from coupon_server.domain.errors import InvalidField
from coupon_server.domain.guessing import GuessLimit, GuessPolicy, GuessThreshold, SubjectKind
from coupon_server.rpc.conversion.fields import duration
from phoenix_coupons.v1 import GetCodeStrengthResponse
from phoenix_coupons.v1 import GuessLimit as GuessLimitMessage
from phoenix_coupons.v1 import GuessPolicy as GuessPolicyMessage
from phoenix_coupons.v1 import GuessThreshold as GuessThresholdMessage


def policy_message(policy: GuessPolicy) -> GuessPolicyMessage:
    """Every limit that holds."""
    return GuessPolicyMessage(
        user_token=_limit_message(policy.user_token),
        user=_limit_message(policy.user),
        peer=_limit_message(policy.peer),
        tenant=GuessThresholdMessage(
            failures=policy.tenant.failures, window=_duration(policy.tenant.window)
        ),
    )


def policy_limits(message: GuessPolicyMessage) -> dict[SubjectKind, GuessLimit | GuessThreshold]:
    """The limits that are set in a request's `policy`; raises InvalidField."""
    limits: dict[SubjectKind, GuessLimit | GuessThreshold] = {}
    for kind in SubjectKind:
        if not message.HasField(kind.value):
            continue
        limit = getattr(message, kind)
        path = f"policy.{kind}"
        limits[kind] = (
            _threshold(limit, path) if kind == SubjectKind.TENANT else _limit(limit, path)
        )
    return limits


def strength_message(strength: CodeStrength, users: int) -> GetCodeStrengthResponse:
    """`users`: how many an attacker has."""
    token, user = strength.policy.user_token.per_day, strength.policy.user.per_day
    # A user's failures are those of all its tokens.
    token = min(token, user)
    return GetCodeStrengthResponse(
        code_length=strength.code_length,
        key_space=strength.key_space,
        issued=strength.use.issued,
        unassigned=strength.use.unassigned,
        chance_per_guess=float(strength.chance),
        allowed_chance_per_guess=float(strength.allowed_chance),
        user_token_guesses_per_day=token,
        user_guesses_per_day=user,
        expected_time_of_user_token=_optional_duration(strength.expected_time(token)),
        expected_time_of_user=_optional_duration(strength.expected_time(user)),
        expected_time_of_users=_optional_duration(strength.expected_time(user, users)),
    )


def _limit(message: GuessLimitMessage, path: str) -> GuessLimit:
    block = _given(message, "block", path)
    max_block = _given(message, "max_block", path)
    if max_block < block:
        raise InvalidField(f"{path}.max_block", "must not be shorter than block")
    return GuessLimit(message.failures, _given(message, "window", path), block, max_block)


def _threshold(message: GuessThresholdMessage, path: str) -> GuessThreshold:
    return GuessThreshold(message.failures, _given(message, "window", path))


def _given(message: Any, name: str, path: str) -> timedelta:
    length = duration(message, name, f"{path}.{name}")
    assert length is not None  # noqa: S101 — the field is required
    return length


def _limit_message(limit: GuessLimit) -> GuessLimitMessage:
    return GuessLimitMessage(
        failures=limit.failures,
        window=_duration(limit.window),
        block=_duration(limit.block),
        max_block=_duration(limit.max_block),
    )


def _duration(length: timedelta) -> Duration:
    duration = Duration()
    duration.FromTimedelta(length)
    return duration


def _optional_duration(length: timedelta | None) -> Duration | None:
    # Whole seconds: it is an estimate.
    return None if length is None else Duration(seconds=round(length.total_seconds()))
