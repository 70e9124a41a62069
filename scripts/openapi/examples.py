"""Values for examples: one small campaign, in which alice redeems a coupon."""

from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from coupon_server.domain.errors import COUPON_MESSAGES, DomainError, InvalidField, Reason
from coupon_server.domain.jobs import too_many_jobs
from coupon_server.domain.limits import quota_exceeded, rate_limited, too_many_streams
from coupon_server.rpc.errors import INTERNAL_FAULT
from coupon_server.rpc.update_masks import own_message

Json = dict[str, Any]


def _id(number: int) -> str:
    return f"0198c2f0-5a3b-7c1d-8e2f-{number:012d}"


(
    _TENANT,
    _ITEM,
    _DEFINITION,
    _COUPON,
    _REDEMPTION,
    _KEY,
    _SECRET,
    _GENERATION,
    _REVERSAL,
    _REVOCATION,
    _ENDPOINT,
    _ATTEMPT,
) = map(_id, range(1, 13))
_CREATED, _REDEEMED, _REVERSED = (f"2026-07-0{day}T09:30:00Z" for day in (1, 2, 3))
_ENDS = "2026-12-31T23:59:59Z"
_CODE = "REWARD8X4F2K9P"
_URL = "https://example.com/webhooks"
_CURSOR = "4kQz0mT1bXcAAAAAAAAAKg"

_EVENT: Json = {
    "event_id": "streak-2026-07-01-alice",
    "user_id": "alice",
    "occurred_at": _CREATED,
    "streak_milestone_reached": {
        "streak_id": "daily-login",
        "milestone": 7,
        "run_id": "2026-summer",
    },
}

FIELDS: Json = {
    "tenant_id": _TENANT,
    "item_id": _ITEM,
    "reward_item_id": _ITEM,
    "id": _DEFINITION,
    "definition_id": _DEFINITION,
    "coupon_id": _COUPON,
    "redemption_id": _REDEMPTION,
    "generation_id": _GENERATION,
    "revocation_id": _REVOCATION,
    "key_id": _KEY,
    "credential_id": _SECRET,
    "secret_id": _SECRET,
    "endpoint_id": _ENDPOINT,
    "event_type": "coupon.redeemed",
    "acknowledged_cursor": _CURSOR,
    "latest_cursor": _CURSOR,
    "user_id": "alice",
    "code": _CODE,
    "total": 1,
    "created_at": _CREATED,
    "etag": "v1",
    "event_id": "streak-2026-07-01-alice",
    "occurred_at": _CREATED,
}
"""Of fields, whatever message they are in."""

