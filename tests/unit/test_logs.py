"""Logs: one JSON object a line, without secrets."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from coupon_server.logs import configure_logs
from support.logs import configure_plain_logs


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    # The handler of the test's own stderr must not survive it.
    root.handlers.clear()
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    configure_plain_logs()


def logged(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_events_are_json_lines(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs()
    structlog.get_logger().info("started", port=1, name="ü")
    structlog.get_logger().debug("hidden")
    (event,) = logged(capsys)
    assert str(event.pop("timestamp")).endswith("Z")
    assert event == {"event": "started", "level": "info", "port": 1, "name": "ü"}


def test_secrets_are_redacted(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs()
    metadata = {"Authorization": "Bearer abc", "x-request-id": "1"}
    structlog.get_logger().info("call", metadata=metadata, api_key="pk_abc")
    (event,) = logged(capsys)
    assert event["metadata"] == {"Authorization": "[redacted]", "x-request-id": "1"}
    assert event["api_key"] == "[redacted]"


def test_only_errors_carry_a_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs()
    error = ZeroDivisionError("division by zero")
    structlog.get_logger().warning("refused", exc_info=error)
    structlog.get_logger().error("broken", exc_info=error)
    refused, broken = logged(capsys)
    assert not {"exception", "exc_info"} & set(refused)
    assert "ZeroDivisionError" in str(broken["exception"])


def test_libraries_log_the_same_way(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("debug")
    logging.getLogger("asyncio").warning("slow %s", "callback")
    logging.getLogger("asyncio").info("hidden")
    (event,) = logged(capsys)
    assert (event["event"], event["level"]) == ("slow callback", "warning")
