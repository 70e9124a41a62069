"""What tests print of the logs."""

import structlog


def configure_plain_logs() -> None:
    """Lines to read beside a failed test. structlog's own default draws every traceback with its
    local variables, for seconds in which the server under test stands still."""
    structlog.reset_defaults()
    plain = structlog.dev.ConsoleRenderer(
        colors=False, exception_formatter=structlog.dev.plain_traceback
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            plain,
        ]
    )
