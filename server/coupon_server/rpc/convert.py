"""Messages of the contract to values of the domain, and back.

The contract's enumerators are named as the domain's words are, so they convert by name.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from google.protobuf.duration_pb2 import Duration
from google.protobuf.struct_pb2 import Struct, Value
from google.protobuf.timestamp_pb2 import Timestamp
from google.protobuf.wrappers_pb2 import Int32Value

from coupon_server.delivery.domain.webhooks import (
    DeadLetter,
    DeliveryError,
    LoggedAttempt,
    WebhookEndpoint,
)
from coupon_server.delivery.storage.webhook_lanes import milliseconds
from coupon_server.domain.codes import TypedCode
from coupon_server.domain.coupon import Coupon, CouponFilter, CouponSource, CouponStatus
from coupon_server.domain.credentials import StoredApiKey, StoredSecret
from coupon_server.domain.definition import (
    CodeFormat,
    CouponConfig,
    CouponDefinition,
    LimitType,
    UsageLimit,
)
from coupon_server.domain.earning import Issued
from coupon_server.domain.errors import InvalidField
from coupon_server.domain.events import ACHIEVED, Event
from coupon_server.domain.imports import ImportLine, LineError
from coupon_server.domain.jobs import (
    GenerationJob,
    Job,
    JobFailure,
    RevocationFilter,
    RevocationJob,
)
from coupon_server.domain.redemption import GrantState, LedgerFilter, Redemption, RedemptionKind
from coupon_server.domain.rewards import (
    MAX_PAYLOAD_VALUES,
    PAYLOAD_SIZE,
    Payload,
    RewardItem,
)
from coupon_server.domain.triggers import AutoGenerate, TriggerConfig, TriggerKind
from coupon_server.lru import LruCache
from coupon_server.rpc.wire_bounds import MAX_STRUCT_BYTES
from coupon_server.services.coupons import CouponView, LedgerEntry
from coupon_server.services.events import EventResult
from coupon_server.services.progress import Progress
from coupon_server.services.usage import LimitUse
from phoenix_coupons.v1 import (
    ApiKey,
    AuthPolicy,
    ExportCouponsRequest,
    ExportRedemptionsRequest,
    GeneratedCoupon,
    ImportedCoupon,
    ImportLineError,
    ListIssuedCouponsRequest,
    ListRedemptionsRequest,
    StartRevocationRequest,
    TenantLimit,
    TenantSecret,
    WebhookAttempt,
    coupon_query_pb2,
    coupons_pb2,
    definitions_pb2,
    events_pb2,
    jobs_pb2,
    rewards_pb2,
)
from phoenix_coupons.v1 import DeadLetter as DeadLetterMessage
from phoenix_coupons.v1 import WebhookEndpoint as WebhookEndpointMessage

Word = TypeVar("Word", bound=StrEnum)


# --- from messages -----------------------------------------------------------------------


def optional_uuid(text: str) -> UUID | None:
    """The id of a field that validation has found to be empty or a UUID."""
    return UUID(text) if text else None


def word(enum: type[Word], name: str) -> Word | None:
    """The domain's word for an enumerator; None for an unspecified one."""
    return None if name.endswith("_unspecified") else enum(name)


def moment(message: Any, name: str, path: str) -> datetime | None:
    """The instant in a message's Timestamp field, to the microsecond. None: it is not set."""
    return _instant(getattr(message, name), path) if message.HasField(name) else None


