"""Where webhooks may go, and when they are tried again."""

from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coupon_server.delivery.domain.retries import (
    MAX_CIRCUIT_OPEN,
    MAX_RETRY_AFTER,
    RETRY_DELAYS,
    RETRY_SPAN,
    circuit_open_until,
    next_attempt_at,
)
from coupon_server.delivery.domain.targets import DEFAULT_PORTS, Ports, Target, check_url, is_public
from coupon_server.delivery.domain.webhooks import AttemptResult, DeliveryError, answer_error
from coupon_server.domain.errors import InvalidField

ANY_PORT = Ports.parse("1-65535")
NOW = datetime(2026, 7, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "100.100.100.200",
        "127.0.0.1",
        "127.255.255.255",
        "168.63.129.16",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.192",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "::ffff:0:127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::808:808",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:0:7f00:1::",
        "2001:db8::1",
        "2002:7f00:1::1",
        "2002:808:808::1",
        "3fff::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fec0::1",
        "ff02::1",
        "2606:4700::1111%eth0",
        "localhost",
        "",
    ],
)
def test_an_address_that_is_not_public_is_refused(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "8.8.8.8", "172.32.0.1", "192.0.1.1", "2606:4700::1111", "2a00::1"]
)
def test_a_public_address_is_allowed(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses())
def test_nothing_is_public_that_python_holds_to_be_private(
    address: IPv4Address | IPv6Address,
) -> None:
    special = (
        address.is_private
        or address.is_loopback
        or address.is_link_local
        or address.is_multicast
        or address.is_reserved
        or address.is_unspecified
    )
    assert not (special and is_public(str(address)))


@given(st.ip_addresses(v=4))
def test_no_other_form_of_an_ipv4_address_is_public(address: IPv4Address) -> None:
    number = int(address)
    for other in (
        number,
        0xFFFF << 32 | number,
        0x0064FF9B << 96 | number,
        0x2002 << 112 | number << 80,
    ):
        assert not is_public(str(IPv6Address(other)))


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "ftp://example.com/",
        "file:///etc/passwd",
        "gopher://example.com/",
        "example.com",
        "//example.com/",
        "https:///path",
        "https://",
        "https://user@example.com/",
        "https://user:password@example.com/",
        "https://:@example.com/",
        "https://example.com@127.0.0.1/",
        "https://example.com\\@127.0.0.1/",
        "https://example.com/#fragment",
        "https://example.com#",
        "https://example.com:0/",
        "https://example.com:65536/",
        "https://example.com:port/",
        "https://exam ple.com/",
        "https://example.com/\n",
        "https://example.com/ü",
        "https://exämple.com/",
        "https://①②⑦.0.0.1/",
        "https://example.com./",
        "https://.example.com/",
        "https://-example.com/",
        "https://exa%6dple.com/",
        "https://127.0.0.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0x7f.0.0.1/",
        "https://0177.0.0.1/",
        "https://017700000001/",
        "https://127.1/",
        "https://127.0.1/",
        "https://0/",
        "https://10.0.0.1:8443/",
        "https://1.2.3.4.5/",
        "https://1.2.3.256/",
        "https://example.123/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::ffff:7f00:1]/",
        "https://[64:ff9b::127.0.0.1]/",
        "https://[fe80::1%25eth0]/",
        "https://[2606:4700::1111%251]/",
        "https://[v1.x]/",
        "https://[::1/",
        "https://169.254.169.254/latest/meta-data/",
        'https://example.com/"quoted"',
        "https://example.com/{braces}",
        "https://" + "a" * 64 + ".com/",
        "https://" + "a." * 130 + "com/",
    ],
)
def test_a_url_that_leads_elsewhere_is_refused(url: str) -> None:
    with pytest.raises(InvalidField) as caught:
        check_url(url, allow_private=False, ports=ANY_PORT)
    assert caught.value.violations[0][0] == "url"


@pytest.mark.parametrize(
    ("url", "host", "address"),
    [
        ("https://example.com", "example.com", None),
        ("HTTPS://Example.COM:8443/hooks?a=b&c=%20", "example.com", None),
        ("https://hooks_1.xn--bcher-kva.example/", "hooks_1.xn--bcher-kva.example", None),
        ("https://8.8.8.8/", "8.8.8.8", "8.8.8.8"),
        ("https://[2606:4700:0:0::1111]:443/", "2606:4700:0:0::1111", "2606:4700::1111"),
        ("https://1e100.net/", "1e100.net", None),
    ],
)
def test_a_url_of_the_public_internet_is_allowed(url: str, host: str, address: str | None) -> None:
    target = check_url(url, allow_private=False, ports=ANY_PORT)
    assert (target.host, target.address) == (host, address)


def test_development_allows_more() -> None:
    assert (
        check_url("http://127.0.0.1:8090/hooks", allow_private=True, ports=ANY_PORT).address
        == "127.0.0.1"
    )
    assert check_url("http://localhost/", allow_private=True, ports=ANY_PORT).host == "localhost"
    for url in ("ftp://localhost/", "http://user@localhost/", "http://127.1/"):
        with pytest.raises(InvalidField):
            check_url(url, allow_private=True, ports=ANY_PORT)


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://example.com", Target(True, "example.com", 443, "/")),
        ("https://example.com?a=b", Target(True, "example.com", 443, "/?a=b")),
        ("https://Example.com:8443/a%20b//c?", Target(True, "example.com", 8443, "/a%20b//c")),
        ("http://[::1]:8090/a;b?c?d", Target(False, "::1", 8090, "/a;b?c?d")),
        ("http://localhost/", Target(False, "localhost", 80, "/")),
    ],
)
def test_a_url_is_read_once(url: str, target: Target) -> None:
    assert check_url(url, allow_private=True, ports=ANY_PORT) == target


