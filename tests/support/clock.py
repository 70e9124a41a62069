"""A clock that stands still until it is moved."""

from datetime import UTC, datetime, timedelta


class MovableClock:
    """Begins at the real present, because credentials are checked against it, too."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, by: timedelta) -> None:
        self.now += by
