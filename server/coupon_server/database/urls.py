"""Database URLs, as libpq has them.

What libpq's URL can say is honoured, or refused by name: nothing of it is ignored.
(https://www.postgresql.org/docs/current/libpq-connect.html, "Connection URIs".)
"""

import os
import re
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, unquote, urlencode

SCHEMES = ("postgresql", "postgres", "postgresql+asyncpg")

SHAPE = "must look like postgresql://user:password@host:5432/database"

_DEFAULT_PORT = 5432
_DEFAULT_SECONDS = 5.0
_MIN_SECONDS = 2.0

_WRITABLE = ("read-write", "primary")

# What the driver reads from a URL as libpq does.
_DRIVER = frozenset(
    {
        "gsslib",
        "krbsrvname",
        "passfile",
        "sslcert",
        "sslcrl",
        "sslkey",
        "sslmode",
        "sslnegotiation",
        "sslpassword",
        "sslrootcert",
        "ssl_max_protocol_version",
        "ssl_min_protocol_version",
    }
)

# Values that ask for nothing beyond what the driver does anyway.
_HARMLESS: Mapping[str, tuple[str, ...]] = {
    "channel_binding": ("prefer", "disable"),
    "client_encoding": ("auto", "utf8", "utf-8", "unicode"),
    "gssdelegation": ("0",),
    "gssencmode": ("disable", "prefer"),
    "keepalives": ("1",),
    "load_balance_hosts": ("disable",),
    "replication": ("false", "off", "no", "0"),
    "require_auth": ("",),
    "sslcertmode": ("allow",),
    "sslcompression": ("0",),
    "sslsni": ("1",),
}

_SSLMODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")


class DatabaseUrlError(ValueError):
    """The URL asks for something impossible. The text repeats no value but of harmless parts."""


@dataclass(frozen=True, slots=True)
class DatabaseUrl:
    """Where the database is, and how to connect."""

    hosts: tuple[tuple[str, int], ...]
    """Host and port of each server, tried in this order. A host that begins with `/` is the
    directory of a Unix socket."""
    database: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    parameters: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """For the driver, by libpq's names."""
    session: tuple[tuple[str, str], ...] = ()
    """For the server: what is in force in every session."""
    target: str = "read-write"
    """`target_session_attrs`: `read-write` or `primary`."""
    connect_seconds: float = _DEFAULT_SECONDS
    """How long one host may take to let a connection in."""

    @staticmethod
    def parse(text: str) -> "DatabaseUrl":
        """Raises DatabaseUrlError."""
        try:
            scheme, netloc, path, parameters = _split(text)
        except ValueError as error:
            raise DatabaseUrlError(SHAPE) from error
        if scheme not in SCHEMES:
            raise DatabaseUrlError(SHAPE)
        credentials, at, places = netloc.partition("@")
        user, _, password = credentials.partition(":") if at else ("", "", "")
        places = places if at else netloc
        database = unquote(path.removeprefix("/")) or parameters.pop("dbname", "")
        parameters.pop("dbname", None)
        if not database:
            raise DatabaseUrlError(SHAPE)
        return DatabaseUrl(
            hosts=_hosts(places, parameters),
            database=database,
            user=parameters.pop("user", "") or unquote(user) or None,
            password=parameters.pop("password", "") or unquote(password) or None,
            target=_target(parameters.pop("target_session_attrs", "any")),
            connect_seconds=_seconds(parameters.pop("connect_timeout", "0")),
            session=tuple(_session(parameters)),
            parameters=tuple(_for_driver(parameters)),
        )

    def dsn(self, host: tuple[str, int]) -> str:
        """The URL of one of the hosts, for the driver."""
        name, port = host
        place = f"[{name}]" if ":" in name else quote(name, safe="")
        user = quote(self.user or "", safe="")
        password = f":{quote(self.password, safe='')}" if self.password else ""
        credentials = f"{user}{password}@" if user or password else ""
        query = f"?{urlencode(self.parameters, quote_via=quote)}" if self.parameters else ""
        return f"postgresql://{credentials}{place}:{port}/{quote(self.database, safe='')}{query}"


def address(host: tuple[str, int]) -> str:
    """The host as logs and messages name it."""
    name, port = host
    return f"[{name}]:{port}" if ":" in name else f"{name}:{port}"


# Not `urlsplit`, which knows of one host.
_PARTS = re.compile(r"([a-z+]+)://([^/?#]*)(/[^?#]*)?(?:\?([^#]*))?")


def _split(text: str) -> tuple[str, str, str, dict[str, str]]:
    """Scheme, authority, path and query. Raises ValueError."""
    match = _PARTS.fullmatch(text)
    if match is None:
        raise ValueError(SHAPE)
    scheme, netloc, path, query = match.groups(default="")
    return scheme, netloc, path, dict(_parameters(query))


def _parameters(query: str) -> Iterator[tuple[str, str]]:
    """As libpq reads them: a `+` is one, unlike in forms. Raises ValueError."""
    for pair in query.split("&") if query else []:
        name, equals, value = pair.partition("=")
        if not (name and equals):
            raise ValueError(SHAPE)
        yield unquote(name), unquote(value)


