"""What operators do on the database itself, without the service."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from coupon_server.assemblies.core import explanation
from coupon_server.auth.secrets import SecretUnreadable
from coupon_server.database.transactions import DatabaseNotReady, DatabaseOutdated
from coupon_server.domain.errors import DomainError, Reason, TenantNotFound
from coupon_server.settings import Settings, SettingsError
from phoenix_coupons_cli import session
from phoenix_coupons_cli.command import Exit, Failure

Result = TypeVar("Result")


def run(work: Callable[[Settings], Coroutine[Any, Any, Result]]) -> Result:
    """Run `work` with the settings of the environment, else of `coupons dev`."""
    try:
        settings = Settings.load(session.environment("dev.env", "server.env"))
        return asyncio.run(work(settings))
    except SettingsError as error:
        raise Failure(str(error)) from None
    except SecretUnreadable as error:
        raise Failure(f"COUPONS_MASTER_KEYS: {error}") from None
    except DatabaseOutdated as error:
        raise Failure(explanation(error)) from None
    except DatabaseNotReady as error:
        raise Failure(explanation(error), Exit.UNREACHABLE) from None
    except TenantNotFound as error:
        raise Failure(error.message, Exit.NOT_FOUND, reason=error.reason) from None
    except DomainError as error:
        if error.reason is Reason.SERVICE_UNAVAILABLE:
            raise Failure(
                "the database of COUPONS_DATABASE_URL does not answer", Exit.UNREACHABLE
            ) from None
        raise Failure(error.message, reason=error.reason) from None
    except SQLAlchemyError:
        # Its text shows SQL.
        raise Failure(
            "the database of COUPONS_DATABASE_URL refused;"
            " its URL must be that of the role that owns the tables"
        ) from None
