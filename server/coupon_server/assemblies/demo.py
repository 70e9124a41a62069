"""The services that seed the demo tenant of `coupons dev`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from coupon_server.assemblies.core import open_core
from coupon_server.assemblies.webhooks import webhook_service
from coupon_server.auth.secrets import Keyring
from coupon_server.database import connection_budget
from coupon_server.database.transactions import Database
from coupon_server.delivery.services.webhook_endpoints import WebhookService
from coupon_server.domain.clock import Clock, utc_now
from coupon_server.services.credentials import CredentialService
from coupon_server.services.definitions import DefinitionService
from coupon_server.services.generation import GenerationService
from coupon_server.services.rewards import RewardService
from coupon_server.settings import Settings


@dataclass(frozen=True)
class Seeder:
    database: Database
    credentials: CredentialService
    rewards: RewardService
    definitions: DefinitionService
    generation: GenerationService
    webhooks: WebhookService


@asynccontextmanager
async def open_seeder(settings: Settings, clock: Clock = utc_now) -> AsyncIterator[Seeder]:
    keyring = Keyring.parse(settings.master_keys.get_secret_value())
    async with open_core(settings, clock, connection_budget.OPERATOR) as core:
        yield Seeder(
            core.database,
            CredentialService(core.database, keyring, clock, core.limits),
            RewardService(core.database, clock),
            DefinitionService(core.database, clock, core.limits),
            GenerationService(clock, core.limits),
            webhook_service(core, settings, keyring),
        )
