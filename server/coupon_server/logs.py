"""Structured logs: a JSON object a line on standard error.

Modules log with `log = structlog.get_logger()` and `log.info("event_name", key=value)`.
"""

import logging
import sys
from collections.abc import Mapping
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

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


def configure_logs(level: str = "info", stream: TextIO | None = None) -> None:
    """Sends structlog's events, those of the standard library's loggers, and Python's warnings to
    a stream.

    Args:
        level: the least severe level to log: debug, info, warning or error.
        stream: standard error unless it is given.
    """
    stream = stream or sys.stderr
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
        processors=[*shared, render],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.WriteLoggerFactory(file=stream),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, render],
        )
    )
    # Below this level libraries log little that an operator could use.
    logging.basicConfig(level=max(threshold, logging.WARNING), handlers=[handler], force=True)
    logging.captureWarnings(True)


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
