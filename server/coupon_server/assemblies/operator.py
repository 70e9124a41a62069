"""The services that operators' commands use."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from coupon_server.assemblies.core import Core, open_core
from coupon_server.auth.secrets import Keyring
from coupon_server.database import connection_budget
from coupon_server.database.transactions import Database
from coupon_server.delivery.services.webhook_secrets import WebhookSecrets
from coupon_server.domain.clock import Clock, utc_now
from coupon_server.services.credentials import CredentialService
from coupon_server.services.limits import LimitService
from coupon_server.settings import Settings


@dataclass(frozen=True)
class Operator:
    database: Database
    credentials: CredentialService
    webhook_secrets: WebhookSecrets
    limits: LimitService


def build_operator(core: Core, settings: Settings) -> Operator:
    keyring = Keyring.parse(settings.master_keys.get_secret_value())
    return Operator(
        core.database,
        CredentialService(core.database, keyring, core.clock, core.limits),
        WebhookSecrets(keyring),
        LimitService(core.clock, core.limits.defaults),
    )


@asynccontextmanager
async def open_operator(settings: Settings, clock: Clock = utc_now) -> AsyncIterator[Operator]:
    """Raises DatabaseNotReady."""
    async with open_core(settings, clock, connection_budget.OPERATOR) as core:
        await core.database.check()
        yield build_operator(core, settings)
