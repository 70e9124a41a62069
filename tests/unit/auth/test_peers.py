"""The header by which a REST edge's call tells the network address that it comes from."""

from datetime import timedelta

import pytest

from coupon_server.auth.peers import PEER_HEADER, Peers
from coupon_server.auth.secrets import Keyring
from support.clock import MovableClock

KEYS = {"a": b"a" * 32, "b": b"b" * 32}


def peers(hops: int = 1, clock: MovableClock | None = None, *key_ids: str) -> Peers:
    keyring = Keyring({key_id: KEYS[key_id] for key_id in key_ids or ("a",)})
    return Peers(keyring, clock or MovableClock(), trusted_hops=hops)


def digest(forwarded_for: str, hops: int = 1) -> str:
    own = peers(hops)
    header = own.issue(forwarded_for)
    return own.read([(PEER_HEADER, header)]) if header else ""


@pytest.mark.parametrize(
    ("forwarded_for", "hops", "same_as"),
    [
        ("192.0.2.1", 1, "192.0.2.1"),
        ("203.0.113.9, 192.0.2.1", 1, "192.0.2.1"),
        ("203.0.113.9,192.0.2.1,10.0.0.1", 2, "192.0.2.1"),
        ("192.0.2.1:4711", 1, "192.0.2.1"),
        ("::ffff:192.0.2.1", 1, "192.0.2.1"),
        ("2001:db8::1", 1, "2001:db8::ffff:1"),
        ("[2001:db8::1]:4711", 1, "2001:db8::2"),
    ],
)
def test_the_peer_is_what_the_outermost_trusted_proxy_appended(
    forwarded_for: str, hops: int, same_as: str
) -> None:
    assert digest(forwarded_for, hops) == digest(same_as) != ""


@pytest.mark.parametrize(
    "forwarded_for", ["", "unknown", "192.0.2.1, ", "192.0.2", "a,b", ",", "[::1"]
)
def test_what_is_no_address_is_no_peer(forwarded_for: str) -> None:
    assert digest(forwarded_for) in ("", digest("::1"))


def test_without_trusted_proxies_there_is_no_peer() -> None:
    assert peers(0).issue("192.0.2.1") is None


@pytest.mark.parametrize("forwarded_for", ["192.0.2.1", "203.0.113.9, 192.0.2.1"])
def test_fewer_addresses_than_trusted_proxies_name_no_peer(forwarded_for: str) -> None:
    assert peers(3).issue(forwarded_for) is None


def test_peers_differ() -> None:
    assert len({digest("192.0.2.1"), digest("192.0.2.2"), digest("2001:db8:0:1::1")}) == 3


def test_a_forged_or_old_header_is_none() -> None:
    clock = MovableClock()
    own = peers(1, clock)
    header = own.issue("192.0.2.1") or ""
    expires, known, mac = header.split(".")
    other = digest("192.0.2.2")
    forged = [
        "",
        ".",
        "..",
        "x.y.z",
        f"{expires}.{other}.{mac}",
        f"{int(expires) + 1}.{known}.{mac}",
    ]
    for text in (*forged, f"{expires}.{known}.", f"{header}é"):
        assert own.read([(PEER_HEADER, text)]) == ""
    assert own.read([(PEER_HEADER, b"x")]) == ""
    assert peers(1, clock, "b").read([(PEER_HEADER, header)]) == ""
    clock.advance(timedelta(seconds=11))
    assert own.read([(PEER_HEADER, header)]) == ""


def test_a_header_outlives_a_change_of_the_first_master_key() -> None:
    header = peers(1).issue("192.0.2.1") or ""
    assert peers(1, None, "b", "a").read([(PEER_HEADER, header)]) != ""
