"""Structured logs: a JSON object a line on standard error.

Modules log with `log = structlog.get_logger()` and `log.info("event_name", key=value)`. Logging
neither raises nor waits, whatever is logged and wherever the log goes.
"""

import logging
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from coupon_server.log_writer import LogWriter, plain_line

STDERR = 2

_REDACTED = "[redacted]"
_SECRET_KEYS = frozenset(
    {
        "admin_api_key",
        "api_key",
        "authorization",
        "database_url",
        "master_keys",
        "password",
        "secret",
        "tenant_secret",
        "token",
        "x-api-key",
        "x-signature",
    }
)


_writers: list[LogWriter] = []


def configure_logs(level: str = "info", descriptor: int = STDERR) -> LogWriter:
    """Sends structlog's events, those of the standard library's loggers, and Python's warnings to
    a file descriptor.

    Args:
        level: the least severe level to log: debug, info, warning or error.
        descriptor: of a file or a pipe. It must stay open.
    """
    writer = LogWriter(descriptor)
    _writers.append(writer)
    threshold = logging.getLevelNamesMapping()[level.upper()]
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        trace_errors_only,
        structlog.processors.format_exc_info,
        redact,
    ]
    render = structlog.processors.JSONRenderer(ensure_ascii=False)
    structlog.configure(
        processors=[partial(_render, [*shared, render])],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=lambda *_: _Lines(writer),
        cache_logger_on_first_use=True,
    )
    handler = _Handler(writer)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, render],
        )
    )
    # Below this level libraries log little that an operator could use.
    logging.basicConfig(level=max(threshold, logging.WARNING), handlers=[handler], force=True)
    logging.captureWarnings(True)
    return writer


def dropped_lines() -> int:
    """How many lines of the log this process could not write."""
    return sum(writer.dropped for writer in _writers)


class _Lines:
    """What structlog hands its lines to."""

    def __init__(self, writer: LogWriter) -> None:
        self.debug = self.info = self.warning = self.error = self.critical = writer.write


class _Handler(logging.Handler):
    """What the standard library hands its records to."""

    def __init__(self, writer: LogWriter) -> None:
        super().__init__()
        self._writer = writer

    def emit(self, record: logging.LogRecord) -> None:
        try:
            line = self.format(record)
        except Exception as error:
            line = _unreadable(record.levelname.lower(), record.msg, error)
        self._writer.write(line)


def _render(
    processors: Sequence[Processor], logger: WrappedLogger, method: str, event: EventDict
) -> str:
    """The event as a line. What can't be rendered is named, and nothing is raised."""
    rendered: Any = dict(event)
    try:
        for processor in processors:
            rendered = processor(logger, method, rendered)
    except Exception as error:
        return _unreadable(method, event.get("event"), error)
    return str(rendered)


def _unreadable(level: str, event: object, error: Exception) -> str:
    name = event if isinstance(event, str) else type(event).__name__
    return plain_line(name, level, unreadable=type(error).__name__)


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replaces values under the name of a secret, in nested mappings too."""
    return {key: _without_secrets(key, value) for key, value in event.items()}


def trace_errors_only(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Drops the traceback of an event below the level `error`."""
    if event.get("level") not in ("error", "critical"):
        event.pop("exc_info", None)
    return event


def _without_secrets(key: object, value: Any) -> Any:
    if str(key).lower() in _SECRET_KEYS:
        return _REDACTED
    if isinstance(value, Mapping):
        return {name: _without_secrets(name, inner) for name, inner in value.items()}
    return value