_MESSAGES: dict[str, Json] = {
    "RewardItem": {
        "name": "Ten per cent off",
        "description": "For one order.",
        "reward_type": "discount",
        "payload": {"percent": 10},
        "updated_at": _CREATED,
    },
    "CouponDefinition": {
        "name": "Summer",
        "description": "For our newsletter's readers.",
        "status": "active",
        "updated_at": _CREATED,
    },
    "CouponConfig": {
        "code_format": "random",
        "code_prefix": "REWARD",
        "code_length": 8,
        "expires_at": _ENDS,
        "auto_generate": None,
    },
    "UsageLimit": {"limit_type": "per_user", "max_uses": 1},
    "Coupon": {
        "id": _COUPON,
        "definition_name": "Summer",
        "status": "active",
        "generated_at": _CREATED,
        "expires_at": _ENDS,
        "coupon_type": "reward",
        "source": "generated",
        "generation_id": _GENERATION,
    },
    "Redemption": {
        "id": _REDEMPTION,
        "redeemed_at": _REDEEMED,
        "kind": "redemption",
        "reference": "order-1001",
        "metadata": {"channel": "web"},
        "grant_state": "delivered",
    },
    "GuessLimit": {
        "failures": 20,
        "window": "86400s",
        "block": "60s",
        "max_block": "86400s",
    },
    "GuessThreshold": {"failures": 1000, "window": "3600s"},
    "GetCodeStrengthResponse": {
        "code_length": 8,
        "key_space": 852891037441,
        "issued": 20000,
        "unassigned": 10000,
        "chance_per_guess": 1.1724827222e-8,
        "allowed_chance_per_guess": 1e-5,
        "user_token_guesses_per_day": 20,
        "user_guesses_per_day": 30,
        "expected_time_of_user_token": "315576000000s",
        "expected_time_of_user": "245627084000s",
        "expected_time_of_users": "245627084s",
    },
    "LiftGuessBlockResponse": {"lifted": True},
    "WebhookEndpoint": {
        "url": _URL,
        "description": "The shop's back end",
        "event_types": ["coupon.redeemed", "redemption.reversed"],
        "status": "active",
        "updated_at": _CREATED,
    },
    "GrantEvent": {
        "id": _REDEMPTION,
        "type": "coupon.redeemed",
        "occurred_at": _REDEEMED,
    },
    "Grant": {
        "id": _REDEMPTION,
        "redeemed_at": _REDEEMED,
        "reference": "order-1001",
        "metadata": {"channel": "web"},
    },
    "PollGrantsResponse": {"cursor": _CURSOR},
    "WebhookAttempt": {
        "id": _ATTEMPT,
        "event_id": _REDEMPTION,
        "attempt": 1,
        "outcome": "delivered",
        "error": "error_unspecified",
        "status_code": 204,
        "latency_ms": 87,
        "attempted_at": _REDEEMED,
    },
    "DeadLetter": {
        "event_id": _REDEMPTION,
        "attempts": 11,
        "error": "status",
        "status_code": 503,
        "died_at": _REVERSED,
    },
    "GeneratedCoupon": {"id": _COUPON, "created": True, "expires_at": _ENDS},
    "TenantLimit": {
        "name": "redemptions_per_day",
        "limit": 2_000_000,
        "used": 12_345,
        "resets_at": "2026-06-02T00:00:00Z",
    },
    "ApiKey": {"name": "Back office", "prefix": "pk_4fT9", "scopes": ["read", "manage"]},
    "Generation": {
        "id": _GENERATION,
        "state": "running",
        "requested": 1_000_000,
        "processed": 250_000,
        "generated": 250_000,
        "started_at": _CREATED,
        "updated_at": _CREATED,
        "error": None,
        "credential_id": _KEY,
    },
    "Revocation": {
        "id": _REVOCATION,
        "reason": "Sent by mistake",
        "state": "succeeded",
        "scanned": 1_000_000,
        "revoked": 600_000,
        "started_at": _CREATED,
        "finished_at": _REDEEMED,
        "updated_at": _REDEEMED,
        "error": None,
        "credential_id": _KEY,
    },
    "RevocationFilter": {
        "definition_id": "",
        "generation_id": _GENERATION,
        "user_id": "",
        "status": "active",
        "source": "source_unspecified",
    },
    "GetCouponDefinitionStatsResponse": {
        "issued": 100,
        "active": 60,
        "redeemed": 40,
        "redemptions": 40,
        "distinct_users": 40,
    },
    "GenerateCouponsResponse": {"generated": 1, "generation_id": _GENERATION},
    "RevokeCouponsResponse": {"revoked": 1},
    "ValidateCouponResponse": {"valid": True, "remaining_uses": 1},
    "NotIssued": {
        "reason": "ISSUE_LIMIT_REACHED",
        "message": "config.issue_limit is reached: 0 more coupons can be made",
    },
    "Progress": {
        "definition_name": "Summer",
        "trigger": "streak_milestone",
        "target": "daily-login",
        "threshold": 7,
        "occurrence": "2026-summer",
        "current": 7,
        "completed": True,
        "earned": True,
        "updated_at": _CREATED,
    },
    "CreateApiKeyResponse": {"value": "pk_…"},
    "RotateTenantSecretResponse": {"value": "ts_…"},
    "CreateWebhookEndpointResponse": {"secret": "whsec_…"},
    "RotateWebhookSecretResponse": {"secret": "whsec_…"},
    "RedeliverWebhookResponse": {"queued": 1},
}
"""Of the fields of messages; those of no other value are empty, or `null`."""

_CHANGED: dict[str, dict[str, Json]] = {
    "PauseCouponDefinitionResponse": {"definition": {"status": "paused"}},
    "ArchiveCouponDefinitionResponse": {"definition": {"status": "archived"}},
    "RevokeCouponResponse": {
        "coupon": {"status": "revoked", "revoked_at": _REDEEMED, "revoke_reason": "Sent by mistake"}
    },
    "RedeemCouponResponse": {
        # The item stands beside the redemption, which nobody has been told of yet.
        "redemption": {"reward_item": None, "grant_state": "pending"},
        "coupon": {"status": "redeemed", "redeemed_at": _REDEEMED, "redemption_count": 1},
    },
    "ReverseRedemptionResponse": {
        "reversal": {
            "id": _REVERSAL,
            "redeemed_at": _REVERSED,
            "kind": "reversal",
            "reference": "Order cancelled",
            "metadata": {},
            "reverses_id": _REDEMPTION,
            "grant_state": "pending",
        }
    },
    "CancelGenerationResponse": {
        "generation": {"state": "cancelled", "finished_at": _REDEEMED, "updated_at": _REDEEMED}
    },
    "StartRevocationResponse": {
        "revocation": {
            "state": "pending",
            "scanned": 0,
            "revoked": 0,
            "started_at": None,
            "finished_at": None,
            "updated_at": _CREATED,
        }
    },
    "CancelRevocationResponse": {"revocation": {"state": "cancelled"}},
    "RevokeApiKeyResponse": {"api_key": {"revoked_at": _REDEEMED}},
    "PauseWebhookEndpointResponse": {"endpoint": {"status": "paused"}},
    "TestWebhookEndpointResponse": {"attempt": {"event_type": "webhook.test"}},
}
"""What an answer has otherwise in one of its messages."""

