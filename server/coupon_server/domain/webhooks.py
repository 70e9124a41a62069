"""Webhooks: where they may go, what an answer means, and when to try again."""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from coupon_server.domain.errors import InvalidField

TEST_EVENT = "webhook.test"
"""The type of the event that TestWebhookEndpoint sends."""

MAX_REDELIVERIES = 10_000
"""The most dead letters that one call sends again."""

RETRY_DELAYS = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 28_800, 43_200)
)
"""How long to wait after the first, second, … failed attempt: over 27 hours in all."""

RETRY_SPAN = timedelta(hours=24)
"""An event is not given up before it was tried for so long."""

MAX_RETRY_AFTER = timedelta(hours=1)
"""The longest wait that an endpoint can ask for."""

JITTER = 0.2
"""A delay is longer by up to this part of it, so that retries spread out."""

PATIENCE = 5
"""After so many failures in a row an endpoint is left alone for a while, and then tried with a
single event."""

LONGEST_REST = timedelta(minutes=5)


class EndpointStatus(StrEnum):
    ACTIVE = "active"
    PAUSED = "paused"
    DISABLED = "disabled"
    """The endpoint answered 410 Gone."""


class DeliveryError(StrEnum):
    """Why an attempt failed, as the delivery log says it."""

    NONE = ""
    STATUS = "status"
    """The answer was not of the 200s."""
    REDIRECT = "redirect"
    TIMEOUT = "timeout"
    CONNECTION = "connection"
    """Refused, reset, or ended without an answer."""
    NAME = "name"
    """The host's name could not be resolved."""
    TLS = "tls"
    ADDRESS = "address"
    """The host is at an address that webhooks may not go to."""
    RESPONSE = "response"
    """What came back was no HTTP."""
    INTERNAL = "internal"
    """The service could not make the webhook, and sent nothing."""


@dataclass(frozen=True, slots=True)
class AttemptResult:
    """What came of one attempt. `status_code` is None when there was no answer.

    `retry_after` is what the endpoint asked for.
    """

    error: DeliveryError
    status_code: int | None
    latency: timedelta
    retry_after: timedelta | None = None

    @property
    def delivered(self) -> bool:
        return self.error is DeliveryError.NONE

    @property
    def gone(self) -> bool:
        """Whether the endpoint says that it will never take webhooks again."""
        return self.status_code == 410


def answer_error(status_code: int) -> DeliveryError:
    """What an HTTP status means for the attempt."""
    if 200 <= status_code < 300:
        return DeliveryError.NONE
    return DeliveryError.REDIRECT if 300 <= status_code < 400 else DeliveryError.STATUS


def next_attempt_at(
    attempts: int,
    first_attempt_at: datetime,
    retry_after: timedelta | None,
    now: datetime,
    chance: Callable[[], float] = random.random,
) -> datetime | None:
    """When to try again after `attempts` failed ones; None: the event is given up.

    `chance` gives a number from 0 to 1.
    """
    if attempts > len(RETRY_DELAYS) and now - first_attempt_at >= RETRY_SPAN:
        return None
    delay = RETRY_DELAYS[min(attempts, len(RETRY_DELAYS)) - 1]
    delay += delay * JITTER * chance()
    if retry_after is not None:
        delay = max(delay, min(retry_after, MAX_RETRY_AFTER))
    return now + delay


def rest_until(failures: int, now: datetime) -> datetime | None:
    """Until when an endpoint that failed so often in a row is left alone; None: it is not."""
    if failures < PATIENCE:
        return None
    # Beyond a few doublings the longest rest holds anyway.
    rest: timedelta = RETRY_DELAYS[0] * 2 ** min(failures - PATIENCE, 10)
    return now + min(rest, LONGEST_REST)


# --- where webhooks may go -------------------------------------------------------------------

# Not public, by the registries of special-purpose addresses (RFC 6890) and of multicast; named
# here one by one because what Python calls global differs from version to version.
_FORBIDDEN_V4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        # The metadata server of a large cloud, at a public address.
        "168.63.129.16/32",
    )
)
# Everything else of IPv6 is loopback, private, link-local, multicast, or an IPv4 address in
# another form: mapped (::ffff:0:0/96), compatible (::/96) or behind NAT64 (64:ff9b::/96).
_PUBLIC_V6 = IPv6Network("2000::/3")
_FORBIDDEN_V6 = tuple(
    IPv6Network(network)
    for network in (
        # Protocol assignments, Teredo among them.
        "2001::/23",
        "2001:db8::/32",
        # 6to4: an IPv4 address again.
        "2002::/16",
        "3fff::/20",
    )
)


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet, to which webhooks may go."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, IPv4Address):
        return not any(parsed in network for network in _FORBIDDEN_V4)
    if parsed.scope_id is not None:
        return False
    return parsed in _PUBLIC_V6 and not any(parsed in network for network in _FORBIDDEN_V6)


_URL_CHARACTERS = re.compile(r"[!#-;=?-\[\]_a-z~]+")
"""What RFC 3986 lets a URL have. Programs disagree about the rest."""

_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_NAME = re.compile(rf"(?:{_LABEL}\.)*{_LABEL}")
_NUMBER = re.compile(r"(?:0[xX][0-9A-Fa-f]*|[0-9]+)")


@dataclass(frozen=True, slots=True)
class Target:
    """The host of a checked URL; `address` is its IP address where the URL has one."""

    host: str
    address: str | None


def check_url(url: str, *, allow_private: bool) -> Target:
    """Where the URL leads, if webhooks may go there as far as the URL tells.

    Raises InvalidField for `url`. `allow_private` allows http and addresses that are not public.
    """
    if not _URL_CHARACTERS.fullmatch(url):
        raise _invalid("must be a URL in ASCII, its other characters escaped")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise _invalid("must be a URL such as https://example.com/webhooks") from None
    if parts.scheme != "https" and not (allow_private and parts.scheme == "http"):
        raise _invalid("must begin with https://")
    if "@" in parts.netloc:
        raise _invalid("must not have a user name or password")
    if parts.fragment or "#" in url:
        raise _invalid("must not have a fragment")
    if port == 0:
        raise _invalid("must not have port 0")
    target = _target(host, bracketed=parts.netloc.startswith("["))
    if target.address is not None and not allow_private and not is_public(target.address):
        raise address_refused()
    return target


def address_refused() -> InvalidField:
    """The error for a URL whose host is where webhooks may not go."""
    return _invalid("must lead to a public address")


def _target(host: str, *, bracketed: bool) -> Target:
    if bracketed:
        try:
            address = IPv6Address(host)
            # A zone would name an interface of the server.
            if address.scope_id is None:
                return Target(host, str(address))
        except ValueError:
            pass
        raise _invalid("must have a valid host")
    if not _NAME.fullmatch(host) or len(host) > 253:
        raise _invalid("must have a valid host, in its ASCII form")
    if _NUMBER.fullmatch(host.rpartition(".")[2]):
        # Resolvers read 2130706433, 0x7f.1 and 0177.0.0.1 as addresses; here there is one form.
        try:
            return Target(host, str(IPv4Address(host)))
        except ValueError:
            raise _invalid("must write an IPv4 address as four decimal numbers") from None
    return Target(host, None)


def _invalid(rule: str) -> InvalidField:
    return InvalidField("url", rule)
