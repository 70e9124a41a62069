"""The network address of a REST client, as reported by the edge and the proxies in front of it.

An edge passes `x-forwarded-for` when it asks whether a request may pass (`rpc.rest.authorization`).
Its call then carries the server's answer in a header: a digest of the address under a key derived
from the master keys, and a MAC, so that a client that calls the server directly cannot forge it.
The header does not reveal the address.
"""

import hashlib
import hmac
from ipaddress import IPv6Address, IPv6Network, ip_address

from coupon_server.auth.presented import Metadata
from coupon_server.auth.secrets import Keyring
from coupon_server.domain.clock import Clock

PEER_HEADER = "x-coupons-peer"
"""Set by the server's answer to an edge alone: `<unix seconds>.<digest>.<MAC>`, in hex."""

FORWARDED_FOR = "x-forwarded-for"

LIFETIME_SECONDS = 10
"""The lifetime of a header: the edge calls at once, and clocks of servers may differ."""

_PURPOSE = "phoenix-coupons rest peer v1"
_IPV6_PREFIX = 64
"""A site has at least as many IPv6 addresses as this leaves (RFC 6177)."""


class Peers:
    """Makes and reads the header. `trusted_hops`: how many addresses at the end of
    `x-forwarded-for` were appended by proxies of the operator's own; 0: no header is made."""

    def __init__(self, keyring: Keyring, clock: Clock, *, trusted_hops: int) -> None:
        self._keys = list(keyring.derived_keys(_PURPOSE).values())
        self._clock = clock
        self._trusted_hops = trusted_hops

    def issue(self, forwarded_for: str) -> str | None:
        """The header for a request with this `x-forwarded-for`; None: its peer is not known."""
        network = _network(forwarded_for, self._trusted_hops)
        if network is None:
            return None
        expires = str(int(self._clock().timestamp()) + LIFETIME_SECONDS)
        digest = _mac(self._keys[0], "address", network)
        return f"{expires}.{digest}.{_mac(self._keys[0], expires, digest)}"

    def read(self, metadata: Metadata) -> str:
        """The digest of the caller's address; empty without a valid header."""
        for name, value in metadata:
            if name == PEER_HEADER and isinstance(value, str):
                return self._verified(value)
        return ""

    def _verified(self, header: str) -> str:
        expires, _, rest = header.partition(".")
        digest, _, mac = rest.partition(".")
        for key in self._keys:
            if hmac.compare_digest(_mac(key, expires, digest).encode(), mac.encode()):
                return digest if self._clock().timestamp() < int(expires) else ""
        return ""


def _mac(key: bytes, *parts: str) -> str:
    return hmac.digest(key, "\n".join(parts).encode(), hashlib.sha256)[:16].hex()


def _network(forwarded_for: str, hops: int) -> str | None:
    """The address that the outermost trusted proxy appended; of IPv6 its network.

    None where there are fewer addresses than trusted proxies: the first one would be a proxy's own.
    """
    addresses = [entry.strip() for entry in forwarded_for.split(",")]
    if not 0 < hops <= len(addresses):
        return None
    try:
        address = ip_address(_without_port(addresses[-hops]))
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(IPv6Network((int(address), _IPV6_PREFIX), strict=False))
    return str(address)


def _without_port(text: str) -> str:
    """Some proxies append the port: `192.0.2.1:4711`, `[2001:db8::1]:4711`."""
    if text.startswith("["):
        return text[1:].partition("]")[0]
    host, _, port = text.partition(":")
    return host if port.isdecimal() and "." in host else text