BODIES: dict[str, Json] = {
    "CreateRewardItem": {
        "name": "Ten per cent off",
        "description": "For one order.",
        "reward_type": "discount",
        "payload": {"percent": 10},
    },
    "UpdateRewardItem": {"payload": {"percent": 10}},
    "CreateCouponDefinition": {
        "name": "Summer",
        "description": "For our newsletter's readers.",
        "config": {
            "reward_item_id": _ITEM,
            "code_format": "random",
            "code_prefix": "REWARD",
            "usage_limit": {"limit_type": "per_user", "max_uses": 1},
            "expires_at": _ENDS,
        },
    },
    "UpdateCouponDefinition": {"config": {"expires_at": _ENDS}, "etag": "v1"},
    "GenerateCoupons": {"user_ids": ["alice"]},
    "RevokeCoupon": {"reason": "Sent by mistake"},
    "RevokeCoupons": {"coupon_ids": [_COUPON], "reason": "Sent by mistake"},
    "ReverseRedemption": {"reason": "Order cancelled"},
    "StartRevocation": {
        "generation_id": _GENERATION,
        "status": "active",
        "reason": "Sent by mistake",
    },
    "ValidateCoupon": {"user_id": "alice"},
    "RedeemCoupon": {
        "user_id": "alice",
        "reference": "order-1001",
        "metadata": {"channel": "web"},
    },
    "SendEvent": {"tenant_id": _TENANT, "event": _EVENT},
    "SendEvents": {"tenant_id": _TENANT, "events": [_EVENT]},
    "CreateApiKey": {"name": "Back office", "scopes": ["read", "manage"]},
    "RotateTenantSecret": {"overlap": "3600s"},
    "CreateWebhookEndpoint": {
        "url": _URL,
        "description": "The shop's back end",
        "event_types": ["coupon.redeemed", "redemption.reversed"],
    },
    "UpdateWebhookEndpoint": {"event_types": ["coupon.redeemed"], "etag": "v1"},
    "RotateWebhookSecret": {"overlap": "3600s"},
    "SetGuessPolicy": {
        "user": {"failures": 50, "window": "86400s", "block": "60s", "max_block": "86400s"},
        "tenant": {"failures": 5000, "window": "3600s"},
    },
    "LiftGuessBlock": {"user_id": "alice"},
    "RedeliverWebhook": {"event_id": _REDEMPTION},
    "AcknowledgeGrants": {"cursor": _CURSOR},
}
"""Of request bodies, by RPC; the others' are empty."""

PARAMETERS: dict[str, Json] = {
    "ListWebhookAttemptsRequest": {"event_id": _REDEMPTION},
    "PollGrantsRequest": {"after": _CURSOR, "wait": "30s", "event_types": ["coupon.redeemed"]},
}
"""Of parameters that are not as elsewhere, by request."""

