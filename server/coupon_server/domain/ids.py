"""Identifiers are made in the application, so that every PostgreSQL from 14 on serves."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import uuid_utils
import uuid_utils.compat

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_MICROSECOND = timedelta(microseconds=1)
_GREATEST = (1 << 128) - 1


def new_id() -> UUID:
    """A UUID version 7 (RFC 9562): unique, and ordered by time to the millisecond."""
    return uuid_utils.compat.uuid7()


def new_id_at(moment: datetime) -> UUID:
    """A UUID version 7 whose timestamp is `moment`, so that a time range is an id range."""
    nanoseconds = (moment - _EPOCH) // _MICROSECOND * 1000
    return UUID(int=uuid_utils.uuid7(nanoseconds=nanoseconds).int)


def id_range(start: datetime | None, end: datetime | None) -> tuple[UUID, UUID]:
    """The least and the greatest `new_id_at` of the moments from `start` to `end`.

    None leaves that side open. Ids have milliseconds, so the range may hold a little more.
    """
    low = _milliseconds(start) << 80 if start else 0
    high = (_milliseconds(end) + 1 << 80) - 1 if end else _GREATEST
    return UUID(int=min(low, _GREATEST)), UUID(int=min(high, _GREATEST))


def _milliseconds(moment: datetime) -> int:
    return max(0, (moment - _EPOCH) // _MILLISECOND)
