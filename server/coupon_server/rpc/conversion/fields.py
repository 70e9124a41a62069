"""Fields that several resources have: ids, instants, spans, counts.

The contract's enumerators are named as the domain's words are, so they convert by name.
"""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp
from google.protobuf.wrappers_pb2 import Int32Value

from coupon_server.domain.errors import InvalidField

Word = TypeVar("Word", bound=StrEnum)


def optional_uuid(text: str) -> UUID | None:
    """The id of a field that validation has found to be empty or a UUID."""
    return UUID(text) if text else None


def enum_member(enum: type[Word], name: str) -> Word | None:
    """The domain's word for an enumerator; None for an unspecified one."""
    return None if name.endswith("_unspecified") else enum(name)


def timestamp(message: Any, name: str, path: str) -> datetime | None:
    """The instant in a message's Timestamp field, to the microsecond. None: it is not set."""
    return to_datetime(getattr(message, name), path) if message.HasField(name) else None


def to_datetime(stamp: Timestamp, path: str) -> datetime:
    try:
        return stamp.ToDatetime(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise InvalidField(
            path, "must be from 0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999999999Z"
        ) from None


def duration(message: Any, name: str, path: str) -> timedelta | None:
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


def optional_count(message: Any, name: str) -> int | None:
    return getattr(message, name).value if message.HasField(name) else None


def native(value: object) -> Any:
    """A datetime, timedelta or enumerator's name, which messages take as they are.

    Their type stubs do not know it.
    """
    return value


def count_message(count: int | None) -> Int32Value | None:
    return None if count is None else Int32Value(value=count)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def write_timestamp(message: Timestamp, instant: datetime | None) -> None:
    if instant is not None:
        since = instant - _EPOCH
        message.seconds = since.days * 86_400 + since.seconds
        message.nanos = since.microseconds * 1_000