ERRORS: list[DomainError] = [
    *(DomainError(reason, words) for reason, words in COUPON_MESSAGES.items()),
    DomainError(Reason.REQUEST_ID_REUSED, "The request id was used for another request"),
    InvalidField("name", "must be at least 1 characters"),
    DomainError(
        Reason.MALFORMED_MESSAGE,
        "The request is malformed: the body is not JSON (RFC 8259) in UTF-8",
    ),
    DomainError(Reason.INVALID_PAGE_TOKEN, "page_token does not belong to this query"),
    DomainError(Reason.CREDENTIAL_INVALID, "The credential is missing or not valid"),
    DomainError(Reason.CREDENTIAL_NOT_ALLOWED, "The credential belongs to another tenant"),
    DomainError(Reason.TOO_MANY_ATTEMPTS, "Too many failed attempts", retry_after=60),
    rate_limited("redeem_per_second", 100, wait=0.01),
    quota_exceeded("definitions", 100, "archive a definition that is over"),
    DomainError(Reason.REWARD_ITEM_NOT_FOUND, "Reward item not found"),
    DomainError(Reason.REWARD_ITEM_IN_USE, "A definition that is not archived grants this item"),
    DomainError(Reason.DEFINITION_NOT_FOUND, "Coupon definition not found"),
    DomainError(Reason.DEFINITION_ARCHIVED, "The definition is archived"),
    DomainError(Reason.DEFINITION_PAUSED, "The definition is paused"),
    DomainError(Reason.DEFINITION_EXPIRED, "The definition has expired"),
    DomainError(
        Reason.DEFINITION_FIELD_FIXED,
        "config.code_format cannot change once a coupon exists",
        field="config.code_format",
    ),
    DomainError(
        Reason.LIMIT_BELOW_USAGE,
        "config.issue_limit cannot be less than 100, which is used already",
        field="config.issue_limit",
        used="100",
    ),
    DomainError(Reason.ETAG_MISMATCH, "The resource has changed since this etag was read"),
    DomainError(Reason.CODE_TAKEN, "config.custom_code is in use", field="config.custom_code"),
    DomainError(
        Reason.KEY_SPACE_TOO_SMALL,
        "code_length 4 is too short for so many codes; it must be at least 7",
        required_code_length="7",
    ),
    DomainError(
        Reason.ISSUE_LIMIT_REACHED,
        "config.issue_limit is reached: 0 more coupons can be made",
        field="config.issue_limit",
    ),
    DomainError(Reason.REDEMPTION_NOT_FOUND, "Redemption not found"),
    DomainError(Reason.REDEMPTION_NOT_REVERSIBLE, "A reversal cannot be reversed"),
    DomainError(Reason.API_KEY_NOT_FOUND, "API key not found"),
    DomainError(
        Reason.API_KEY_LAST,
        "No other API key has the scope manage; create one first, then revoke this one",
    ),
    DomainError(Reason.TENANT_SECRET_NOT_FOUND, "Tenant secret not found"),
    DomainError(Reason.TENANT_SECRET_CURRENT, "The only secret can only be rotated"),
    DomainError(
        Reason.SECRET_NOT_SHOWN_AGAIN,
        "The secret is not shown again: the API key 0198c2f0-5a3b-7c1d-8e2f-000000000005 exists;"
        " revoke it, and create another by another request id",
        key_id="0198c2f0-5a3b-7c1d-8e2f-000000000005",
    ),
    DomainError(Reason.WEBHOOK_ENDPOINT_NOT_FOUND, "Webhook endpoint not found"),
    DomainError(
        Reason.WEBHOOK_ENDPOINT_LIMIT_REACHED,
        "A tenant can have 20 webhook endpoints",
        limit="20",
    ),
    DomainError(Reason.WEBHOOK_EVENT_NOT_FOUND, "The event is not kept any more"),
    DomainError(
        Reason.TRIGGER_LIMIT_REACHED,
        "100 active definitions watch this streak_id already",
        field="config.auto_generate.trigger_config.streak_id",
        limit="100",
    ),
    DomainError(Reason.GENERATION_NOT_FOUND, "Generation not found"),
    DomainError(Reason.REVOCATION_NOT_FOUND, "Revocation not found"),
    too_many_jobs(100),
    too_many_streams(100),
    INTERNAL_FAULT,
    DomainError(Reason.SERVICE_UNAVAILABLE, "The service is not available now"),
    DomainError(Reason.PATH_NOT_FOUND, "There is no such path"),
    DomainError(Reason.BODY_TOO_LARGE, "A body has at most 1048576 bytes"),
    DomainError(Reason.DEADLINE_EXCEEDED, "The service took too long"),
]
"""An error for each reason that operations can have."""


def message(of: Descriptor) -> Json:
    """The message as an edge prints it: every field, messages that are not set as `null`; of
    alternatives the first."""
    values = FIELDS | _MESSAGES.get(of.name, {})
    filled = {
        field.name: values[field.name] if field.name in values else _value(field)
        for field in of.fields
        if field.containing_oneof is None or field == field.containing_oneof.fields[0]
    }
    for name, changes in _CHANGED.get(of.name, {}).items():
        filled[name] |= changes
    return filled


def _value(field: FieldDescriptor) -> Any:
    own = own_message(field)
    if own is not None and not own.GetOptions().map_entry:
        return [message(own)] if field.is_repeated else message(own)
    if field.is_repeated:
        return {} if field.message_type else []
    return None if field.message_type else field.default_value
