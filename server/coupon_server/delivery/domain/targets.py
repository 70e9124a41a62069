"""Where webhooks may go: URLs, ports, and addresses of the public internet."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Self
from urllib.parse import urlsplit

from coupon_server.domain.errors import InvalidField

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


# Ports from 1024 on that browsers refuse to make requests to ("bad ports" of the WHATWG's Fetch
# standard): services that would take a request's text for commands.
_BAD_PORTS = frozenset(
    (
        *(1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566),
        *(*range(6665, 6670), 6679, 6697, 10080),
    )
)

_PORTS = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Ports:
    """The ports that webhooks may go to: those of a list of ports and ranges, such as
    `443,8000-8999`. Of a range without the ports that browsers refuse: such a port has to be in
    the list by itself."""

    text: str
    listed: frozenset[int]
    ranges: tuple[range, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ValueError."""
        listed, ranges = set(), []
        for part in text.split(","):
            match = _PORTS.fullmatch(part.strip())
            if match is None:
                raise ValueError(_PORTS_RULE)
            first, last = int(match[1]), int(match[2] or match[1])
            if not 1 <= first <= last <= 65535:
                raise ValueError(_PORTS_RULE)
            if match[2] is None:
                listed.add(first)
            else:
                ranges.append(range(first, last + 1))
        return cls(text, frozenset(listed), tuple(ranges))

    def __contains__(self, port: int) -> bool:
        if port in self.listed:
            return True
        return port not in _BAD_PORTS and any(port in ports for ports in self.ranges)


_PORTS_RULE = "must be ports from 1 to 65535 and ranges of them, such as 80,443,1024-65535"

DEFAULT_PORTS = "80,443,1024-65535"

_URL_CHARACTERS = re.compile(r"[!#-;=?-\[\]_a-z~]+")
"""What RFC 3986 lets a URL have. Programs disagree about the rest."""

_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_NAME = re.compile(rf"(?:{_LABEL}\.)*{_LABEL}")
_NUMBER = re.compile(r"(?:0[xX][0-9A-Fa-f]*|[0-9]+)")


@dataclass(frozen=True, slots=True)
class Target:
    """The parsed form of a checked URL. The sender uses it and never parses the URL again."""

    encrypted: bool
    host: str
    """In lower case; an IPv6 address without its brackets."""
    port: int
    path: str
    """With the query."""

    @property
    def address(self) -> str | None:
        """The host's IP address, if the URL has one in place of a name."""
        try:
            return str(ip_address(self.host))
        except ValueError:
            return None

    @property
    def authority(self) -> str:
        """The host, and the port if it is not the scheme's own, as the header `Host` has it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _scheme_port(self.encrypted) else f"{host}:{self.port}"


def _scheme_port(encrypted: bool) -> int:
    return 443 if encrypted else 80


def check_url(url: str, *, allow_private: bool, ports: Ports) -> Target:
    """Parse the URL, and check all that can be checked without resolving its host.

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
    _check_host(host, bracketed=parts.netloc.startswith("["))
    encrypted = parts.scheme == "https"
    port = _scheme_port(encrypted) if port is None else port
    if port not in ports:
        raise _invalid(
            f"must have a port that webhooks may go to: {ports.text}; of a range without the ports"
            " that browsers refuse"
        )
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    target = Target(encrypted, host, port, path)
    if target.address is not None and not allow_private and not is_public(target.address):
        raise address_refused()
    return target


def address_refused() -> InvalidField:
    """The error for a URL whose host has an address that is not allowed."""
    return _invalid("must lead to a public address")


def _check_host(host: str, *, bracketed: bool) -> None:
    if bracketed:
        try:
            # A zone would name an interface of the server.
            valid = IPv6Address(host).scope_id is None
        except ValueError:
            valid = False
        if not valid:
            raise _invalid("must have a valid host")
        return
    if not _NAME.fullmatch(host) or len(host) > 253:
        raise _invalid("must have a valid host, in its ASCII form")
    if _NUMBER.fullmatch(host.rpartition(".")[2]):
        # Resolvers read 2130706433, 0x7f.1 and 0177.0.0.1 as addresses; here there is one form.
        try:
            IPv4Address(host)
        except ValueError:
            raise _invalid("must write an IPv4 address as four decimal numbers") from None


def _invalid(rule: str) -> InvalidField:
    return InvalidField("url", rule)
