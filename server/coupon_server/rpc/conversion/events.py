"""Events, and the coupons that users earn by them."""

from uuid import UUID

from coupon_server.domain.earning import Issued
from coupon_server.domain.events import ACHIEVED, Event
from coupon_server.domain.triggers import TriggerKind
from coupon_server.rpc.conversion.coupons import coupon_message, generated_coupon_message
from coupon_server.rpc.conversion.fields import count_message, native, to_datetime, write_timestamp
from coupon_server.rpc.conversion.rewards import RewardItemMessages
from coupon_server.services.events import EventResult
from coupon_server.services.progress import Progress
from phoenix_coupons.v1 import (
    coupon_query_pb2,
    events_pb2,
)


def parse_event(tenant_id: UUID, message: events_pb2.Event) -> Event:
    """The event in a message. Raises InvalidField."""
    occurred_at = to_datetime(message.occurred_at, "occurred_at")
    return Event(tenant_id, message.event_id, message.user_id, occurred_at, *_reached(message))


def _reached(message: events_pb2.Event) -> tuple[TriggerKind, str, str, int]:
    """The kind, target, occurrence and value of an event."""
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


def event_result_message(result: EventResult) -> events_pb2.EventResult:
    return events_pb2.EventResult(
        event_id=result.event_id,
        duplicate=result.duplicate,
        issued=[_earned_coupon_message(issued) for issued in result.issued],
        not_issued=[
            events_pb2.NotIssued(
                definition_id=str(refused.definition_id),
                reason=refused.reason,
                message=refused.message,
            )
            for refused in result.not_issued
        ],
    )


def _earned_coupon_message(issued: Issued) -> events_pb2.EarnedCoupon:
    coupon = issued.coupon
    return events_pb2.EarnedCoupon(
        definition_id=str(coupon.definition_id),
        coupon=generated_coupon_message(coupon, issued.created, issued.definition_expires_at),
    )


def progress_message(progress: Progress, items: RewardItemMessages) -> coupon_query_pb2.Progress:
    trigger, current = progress.trigger, progress.current
    message = coupon_query_pb2.Progress(
        definition_id=str(progress.definition.id),
        definition_name=progress.definition.name,
        trigger=native(trigger.kind),
        target=trigger.target,
        threshold=count_message(trigger.threshold),
        completed=progress.completed,
        earned=progress.coupon is not None,
    )
    if current is not None:
        message.occurrence = current.occurrence
        message.current.value = current.reached.value
        write_timestamp(message.updated_at, current.reached.occurred_at)
    if progress.coupon is not None:
        message.coupon.CopyFrom(coupon_message(progress.coupon, items))
    return message


def redacted_progress(progress: Progress, items: RewardItemMessages) -> coupon_query_pb2.Progress:
    """The progress as a user's own token sees it: without what the trigger watches."""
    message = progress_message(progress, items)
    for name in ("target", "occurrence"):
        message.ClearField(name)
    return message