def _hosts(places: str, parameters: dict[str, str]) -> tuple[tuple[str, int], ...]:
    """The hosts of the URL, with their ports; a query may have them in place of the authority."""
    names: list[str] = []
    ports: list[str] = []
    for place in places.split(",") if places else []:
        name, port = _host_and_port(place)
        names.append(unquote(name))
        ports.append(port)
    if given := parameters.pop("host", ""):
        names = given.split(",")
        ports = []
    if given := parameters.pop("port", ""):
        ports = given.split(",")
    ports = ports or [""]
    if len(ports) == 1:
        ports *= max(1, len(names))
    names = names or ["localhost"]
    if len(names) != len(ports):
        raise DatabaseUrlError("port: must be one port, or one for each host")
    return tuple(
        (name or "localhost", _port(port)) for name, port in zip(names, ports, strict=True)
    )


def _host_and_port(place: str) -> tuple[str, str]:
    if place.startswith("["):
        name, bracket, rest = place[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            raise DatabaseUrlError(SHAPE)
        return name, rest.removeprefix(":")
    name, _, port = place.partition(":")
    if "@" in name:
        # Part of a password that is not escaped. It would be told as the server's address.
        raise DatabaseUrlError(SHAPE)
    return name, port


def _port(text: str) -> int:
    if not text:
        return _DEFAULT_PORT
    if not (text.isascii() and text.isdecimal() and 0 < int(text) < 65536):
        raise DatabaseUrlError("port: must be between 1 and 65535")
    return int(text)


def _target(value: str) -> str:
    if value == "any":
        # libpq's default. The service needs a server that takes writes.
        return "read-write"
    if value not in _WRITABLE:
        raise DatabaseUrlError("target_session_attrs: must be read-write or primary")
    return value


def _seconds(value: str) -> float:
    """As libpq reads them: 0 and less mean the default, 1 means 2."""
    try:
        seconds = int(value)
    except ValueError:
        raise DatabaseUrlError("connect_timeout: must be a number of seconds") from None
    return max(float(seconds), _MIN_SECONDS) if seconds > 0 else _DEFAULT_SECONDS


def _session(parameters: dict[str, str]) -> list[tuple[str, str]]:
    name = parameters.pop("application_name", "")
    fallback = parameters.pop("fallback_application_name", "")
    options = parameters.pop("options", "")
    session = [("application_name", name or fallback), ("options", options)]
    return [(key, value) for key, value in session if value]


def _for_driver(parameters: dict[str, str]) -> list[tuple[str, str]]:
    """What is left, if the driver can do it all."""
    # What SQLAlchemy calls it.
    if "ssl" in parameters:
        parameters.setdefault("sslmode", parameters.pop("ssl"))
    for name, value in parameters.items():
        harmless = _HARMLESS.get(name)
        if harmless is not None:
            if value.lower() not in harmless:
                choice = " or ".join(filter(None, harmless)) or "empty"
                raise DatabaseUrlError(f"{name}: can only be {choice} here")
        elif name not in _DRIVER:
            raise DatabaseUrlError(f"{name}: is not supported here")
    wanted = [(name, value) for name, value in parameters.items() if name in _DRIVER and value]
    return _checked(dict(wanted))


def _checked(parameters: dict[str, str]) -> list[tuple[str, str]]:
    mode = parameters.get("sslmode", "")
    if mode and mode not in _SSLMODES:
        raise DatabaseUrlError(f"sslmode: must be one of {', '.join(_SSLMODES)}")
    if parameters.get("sslrootcert") == "system":
        file = ssl.get_default_verify_paths().cafile
        if mode != "verify-full" or file is None:
            raise DatabaseUrlError(
                "sslrootcert: system wants sslmode=verify-full, and authorities of the system"
            )
        parameters["sslrootcert"] = file
    for name in ("sslrootcert", "sslcert", "sslkey", "sslcrl"):
        path = parameters.get(name)
        if path is not None and not os.access(path, os.R_OK):
            raise DatabaseUrlError(f'{name}: must name a readable file, is "{path}"')
    for name in ("ssl_min_protocol_version", "ssl_max_protocol_version"):
        if parameters.get(name, "TLSv1.2") not in ("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"):
            raise DatabaseUrlError(f"{name}: must be TLSv1, TLSv1.1, TLSv1.2 or TLSv1.3")
    if parameters.get("sslnegotiation", "postgres") not in ("postgres", "direct"):
        raise DatabaseUrlError("sslnegotiation: must be postgres or direct")
    if parameters.get("sslnegotiation") == "direct" and mode not in _SSLMODES[3:]:
        raise DatabaseUrlError("sslnegotiation: direct wants sslmode=require or stronger")
    if parameters.get("gsslib", "gssapi") != "gssapi":
        raise DatabaseUrlError("gsslib: must be gssapi")
    return list(parameters.items())
