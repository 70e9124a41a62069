"""Real time is injected, so that rules about time can be tested."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Returns the present as an aware datetime in UTC."""


def utc_now() -> datetime:
    """The system's clock."""
    return datetime.now(UTC)