@pytest.mark.parametrize(
    ("url", "authority"),
    [
        ("https://example.com:443/", "example.com"),
        ("http://example.com:443/", "example.com:443"),
        ("http://[::1]/", "[::1]"),
        ("https://[::1]:8443/", "[::1]:8443"),
    ],
)
def test_the_host_header_has_a_port_that_is_not_the_schemes(url: str, authority: str) -> None:
    assert check_url(url, allow_private=True, ports=ANY_PORT).authority == authority


# Those of the WHATWG's Fetch standard from 1024 on.
BAD_PORTS = [
    *[1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668],
    *[6669, 6679, 6697, 10080],
]


def test_which_ports_webhooks_go_to_by_default() -> None:
    ports = Ports.parse(DEFAULT_PORTS)
    refused = [port for port in range(65536) if port not in ports]
    assert refused == [*range(80), *range(81, 443), *range(444, 1024), *BAD_PORTS]


@pytest.mark.parametrize("port", [22, 25, 379, 6000, 10080, 0, 65536])
def test_a_port_that_webhooks_may_not_go_to_is_refused(port: int) -> None:
    with pytest.raises(InvalidField) as caught:
        check_url(
            f"https://example.com:{port}/", allow_private=True, ports=Ports.parse(DEFAULT_PORTS)
        )
    assert caught.value.violations[0][0] == "url"


def test_a_port_of_the_scheme_must_be_allowed_as_well() -> None:
    with pytest.raises(InvalidField, match="port that webhooks may go to: 8443"):
        check_url("https://example.com/", allow_private=False, ports=Ports.parse("8443"))


def test_a_port_that_browsers_refuse_is_allowed_by_itself() -> None:
    ports = Ports.parse("443, 6000,6000-7000")
    assert 6000 in ports
    assert 6001 in ports
    assert 6666 not in ports
    assert 80 not in ports


@pytest.mark.parametrize(
    "text",
    ["", ",", "80,", "http", "0", "65536", "0-80", "90-80", "80-", "-80", "+80", "८०", "1-2-3"],
)
def test_ports_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must be ports from 1 to 65535"):
        Ports.parse(text)


def test_retries_spread_over_more_than_a_day() -> None:
    assert sum(RETRY_DELAYS, timedelta(0)) >= RETRY_SPAN
    now, attempts = NOW, 0
    while True:
        attempts += 1
        again = next_attempt_at(attempts, NOW, None, now, uniform=lambda: 0)
        if again is None:
            break
        assert again - now == RETRY_DELAYS[attempts - 1]
        now = again
    assert attempts == len(RETRY_DELAYS) + 1
    assert now - NOW >= RETRY_SPAN


def test_attempts_that_took_no_time_give_nothing_up_early() -> None:
    """A worker that is killed again and again uses attempts up."""
    again = next_attempt_at(1_000, NOW, None, NOW + timedelta(hours=23), uniform=lambda: 0)
    assert again == NOW + timedelta(hours=23) + RETRY_DELAYS[-1]


def test_a_delay_is_spread_out() -> None:
    least, most = (next_attempt_at(3, NOW, None, NOW, uniform=lambda x=x: x) for x in (0.0, 1.0))  # type: ignore[misc]
    assert least == NOW + RETRY_DELAYS[2]
    assert most == NOW + RETRY_DELAYS[2] * 1.2


@pytest.mark.parametrize(
    ("asked", "given_"),
    [
        (timedelta(0), RETRY_DELAYS[0]),
        (timedelta(seconds=90), timedelta(seconds=90)),
        (timedelta(days=30), MAX_RETRY_AFTER),
    ],
)
def test_retry_after_is_heeded_within_bounds(asked: timedelta, given_: timedelta) -> None:
    assert next_attempt_at(1, NOW, asked, NOW, uniform=lambda: 0) == NOW + given_


def test_an_endpoint_that_fails_on_and_on_is_left_alone_for_longer_and_longer() -> None:
    assert circuit_open_until(4, NOW) is None
    rests = [circuit_open_until(failures, NOW) for failures in range(5, 40)]
    assert rests[0] == NOW + timedelta(seconds=5)
    assert rests == sorted(rests, key=lambda one: one or NOW)
    assert rests[-1] == NOW + MAX_CIRCUIT_OPEN


def test_what_an_answer_means() -> None:
    for code, error in {
        200: DeliveryError.NONE,
        204: DeliveryError.NONE,
        299: DeliveryError.NONE,
        199: DeliveryError.STATUS,
        301: DeliveryError.REDIRECT,
        399: DeliveryError.REDIRECT,
        400: DeliveryError.STATUS,
        503: DeliveryError.STATUS,
    }.items():
        assert answer_error(code) is error
    gone = AttemptResult(DeliveryError.STATUS, 410, timedelta(0))
    assert gone.gone
    assert not gone.delivered