def _instant(stamp: Timestamp, path: str) -> datetime:
    try:
        return stamp.ToDatetime(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise InvalidField(
            path, "must be from 0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999999999Z"
        ) from None


def span(message: Any, name: str, path: str) -> timedelta | None:
    """The length in a message's Duration field, to the microsecond. None: it is not set."""
    if not message.HasField(name):
        return None
    duration: Duration = getattr(message, name)
    try:
        # The conversion to JSON, unlike the other, checks range and signs.
        duration.ToJsonString()
        return duration.ToTimedelta()
    except (ValueError, OverflowError):
        raise InvalidField(path, "must be a valid duration") from None


def _count(message: Any, name: str) -> int | None:
    return getattr(message, name).value if message.HasField(name) else None


def payload(message: Any) -> Payload | None:
    """The JSON object in a message's `payload`. Raises InvalidField when it is far too large."""
    if not message.HasField("payload"):
        return None
    if message.payload.ByteSize() > MAX_STRUCT_BYTES:
        raise InvalidField("payload", PAYLOAD_SIZE)
    return _PayloadReader().object(message.payload)


class _PayloadReader:
    """Reads a Struct for as long as it has not too many values."""

    def __init__(self) -> None:
        self._room = MAX_PAYLOAD_VALUES

    def object(self, struct: Struct) -> dict[str, Any]:
        fields = struct.fields
        self._take(len(fields))
        return {name: self._value(value) for name, value in fields.items()}

    def _list(self, values: Sequence[Value]) -> list[Any]:
        self._take(len(values))
        return [self._value(value) for value in values]

    def _take(self, count: int) -> None:
        self._room -= count
        if self._room < 0:
            raise InvalidField("payload", PAYLOAD_SIZE)

    def _value(self, value: Value) -> Any:
        # Asking for the kind takes longer than looking: what is not empty is of that kind.
        if number := value.number_value:
            return _number(number)
        if text := value.string_value:
            return text
        match value.WhichOneof("kind"):
            case "list_value":
                return self._list(value.list_value.values)
            case "struct_value":
                return self.object(value.struct_value)
            case "number_value":
                return _number(value.number_value)
            case "string_value":
                return ""
            case "bool_value":
                return value.bool_value
            case _:
                return None


def _number(value: float) -> float | int:
    """A whole number as JSON writers write it, without a fraction; others as they are."""
    return int(value) if value.is_integer() and abs(value) <= 2**53 else value


def config(message: definitions_pb2.CouponConfig) -> CouponConfig:
    """The config as the caller wrote it; `normalized` completes it. Raises InvalidField."""
    code_format = definitions_pb2.CouponConfig.CodeFormat.Name(message.code_format)
    return CouponConfig(
        reward_item_id=_reward_item_id(message.reward_item_id),
        code_format=word(CodeFormat, code_format) or CodeFormat.RANDOM,
        code_prefix=message.code_prefix,
        code_length=message.code_length,
        custom_code=message.custom_code,
        case_sensitive=message.case_sensitive,
        starts_at=moment(message, "starts_at", "config.starts_at"),
        expires_at=moment(message, "expires_at", "config.expires_at"),
        usage_limit=_usage_limit(message.usage_limit),
        auto_generate=_auto_generate(message.auto_generate),
        valid_for=span(message, "valid_for", "config.valid_for"),
        max_uses_per_user=_count(message, "max_uses_per_user"),
        issue_limit=_count(message, "issue_limit"),
        issue_limit_per_user=_count(message, "issue_limit_per_user"),
        assigned_only=message.assigned_only,
    )


def _reward_item_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise InvalidField("config.reward_item_id", "must be a valid UUID") from None


def _usage_limit(message: definitions_pb2.UsageLimit) -> UsageLimit:
    limit_type = definitions_pb2.UsageLimit.LimitType.Name(message.limit_type)
    return UsageLimit.parse(word(LimitType, limit_type), _count(message, "max_uses"))


def _auto_generate(message: definitions_pb2.AutoGenerate) -> AutoGenerate | None:
    trigger = definitions_pb2.AutoGenerate.Trigger.Name(message.trigger)
    wanted = message.trigger_config
    return AutoGenerate.parse(
        message.enabled,
        word(TriggerKind, trigger),
        TriggerConfig(
            streak_id=wanted.streak_id,
            milestone_threshold=wanted.milestone_threshold,
            achievement_id=wanted.achievement_id,
            leaderboard_id=wanted.leaderboard_id,
            rank_threshold=wanted.rank_threshold,
        ),
    )


def event(tenant_id: UUID, message: events_pb2.Event) -> Event:
    """The event in a message. Raises InvalidField."""
    occurred_at = _instant(message.occurred_at, "occurred_at")
    return Event(tenant_id, message.event_id, message.user_id, occurred_at, *_reached(message))


def _reached(message: events_pb2.Event) -> tuple[TriggerKind, str, str, int]:
    """What an event tells of: kind, target, occurrence and value."""
    match message.WhichOneof("kind"):
        case "streak_milestone_reached":
            streak = message.streak_milestone_reached
            return TriggerKind.STREAK_MILESTONE, streak.streak_id, streak.run_id, streak.milestone
        case "achievement_completed":
            done = message.achievement_completed
            kind = TriggerKind.ACHIEVEMENT_COMPLETED
            return kind, done.achievement_id, done.completion_id, ACHIEVED
        case _:
            board = message.leaderboard_rank_reached
            return TriggerKind.LEADERBOARD_RANK, board.leaderboard_id, board.window_id, board.rank


def coupon_filter(
    request: ListIssuedCouponsRequest | ExportCouponsRequest, now: datetime
) -> CouponFilter:
    return CouponFilter(
        tenant_id=UUID(request.tenant_id),
        now=now,
        definition_id=optional_uuid(request.definition_id),
        generation_id=optional_uuid(request.generation_id),
        user_id=request.user_id or None,
        status=word(CouponStatus, coupons_pb2.Coupon.Status.Name(request.status)),
        code=TypedCode.parse(request.code) if request.code else None,
        source=word(CouponSource, coupons_pb2.Coupon.Source.Name(request.source)),
    )


def ledger_filter(request: ListRedemptionsRequest | ExportRedemptionsRequest) -> LedgerFilter:
    return LedgerFilter(
        tenant_id=UUID(request.tenant_id),
        kind=word(RedemptionKind, coupons_pb2.Redemption.Kind.Name(request.kind)),
        user_id=request.user_id or None,
        definition_id=optional_uuid(request.definition_id),
        start=moment(request, "start_time", "start_time"),
        end=moment(request, "end_time", "end_time"),
    )


def revocation_filter(request: StartRevocationRequest) -> RevocationFilter:
    return RevocationFilter(
        definition_id=optional_uuid(request.definition_id),
        generation_id=optional_uuid(request.generation_id),
        user_id=request.user_id or None,
        status=word(CouponStatus, coupons_pb2.Coupon.Status.Name(request.status)),
        source=word(CouponSource, coupons_pb2.Coupon.Source.Name(request.source)),
    )


def import_line(message: ImportedCoupon) -> ImportLine:
    """Raises InvalidField."""
    return ImportLine(
        number=message.line,
        code=message.code,
        user_id=message.user_id or None,
        generated_at=moment(message, "generated_at", "generated_at"),
        expires_at=moment(message, "expires_at", "expires_at"),
    )


# --- to messages -------------------------------------------------------------------------

# In memory a message takes up to twenty times its bytes on the wire.
_MAX_KEPT_BYTES = 1024 * 1024
_reward_items: LruCache[tuple[UUID, int], rewards_pb2.RewardItem] = LruCache(
    _MAX_KEPT_BYTES, rewards_pb2.RewardItem.ByteSize
)


def _native(value: object) -> Any:
    """A datetime, timedelta or enumerator's name, which messages take as they are.

    Their type stubs do not know it.
    """
    return value


def reward_item_message(item: RewardItem) -> rewards_pb2.RewardItem:
    """The item; one message for a version, so it must not be changed."""
    key = (item.item_id, item.version)
    message = _reward_items.get(key)
    if message is None:
        message = rewards_pb2.RewardItem(
            item_id=str(item.item_id),
            tenant_id=str(item.tenant_id),
            name=item.name,
            description=item.description,
            reward_type=item.reward_type,
            payload=_native(item.payload),
            created_at=_native(item.created_at),
            updated_at=_native(item.updated_at),
            etag=item.etag,
        )
        _reward_items.put(key, message)
    return message


def definition_message(definition: CouponDefinition) -> definitions_pb2.CouponDefinition:
    return definitions_pb2.CouponDefinition(
        id=str(definition.id),
        tenant_id=str(definition.tenant_id),
        name=definition.name,
        description=definition.description,
        config=_config_message(definition.config),
        status=_native(definition.status),
        created_at=_native(definition.created_at),
        updated_at=_native(definition.updated_at),
        etag=definition.etag,
    )


def redacted_definition(definition: CouponDefinition) -> definitions_pb2.CouponDefinition:
    """The definition as a user's own token sees it: without codes and triggers."""
    message = definition_message(definition)
    for name in ("code_prefix", "code_length", "custom_code", "auto_generate"):
        message.config.ClearField(name)
    return message


def _config_message(config: CouponConfig) -> definitions_pb2.CouponConfig:
    return definitions_pb2.CouponConfig(
        reward_item_id=str(config.reward_item_id),
        code_format=_native(config.code_format),
        code_prefix=config.code_prefix,
        code_length=config.code_length if config.code_format is CodeFormat.RANDOM else 0,
        custom_code=config.custom_code,
        case_sensitive=config.case_sensitive,
        starts_at=_native(config.starts_at),
        expires_at=_native(config.expires_at),
        usage_limit=definitions_pb2.UsageLimit(
            limit_type=_native(config.usage_limit.limit_type),
            max_uses=count_message(config.usage_limit.max_uses),
        ),
        auto_generate=_auto_generate_message(config.auto_generate),
        valid_for=_native(config.valid_for),
        max_uses_per_user=count_message(config.max_uses_per_user),
        issue_limit=count_message(config.issue_limit),
        issue_limit_per_user=count_message(config.issue_limit_per_user),
        assigned_only=config.assigned_only,
    )


def _auto_generate_message(
    auto_generate: AutoGenerate | None,
) -> definitions_pb2.AutoGenerate | None:
    if auto_generate is None:
        return None
    wanted = auto_generate.config
    return definitions_pb2.AutoGenerate(
        enabled=auto_generate.enabled,
        trigger=_native(auto_generate.kind),
        trigger_config=definitions_pb2.TriggerConfig(
            streak_id=wanted.streak_id,
            milestone_threshold=wanted.milestone_threshold,
            achievement_id=wanted.achievement_id,
            leaderboard_id=wanted.leaderboard_id,
            rank_threshold=wanted.rank_threshold,
        ),
    )


def count_message(count: int | None) -> Int32Value | None:
    return None if count is None else Int32Value(value=count)


# Coupons and redemptions are written into the message that is sent, field by field: it
# takes a tenth of the time that building and copying them does, on the hot path.

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_COUPON_STATUS = {one: coupons_pb2.Coupon.Status.Value(one) for one in CouponStatus}
COUPON_SOURCE = {one: coupons_pb2.Coupon.Source.Value(one) for one in CouponSource}
_REDEMPTION_KIND = {one: coupons_pb2.Redemption.Kind.Value(one) for one in RedemptionKind}
_GRANT_STATE = {one: coupons_pb2.Redemption.GrantState.Value(one) for one in GrantState}


def write_moment(message: Timestamp, instant: datetime | None) -> None:
    if instant is not None:
        since = instant - _EPOCH
        message.seconds = since.days * 86_400 + since.seconds
        message.nanos = since.microseconds * 1_000


def write_coupon(
    message: coupons_pb2.Coupon,
    coupon: Coupon,
    definition: CouponDefinition,
    item: RewardItem,
    now: datetime,
) -> None:
    """Write the coupon as it is at `now` into an empty message."""
    config = definition.config
    message.id = str(coupon.id)
    message.definition_id = str(coupon.definition_id)
    message.definition_name = definition.name
    message.tenant_id = str(coupon.tenant_id)
    message.user_id = coupon.user_id or ""
    message.code = coupon.code
    message.status = _COUPON_STATUS[coupon.status(config.usage_limit, config.expires_at, now)]
    write_moment(message.generated_at, coupon.generated_at)
    write_moment(message.expires_at, coupon.expires_at(config.expires_at))
    write_moment(message.redeemed_at, coupon.redeemed_at)
    message.redemption_count = coupon.used
    message.coupon_type = coupons_pb2.Coupon.CouponType.reward
    message.reward_item.CopyFrom(reward_item_message(item))
    message.source = COUPON_SOURCE[coupon.source]
    message.generation_id = str(coupon.generation_id or "")
    write_moment(message.starts_at, config.starts_at)
    write_moment(message.revoked_at, coupon.revoked_at)
    message.revoke_reason = coupon.revoke_reason


def write_redemption(message: coupons_pb2.Redemption, redemption: Redemption) -> None:
    """Write the ledger row into an empty message, without its reward item."""
    message.id = str(redemption.id)
    message.coupon_id = str(redemption.coupon_id)
    message.definition_id = str(redemption.definition_id)
    message.user_id = redemption.user_id
    message.code = redemption.code
    write_moment(message.redeemed_at, redemption.redeemed_at)
    message.tenant_id = str(redemption.tenant_id)
    message.kind = _REDEMPTION_KIND[redemption.kind]
    message.reference = redemption.reference
    message.metadata.update(redemption.metadata)
    message.credential_id = str(redemption.credential_id)
    write_moment(message.reversed_at, redemption.reversed_at)
    message.reversal_id = str(redemption.reversal_id or "")
    message.reverses_id = str(redemption.reverses_id or "")
    if redemption.grant_state is not None:
        message.grant_state = _GRANT_STATE[redemption.grant_state]


def coupon_view_message(view: CouponView) -> coupons_pb2.Coupon:
    message = coupons_pb2.Coupon()
    write_coupon(message, view.coupon, view.definition, view.reward_item, view.now)
    return message


def ledger_entry_message(entry: LedgerEntry) -> coupons_pb2.Redemption:
    message = coupons_pb2.Redemption()
    write_redemption(message, entry.redemption)
    message.reward_item.CopyFrom(reward_item_message(entry.reward_item))
    return message


def generated_coupon_message(
    coupon: Coupon, created: bool, definition_expires_at: datetime | None
) -> GeneratedCoupon:
    return GeneratedCoupon(
        id=str(coupon.id),
        user_id=coupon.user_id or "",
        code=coupon.code,
        created=created,
        expires_at=_native(coupon.expires_at(definition_expires_at)),
    )


def event_result_message(result: EventResult) -> events_pb2.EventResult:
    return events_pb2.EventResult(
        event_id=result.event_id,
        duplicate=result.duplicate,
        issued=[_earned_coupon_message(issued) for issued in result.issued],
        not_issued=[
            events_pb2.NotIssued(
                definition_id=str(one.definition_id), reason=one.reason, message=one.message
            )
            for one in result.not_issued
        ],
    )


def _earned_coupon_message(issued: Issued) -> events_pb2.EarnedCoupon:
    coupon = issued.coupon
    return events_pb2.EarnedCoupon(
        definition_id=str(coupon.definition_id),
        coupon=generated_coupon_message(coupon, issued.created, issued.definition_expires_at),
    )


def progress_message(progress: Progress) -> coupon_query_pb2.Progress:
    trigger, current = progress.trigger, progress.current
    message = coupon_query_pb2.Progress(
        definition_id=str(progress.definition.id),
        definition_name=progress.definition.name,
        trigger=_native(trigger.kind),
        target=trigger.target,
        threshold=count_message(trigger.threshold),
        completed=progress.completed,
        earned=progress.coupon is not None,
    )
    if current is not None:
        message.occurrence = current.occurrence
        message.current.value = current.reached.value
        write_moment(message.updated_at, current.reached.occurred_at)
    if progress.coupon is not None:
        message.coupon.CopyFrom(coupon_view_message(progress.coupon))
    return message


def redacted_progress(progress: Progress) -> coupon_query_pb2.Progress:
    """The progress as a user's own token sees it: without what the trigger watches."""
    message = progress_message(progress)
    for name in ("target", "occurrence"):
        message.ClearField(name)
    return message


def api_key_message(key: StoredApiKey) -> ApiKey:
    return ApiKey(
        key_id=str(key.key_id),
        tenant_id=str(key.tenant_id),
        name=key.name,
        prefix=key.prefix,
        scopes=[AuthPolicy.Scope.Value(scope) for scope in key.scopes],
        created_at=_native(key.created_at),
        expires_at=_native(key.expires_at),
        revoked_at=_native(key.revoked_at),
        last_used_at=_native(key.last_used_at),
    )


def secret_message(secret: StoredSecret) -> TenantSecret:
    return TenantSecret(
        secret_id=str(secret.secret_id),
        created_at=_native(secret.created_at),
        expires_at=_native(secret.expires_at),
    )


def limit_message(use: LimitUse) -> TenantLimit:
    return TenantLimit(
        name=_native(use.name),
        limit=use.limit,
        used=use.used,
        resets_at=_native(use.resets_at),
    )


def generation_message(job: GenerationJob) -> jobs_pb2.Generation:
    return jobs_pb2.Generation(
        definition_id=str(job.definition_id),
        requested=job.requested,
        processed=job.processed,
        generated=job.changed,
        **_job_fields(job),
    )


def revocation_message(job: RevocationJob) -> jobs_pb2.Revocation:
    wanted = job.wanted
    return jobs_pb2.Revocation(
        filter=jobs_pb2.RevocationFilter(
            definition_id=str(wanted.definition_id or ""),
            generation_id=str(wanted.generation_id or ""),
            user_id=wanted.user_id or "",
            status=_native(wanted.status or "status_unspecified"),
            source=_native(wanted.source or "source_unspecified"),
        ),
        reason=job.reason,
        scanned=job.processed,
        revoked=job.changed,
        **_job_fields(job),
    )


def _job_fields(job: Job) -> dict[str, Any]:
    return {
        "id": str(job.id),
        "tenant_id": str(job.tenant_id),
        "state": job.state,
        "created_at": job.created_at,
        "started_at": job.started_at,
        "finished_at": job.finished_at,
        "updated_at": job.updated_at,
        "error": _job_error_message(job.failure),
        "credential_id": str(job.credential_id),
    }


def _job_error_message(failure: JobFailure | None) -> jobs_pb2.JobError | None:
    if failure is None:
        return None
    return jobs_pb2.JobError(
        reason=failure.reason, message=failure.message, metadata=failure.metadata
    )


def import_error_message(error: LineError) -> ImportLineError:
    return ImportLineError(
        line=error.number, reason=error.reason, message=error.message, field=error.field
    )


def endpoint_message(endpoint: WebhookEndpoint, now: datetime) -> WebhookEndpointMessage:
    """The endpoint without its secrets; that before is told of while it signs along."""
    until = endpoint.previous_until
    return WebhookEndpointMessage(
        endpoint_id=str(endpoint.endpoint_id),
        tenant_id=str(endpoint.tenant_id),
        url=endpoint.url,
        description=endpoint.description,
        event_types=endpoint.event_types,
        status=_native(endpoint.status),
        previous_secret_until=_native(until) if until is not None and now < until else None,
        created_at=_native(endpoint.created_at),
        updated_at=_native(endpoint.updated_at),
        etag=endpoint.etag,
    )


def attempt_message(attempt: LoggedAttempt) -> WebhookAttempt:
    result = attempt.result
    return WebhookAttempt(
        id=str(attempt.id),
        endpoint_id=str(attempt.endpoint_id),
        event_id=str(attempt.event_id),
        event_type=attempt.event_type,
        attempt=attempt.attempt,
        outcome=WebhookAttempt.Outcome.delivered
        if result.delivered
        else WebhookAttempt.Outcome.failed,
        error=_delivery_error(result.error),
        status_code=count_message(result.status_code),
        latency_ms=milliseconds(result),
        attempted_at=_native(attempt.attempted_at),
    )


def dead_letter_message(letter: DeadLetter) -> DeadLetterMessage:
    return DeadLetterMessage(
        event_id=str(letter.event_id),
        event_type=letter.event_type,
        user_id=letter.user_id,
        attempts=letter.attempts,
        error=_delivery_error(letter.error),
        status_code=count_message(letter.status_code),
        died_at=_native(letter.died_at),
    )


def _delivery_error(error: DeliveryError) -> WebhookAttempt.Error.ValueType:
    return WebhookAttempt.Error.Value(error or "error_unspecified")
