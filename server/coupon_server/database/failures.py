"""What a failure of the database means: a fault, or something that passes by itself."""

import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from coupon_server.domain.errors import Unavailable

DRIVER_ERRORS = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    # What the driver says when the connection died between two statements.
    asyncpg.InternalClientError,
    OSError,
    PoolTimeout,
)

_TRANSIENT_STATES = (
    "08",  # connection exception
    "25006",  # read-only: the primary became a standby
    "28",  # the password changed
    "3D",  # the database is being restored
    "40",  # serialization failure, deadlock
    "53",  # insufficient resources
    "55P03",  # lock timeout
    "57",  # statement timeout, shutdown
)

_LOST_STATES = (
    "08",
    "25006",
    "25P03",  # idle_in_transaction_session_timeout
    "57P01",  # the server shuts down, or an administrator ended the session
    "57P02",  # the server recovers from a crash
    "57P03",  # the server starts up
    "57P05",  # idle_session_timeout
)


class NotPrimary(asyncpg.InterfaceError):
    """Servers answer, and none of them takes writes."""


_LOST_ERRORS = (ConnectionError, asyncpg.InterfaceError, asyncpg.InternalClientError)


class Contended(Unavailable):
    """A lock timeout or deadlock. The transaction was rolled back."""


class TookTooLong(Unavailable):
    """A statement timeout. The transaction was rolled back."""


@contextmanager
def translated_errors() -> Iterator[None]:
    """Translate transient errors to SERVICE_UNAVAILABLE; everything else is a fault."""
    try:
        yield
    except DRIVER_ERRORS as error:
        raise _translated(error, error) from error
    except DBAPIError as error:
        raise _translated(error, driver_error(error)) from error


def driver_error(error: BaseException) -> BaseException | None:
    """What the driver raised, beneath SQLAlchemy's own error."""
    if isinstance(error, DBAPIError):
        return error.orig and error.orig.__cause__
    return error


def lost(error: BaseException | None) -> bool:
    """Whether the error ends the connection, or ought to: its server takes no writes any more, is
    going down, or is gone. The other connections may be in the same case."""
    if isinstance(error, asyncpg.PostgresError):
        return (error.sqlstate or "").startswith(_LOST_STATES)
    return isinstance(error, _LOST_ERRORS) and not _is_misuse(error)


def _is_misuse(error: BaseException | None) -> bool:
    """Whether the driver was used wrongly: a value that it cannot encode, or a connection that is
    in use. Otherwise it says by such an error that the connection is gone."""
    if isinstance(error, ValueError):
        return True
    return isinstance(error, asyncpg.InterfaceError) and "another operation" in str(error)


def described(error: BaseException | None) -> str:
    """The error for the log: the SQLSTATE and its condition where the server sent it. Never its
    text, which may hold values of rows."""
    if isinstance(error, asyncpg.PostgresError):
        return f"{error.sqlstate} {_condition(type(error))}"
    return type(error).__name__


def explained(error: BaseException) -> str:
    """The error for an operator who runs a command, in one line."""
    if isinstance(error, NotPrimary):
        return "is a standby, or read-only: it takes no writes"
    if isinstance(error, ssl.SSLError):
        reason = getattr(error, "verify_message", "") or error.reason or "no TLS"
        return f"can't be reached over TLS: {reason}"
    if isinstance(error, asyncpg.PostgresError):
        return f"refused: {' '.join(str(error).split())}"
    if isinstance(error, asyncpg.InterfaceError):
        # What the driver finds wrong before it connects, such as a missing root.crt.
        return f"can't be used: {error.args[0]}"
    if isinstance(error, TimeoutError):
        return "does not answer in time"
    reason = getattr(error, "strerror", None) or str(error)
    return f"does not answer: {' '.join(reason.split())}"


def _condition(kind: type[asyncpg.PostgresError]) -> str:
    """The condition's name in PostgreSQL's documentation, of the driver's class for it."""
    name = kind.__name__.removesuffix("Error")
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def _translated(error: Exception, cause: BaseException | None) -> Exception:
    if isinstance(cause, asyncpg.PostgresError):
        transient = (cause.sqlstate or "").startswith(_TRANSIENT_STATES)
    else:
        transient = not _is_misuse(cause)
    if not transient:
        return error
    text = described(cause)
    if isinstance(cause, asyncpg.LockNotAvailableError | asyncpg.DeadlockDetectedError):
        return Contended(text)
    if isinstance(cause, asyncpg.QueryCanceledError):
        return TookTooLong(text)
    return Unavailable(text)
