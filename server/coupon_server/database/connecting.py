"""Opens connections to the one server of a database that takes writes."""

import asyncio
from collections.abc import Mapping
from time import monotonic
from typing import Any, cast

import asyncpg
import structlog
from asyncpg.connect_utils import SessionAttribute

from coupon_server.database.driver import DriverConnection
from coupon_server.database.failures import DRIVER_ERRORS, NotPrimary
from coupon_server.database.urls import DatabaseUrl, address

Host = tuple[str, int]

PING_SECONDS = 2.0
"""How long a connection may take to answer after a pause."""

IDLE_SECONDS = 5.0
"""After a pause of so long a connection is checked before it is used: the server, or a firewall on
the way, may have ended it."""

log = structlog.get_logger()


class Session(asyncpg.Connection):
    """A connection that knows when it was used last."""

    __slots__ = ("used_at",)

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.note_use()

    def note_use(self) -> None:
        """Begin a pause."""
        self.used_at = monotonic()


def note_use(connection: DriverConnection) -> None:
    """Begin a pause."""
    cast("Session", connection).note_use()


async def check(connection: DriverConnection) -> None:
    """After a pause, raise an error of the driver unless the server answers."""
    if connection.is_closed():
        raise asyncpg.InterfaceError("the connection is closed")
    # A pool's proxy has its connection's attributes.
    if monotonic() - cast("Session", connection).used_at > IDLE_SECONDS:
        try:
            await connection.execute("SELECT 1", timeout=PING_SECONDS)
        except BaseException:
            # A server that does not answer would not answer a Terminate message either.
            connection.terminate()
            raise


class Connector:
    """Opens connections to the hosts of a URL, one after another, until one takes writes.

    It begins with the host that took writes last. A host that does not answer costs its own
    `connect_seconds`, and comes last if whoever waits gives up meanwhile.
    """

    def __init__(self, url: DatabaseUrl, **options: Any) -> None:
        """`options`: of asyncpg.connect, for every connection."""
        self._url = url
        self._options = options
        self._hosts = list(url.hosts)

    @property
    def address(self) -> str:
        """The server that the last connection led to, or all that may be the primary."""
        if len(self._url.hosts) == 1 or self._hosts[0] != self._url.hosts[0]:
            return address(self._hosts[0])
        return ", ".join(map(address, self._url.hosts))

    async def connect(
        self, settings: Mapping[str, str] | None = None, **options: Any
    ) -> "asyncpg.Connection[asyncpg.Record]":
        """A connection to the primary, with these settings of its session.

        Raises NotPrimary if servers answer but none takes writes; else how the last host failed.
        """
        failures: list[Exception] = []
        for host in list(self._hosts):
            try:
                connection = await self._open(host, settings or {}, options)
            except DRIVER_ERRORS as failure:
                failures.append(failure)
            except asyncio.CancelledError:
                # Whoever waits has no more time: the next one begins with another host.
                self._postpone(host)
                raise
            else:
                self._prefer(host)
                return connection
        raise _most_specific(failures)

    async def _open(
        self, host: Host, settings: Mapping[str, str], options: Mapping[str, Any]
    ) -> "asyncpg.Connection[asyncpg.Record]":
        arguments: dict[str, Any] = {
            "timeout": self._url.connect_seconds,
            "server_settings": dict(self._url.session) | dict(settings),
            "target_session_attrs": SessionAttribute(self._url.target),
            **self._options,
            **options,
            "connection_class": Session,
        }
        connection: Session = await asyncpg.connect(self._url.dsn(host), **arguments)
        return connection

    def _postpone(self, host: Host) -> None:
        """Try the other hosts first."""
        self._hosts.remove(host)
        self._hosts.append(host)

    def _prefer(self, host: Host) -> None:
        if self._hosts[0] != host:
            self._hosts.remove(host)
            self._hosts.insert(0, host)
            log.info("database_primary_changed", address=address(host))


def _most_specific(failures: list[Exception]) -> Exception:
    """A server that is no primary tells more than one that does not answer."""
    for failure in failures:
        if isinstance(failure, asyncpg.TargetServerAttributeNotMatched):
            refusal = NotPrimary("the server takes no writes: it is a standby, or read-only")
            refusal.__cause__ = failure
            return refusal
    return failures[-1]
