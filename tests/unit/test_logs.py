"""Logs: one JSON object a line, without secrets."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from coupon_server.log_writer import LogWriter
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


def logged(capfd: pytest.CaptureFixture[str], log: LogWriter) -> list[dict[str, object]]:
    assert log.flush(60)
    return [json.loads(line) for line in capfd.readouterr().err.splitlines()]


def test_events_are_json_lines(capfd: pytest.CaptureFixture[str]) -> None:
    log = configure_logs()
    structlog.get_logger().info("started", port=1, name="ü")
    structlog.get_logger().debug("hidden")
    (event,) = logged(capfd, log)
    assert str(event.pop("timestamp")).endswith("Z")
    assert event == {"event": "started", "level": "info", "port": 1, "name": "ü"}


def test_secrets_are_redacted(capfd: pytest.CaptureFixture[str]) -> None:
    log = configure_logs()
    metadata = {"Authorization": "Bearer abc", "x-request-id": "1"}
    structlog.get_logger().info("call", metadata=metadata, api_key="pk_abc")
    (event,) = logged(capfd, log)
    assert event["metadata"] == {"Authorization": "[redacted]", "x-request-id": "1"}
    assert event["api_key"] == "[redacted]"


def test_only_errors_carry_a_traceback(capfd: pytest.CaptureFixture[str]) -> None:
    log = configure_logs()
    error = ZeroDivisionError("division by zero")
    structlog.get_logger().warning("refused", exc_info=error)
    structlog.get_logger().error("broken", exc_info=error)
    refused, broken = logged(capfd, log)
    assert not {"exception", "exc_info"} & set(refused)
    assert "ZeroDivisionError" in str(broken["exception"])


def test_libraries_log_the_same_way(capfd: pytest.CaptureFixture[str]) -> None:
    log = configure_logs("debug")
    logging.getLogger("asyncio").warning("slow %s", "callback")
    logging.getLogger("asyncio").info("hidden")
    (event,) = logged(capfd, log)
    assert (event["event"], event["level"]) == ("slow callback", "warning")


class Unfriendly:
    def __repr__(self) -> str:
        raise ZeroDivisionError

    __str__ = __repr__


def test_what_cannot_be_shown_is_named_and_raises_nothing(
    capfd: pytest.CaptureFixture[str],
) -> None:
    log = configure_logs()
    circle: dict[str, object] = {}
    circle["self"] = circle
    structlog.get_logger().info("shown", value=Unfriendly())
    structlog.get_logger().info("shown", value=circle)
    structlog.get_logger().info("shown", text="\ud800")
    logging.getLogger("library").warning("%d", "no number")
    *unreadable, surrogate, foreign = logged(capfd, log)
    assert [one["unreadable"] for one in unreadable] == ["ZeroDivisionError", "RecursionError"]
    assert surrogate["text"] == "\ud800"
    assert foreign["unreadable"] == "TypeError"
