"""The serving worker: answers calls."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

from coupon_server.assemblies.core import Core, open_core, writable
from coupon_server.assemblies.events import event_service
from coupon_server.assemblies.webhooks import webhook_service
from coupon_server.auth.assertions import Assertions
from coupon_server.auth.authenticator import Authenticator
from coupon_server.auth.peers import Peers
from coupon_server.auth.secrets import Keyring
from coupon_server.database import connection_budget
from coupon_server.database.transactions import Database
from coupon_server.delivery.services.streams import GrantService, StreamFeed
from coupon_server.delivery.services.webhook_endpoints import WebhookService
from coupon_server.domain.clock import Clock, utc_now
from coupon_server.periodic_tasks import Report, periodic, run_task, running, unreported
from coupon_server.rpc.conversion.rewards import RewardItemMessages
from coupon_server.rpc.coupon_admin import CouponAdmin
from coupon_server.rpc.coupon_jobs import CouponJobs
from coupon_server.rpc.coupon_query import CouponQuery
from coupon_server.rpc.event_ingest import EventIngest
from coupon_server.rpc.grant_delivery import GrantDelivery
from coupon_server.rpc.interceptors import interceptors
from coupon_server.rpc.pages import Pages
from coupon_server.rpc.rest.authorization import Authorization
from coupon_server.rpc.rest.routes import Routes
from coupon_server.rpc.server import SERVICES, ConnectionLimits, RpcServer, TlsFiles
from coupon_server.rpc.tenant_admin import TenantAdmin
from coupon_server.rpc.unfinished_requests import UnfinishedRequests
from coupon_server.services import limits
from coupon_server.services.admission import SHARE_SECONDS, Admission
from coupon_server.services.coupons import CouponService
from coupon_server.services.credentials import (
    NOTE_USE_SECONDS,
    POLL_SECONDS,
    CredentialService,
    StoredCredentials,
)
from coupon_server.services.definitions import DefinitionService
from coupon_server.services.events import EventService
from coupon_server.services.exports import ExportService
from coupon_server.services.generation import GenerationService
from coupon_server.services.guessing import SYNC_SECONDS, GuessGuard, GuessProtection
from coupon_server.services.idempotency import Mutations
from coupon_server.services.imports import ImportService
from coupon_server.services.jobs import JobService
from coupon_server.services.progress import ProgressService
from coupon_server.services.redemption import RedemptionService
from coupon_server.services.rewards import RewardService
from coupon_server.services.usage import UsageService
from coupon_server.settings import Settings
from coupon_server.workers.memory import TRIM_SECONDS, FreeMemory

LAME_DUCK_SECONDS = 0.5
"""How long health is NOT_SERVING before calls are rejected, so that load balancers notice."""


@dataclass(frozen=True)
class ServingWorker:
    """A serving worker and its parts."""

    settings: Settings
    core: Core
    stored_credentials: StoredCredentials
    credentials: CredentialService
    assertions: Assertions
    peers: Peers
    authenticator: Authenticator
    guard: GuessGuard
    guessing: GuessProtection
    admission: Admission
    usage: UsageService
    mutations: Mutations
    rewards: RewardService
    definitions: DefinitionService
    generation: GenerationService
    coupons: CouponService
    redemptions: RedemptionService
    events: EventService
    progress: ProgressService
    jobs: JobService
    imports: ImportService
    exports: ExportService
    webhooks: WebhookService
    grants: GrantService
    feed: StreamFeed

    @property
    def clock(self) -> Clock:
        return self.core.clock

    @property
    def database(self) -> Database:
        return self.core.database

    def rpc_server(self) -> RpcServer:
        of_strangers = self.unfinished_requests()
        return RpcServer(
            self._handlers(),
            interceptors(
                self.authenticator,
                self.settings.access_log,
                self.admission,
                of_tenants=self.unfinished_requests(),
                of_strangers=of_strangers,
            ),
            self._authorization(),
            self.connection_limits(),
            of_strangers,
            with_reflection=self.settings.reflection,
        )

    def _handlers(self) -> dict[str, object]:
        """The handler object of each service of the contract, by name."""
        mutations, clock = self.mutations, self.clock
        pages, reward_items = Pages(), RewardItemMessages()
        return {
            "CouponAdmin": CouponAdmin(
                mutations,
                self.rewards,
                self.definitions,
                self.generation,
                self.coupons,
                self.guessing,
                clock,
                pages,
                reward_items,
            ),
            "CouponJobs": CouponJobs(
                mutations, self.jobs, self.imports, self.exports, clock, pages
            ),
            "CouponQuery": CouponQuery(
                self.definitions,
                self.coupons,
                self.redemptions,
                self.progress,
                self.peers,
                clock,
                pages,
                reward_items,
            ),
            "EventIngest": EventIngest(self.events, clock),
            "GrantDelivery": GrantDelivery(mutations, self.grants, self.feed),
            "TenantAdmin": TenantAdmin(
                mutations,
                self.credentials,
                self.webhooks,
                self.guessing,
                self.usage,
                clock,
                pages,
                self.stored_credentials.refresh,
            ),
        }

    def _authorization(self) -> Authorization:
        return Authorization(
            Routes(SERVICES),
            self.authenticator,
            self.assertions,
            self.peers,
            self.admission,
            self.settings.access_log,
        )

    def unfinished_requests(self) -> UnfinishedRequests:
        return UnfinishedRequests(
            self.settings.max_unfinished_requests, self.settings.request_seconds
        )

    def connection_limits(self) -> ConnectionLimits:
        return ConnectionLimits(
            connections=self.settings.max_connections,
            streams=self.settings.max_connection_streams,
            idle=self.settings.connection_idle_seconds,
            age=self.settings.connection_age_seconds,
            grace=self.settings.connection_grace_seconds,
        )

    def periodic_tasks(self, report: Report = unreported) -> AbstractAsyncContextManager[None]:
        """Run all periodic tasks while the block runs."""
        return running(
            self.core.watching(),
            periodic("credential_poll", POLL_SECONDS, self.stored_credentials.poll),
            periodic("key_use", NOTE_USE_SECONDS, self.note_key_use),
            periodic("trim_memory", TRIM_SECONDS, FreeMemory().trim),
            periodic("guess_counts", SYNC_SECONDS, self.guard.sync),
            periodic("limits_poll", limits.POLL_SECONDS, self.admission.poll),
            periodic("admission", SHARE_SECONDS, self.admission.flush),
            report=report,
        )

    async def note_key_use(self) -> None:
        """Store which API keys were used since the last run."""
        if used := self.authenticator.drain_used():
            await self.credentials.note_use(used)


@asynccontextmanager
async def open_serving_worker(settings: Settings, core: Core) -> AsyncIterator[ServingWorker]:
    """A serving worker; finishes the batches submitted to it at the end."""
    worker = build_serving_worker(settings, core)
    try:
        yield worker
    finally:
        await worker.redemptions.close()
        await worker.events.close()
        await worker.stored_credentials.close()


def build_serving_worker(settings: Settings, core: Core) -> ServingWorker:
    """Connect the parts; opens no connection."""
    clock, database, tenant_limits = core.clock, core.database, core.limits
    keyring = Keyring.parse(settings.master_keys.get_secret_value())
    stored_credentials = StoredCredentials(database, keyring, clock)
    assertions = Assertions(keyring, clock)
    guard = GuessGuard(database, clock)
    core.epoch.on_change(guard.forget)
    admission = Admission(database, tenant_limits, clock)
    generation = GenerationService(clock, tenant_limits)
    webhooks = webhook_service(core, settings, keyring)
    return ServingWorker(
        settings=settings,
        core=core,
        stored_credentials=stored_credentials,
        credentials=CredentialService(database, keyring, clock, tenant_limits),
        assertions=assertions,
        peers=Peers(keyring, clock, trusted_hops=settings.trusted_hops),
        authenticator=Authenticator(
            stored_credentials,
            assertions,
            clock,
            require_expiry=settings.jwt_require_expiry,
        ),
        guard=guard,
        guessing=GuessProtection(database, clock),
        admission=admission,
        usage=UsageService(database, admission, webhooks.count, clock),
        mutations=Mutations(database, clock),
        rewards=RewardService(database, clock),
        definitions=DefinitionService(database, clock, tenant_limits),
        generation=generation,
        coupons=CouponService(database, clock),
        redemptions=RedemptionService(
            database,
            guard,
            clock,
            max_batch=settings.max_batch,
            max_queue=settings.max_queue,
        ),
        events=event_service(core, settings),
        progress=ProgressService(database, clock),
        jobs=JobService(database, generation, clock, tenant_limits),
        imports=ImportService(database, clock, tenant_limits),
        exports=ExportService(database),
        webhooks=webhooks,
        grants=GrantService(database),
        feed=StreamFeed(database),
    )


async def serve(
    settings: Settings,
    *,
    ready: Callable[[], None],
    stop: asyncio.Event,
    waiting: Callable[[], None] = lambda: None,
    clock: Clock = utc_now,
) -> None:
    """Serve until `stop` is set, then drain.

    Calls `ready` once the port accepts calls, and `waiting` while the database takes no writes.

    Raises DatabaseNotReady when the database can't be used at the start, OSError when the port
    is taken.
    """
    async with (
        open_core(settings, clock, connection_budget.SERVING) as core,
        open_serving_worker(settings, core) as worker,
    ):
        if not await writable(core.database, stop, waiting):
            return
        await worker.stored_credentials.poll()
        # Blocks from before this process started still hold.
        await worker.guard.pull()
        await worker.admission.poll()
        server = worker.rpc_server()
        async with worker.periodic_tasks(server.set_healthy):
            address = f"{_bracketed(settings.grpc_host)}:{settings.grpc_port}"
            await server.start(address, _tls(settings))
            ready()
            await stop.wait()
            await server.drain(LAME_DUCK_SECONDS, settings.drain_seconds)
            await run_task("key_use", worker.note_key_use)
        # Counts in memory would be lost with the process.
        await run_task("guess_counts", worker.guard.push_all)
        await run_task("admission", worker.admission.flush)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _tls(settings: Settings) -> TlsFiles | None:
    if settings.tls_certificate_file is None or settings.tls_private_key_file is None:
        return None
    return TlsFiles(
        settings.tls_certificate_file, settings.tls_private_key_file, settings.tls_client_ca_file
    )
