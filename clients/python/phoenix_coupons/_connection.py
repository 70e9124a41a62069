"""How a client keeps its connection."""

import math
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

_MEBIBYTE = 1024 * 1024
MAX_REQUEST_BYTES = 4 * _MEBIBYTE
"""The largest message that the service takes."""

# gRPC adds up to a fifth to each pause.
_RECONNECT_JITTER = 1.2


@dataclass(frozen=True, slots=True)
class ConnectionOptions:
    """Seconds, all of them, but for `http_proxy`."""

    reconnect_backoff: float = 5.0
    """The longest pause between two attempts to connect, and the longest such attempt."""
    keepalive_time: float = 10.0
    """A connection on which nothing arrives for so long, while calls are open, is pinged. The
    service permits a ping every 10 s."""
    keepalive_timeout: float = 5.0
    """A connection on which a ping is not answered for so long is dead: its calls fail with
    UNAVAILABLE, and the next one connects anew."""
    http_proxy: bool = False
    """Whether the variables `http_proxy`, `https_proxy` and `no_proxy` are followed."""

    def __post_init__(self) -> None:
        for name in ("reconnect_backoff", "keepalive_time", "keepalive_timeout"):
            if not 0 < getattr(self, name) < math.inf:
                raise ValueError(f"{name} must be above 0 seconds, and finite")


def channel_arguments(options: ConnectionOptions) -> list[tuple[str, Any]]:
    """Return what gRPC is told of the connection."""
    reconnect = _milliseconds(options.reconnect_backoff)
    longest_pause = int(reconnect / _RECONNECT_JITTER)
    keepalive_timeout = _milliseconds(options.keepalive_timeout)
    return [
        ("grpc.primary_user_agent", f"phoenix-coupons-python/{_version()}"),
        ("grpc.enable_http_proxy", int(options.http_proxy)),
        # As much as the service sends: a page of large payloads outgrows the default of 4 MiB.
        ("grpc.max_receive_message_length", 64 * _MEBIBYTE),
        # gRPC itself repeats what certainly did not reach the service; it keeps 256 KiB for that.
        ("grpc.per_rpc_retry_buffer_size", MAX_REQUEST_BYTES),
        # A service that is back within the retries of a call is found by them.
        ("grpc.initial_reconnect_backoff_ms", min(100, longest_pause)),
        ("grpc.max_reconnect_backoff_ms", longest_pause),
        ("grpc.min_reconnect_backoff_ms", reconnect),
        ("grpc.keepalive_time_ms", _milliseconds(options.keepalive_time)),
        # How long it waits for an answer: the second in recent releases of gRPC, before that the
        # first.
        ("grpc.keepalive_timeout_ms", keepalive_timeout),
        ("grpc.http2.ping_timeout_ms", keepalive_timeout),
        # By default gRPC stops after two pings of a stream on which nothing is sent.
        ("grpc.http2.max_pings_without_data", 0),
    ]


def _milliseconds(seconds: float) -> int:
    return max(1, round(seconds * 1000))


def _version() -> str:
    try:
        return version("phoenix-coupons-client")
    except PackageNotFoundError:
        return "unknown"  # copied, not installed
