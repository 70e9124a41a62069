"""Puts the service together: the one module that knows every concrete class."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from coupon_server.auth.assertions import Assertions
from coupon_server.auth.authenticator import Authenticator
from coupon_server.auth.peers import Peers
from coupon_server.auth.secrets import Keyring
from coupon_server.database.transactions import (
    Database,
    DatabaseNotReady,
    DatabaseOptions,
    DatabaseOutdated,
)
from coupon_server.delivery import background as delivery
from coupon_server.delivery.domain.targets import Ports
from coupon_server.delivery.http.sender import WebhookSender
from coupon_server.delivery.services.publishing import Publisher
from coupon_server.delivery.services.sequencer import Relay
from coupon_server.delivery.services.streams import GrantService, StreamFeed
from coupon_server.delivery.services.webhook_delivery import WebhookDelivery
from coupon_server.delivery.services.webhook_endpoints import WebhookService
from coupon_server.delivery.storage import webhook_endpoints
from coupon_server.domain.clock import Clock, utc_now
from coupon_server.periodic_tasks import FAILURE_SECONDS, attempt, repeat
from coupon_server.rpc.broker_events import BrokerEvents
from coupon_server.rpc.conversion.delivered_events import body_of_test, cloud_event, webhook_body
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
from coupon_server.services.credentials import POLL_SECONDS, CredentialService, StoredCredentials
from coupon_server.services.definitions import DefinitionService
from coupon_server.services.events import EventService
from coupon_server.services.exports import ExportService
from coupon_server.services.generation import GenerationService
from coupon_server.services.guessing import SYNC_SECONDS, GuessGuard, GuessProtection
from coupon_server.services.idempotency import Mutations
from coupon_server.services.imports import ImportService
from coupon_server.services.job_steps import JobSteps
from coupon_server.services.jobs import JobService
from coupon_server.services.limits import LimitService, TenantLimits
from coupon_server.services.progress import ProgressService
from coupon_server.services.redemption import RedemptionService
from coupon_server.services.rewards import RewardService
from coupon_server.services.tenants import Tenants
from coupon_server.services.usage import UsageService
from coupon_server.settings import DatabaseSettings, EventSettings, Settings, nats_servers
from coupon_server.workers import housekeeping, jobs
from coupon_server.workers.memory import TRIM_SECONDS, FreeMemory

if TYPE_CHECKING:
    from coupon_server.delivery.nats.publisher import NatsBroker
    from coupon_server.workers.event_consumer import Broker

# How long health says NOT_SERVING before calls are turned away, so that balancers notice.
LAME_DUCK_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class App:
    """A server and all it is made of. Build one with `open_app`."""

    settings: Settings
    database: Database
    clock: Clock
    stored_credentials: StoredCredentials
    credentials: CredentialService
    assertions: Assertions
    peers: Peers
    authenticator: Authenticator
    guard: GuessGuard
    guessing: GuessProtection
    limits: TenantLimits
    limit_service: LimitService
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
    job_steps: JobSteps
    imports: ImportService
    exports: ExportService
    webhooks: WebhookService
    grants: GrantService
    feed: StreamFeed
    relay: Relay
    webhook_delivery: WebhookDelivery
    broker: "NatsBroker | None"

    def rpc_server(self) -> RpcServer:
        pages = Pages()
        reward_items = RewardItemMessages()
        servicers = {
            "CouponAdmin": CouponAdmin(
                self.mutations,
                self.rewards,
                self.definitions,
                self.generation,
                self.coupons,
                self.guessing,
                self.clock,
                pages,
                reward_items,
            ),
            "CouponJobs": CouponJobs(
                self.mutations, self.jobs, self.imports, self.exports, self.clock, pages
            ),
            "CouponQuery": CouponQuery(
                self.definitions,
                self.coupons,
                self.redemptions,
                self.progress,
                self.peers,
                self.clock,
                pages,
                reward_items,
            ),
            "EventIngest": EventIngest(self.events, self.clock),
            "GrantDelivery": GrantDelivery(self.mutations, self.grants, self.feed),
            "TenantAdmin": TenantAdmin(
                self.mutations,
                self.credentials,
                self.webhooks,
                self.guessing,
                self.usage,
                self.clock,
                pages,
                self.stored_credentials.refresh,
            ),
        }
        of_strangers = self.unfinished_requests()
        return RpcServer(
            servicers,
            interceptors(
                self.authenticator,
                self.settings.access_log,
                self.admission,
                of_tenants=self.unfinished_requests(),
                of_strangers=of_strangers,
            ),
            Authorization(
                Routes(SERVICES),
                self.authenticator,
                self.assertions,
                self.peers,
                self.admission,
                self.settings.access_log,
            ),
            self.connection_limits(),
            of_strangers,
            with_reflection=self.settings.reflection,
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

    def chores(self) -> AbstractAsyncContextManager[None]:
        """Do, while the block runs, what a server does beside answering calls."""
        return _running(
            repeat("credential_poll", POLL_SECONDS, self.stored_credentials.poll),
            repeat("key_use", housekeeping.NOTE_USE_SECONDS, self.note_key_use),
            repeat("trim_memory", TRIM_SECONDS, FreeMemory().trim),
            repeat("guess_counts", SYNC_SECONDS, self.guard.sync),
            repeat("limits_poll", limits.POLL_SECONDS, self.admission.poll),
            repeat("admission", SHARE_SECONDS, self.admission.flush),
        )

    def background_chores(self) -> AbstractAsyncContextManager[None]:
        """Do, while the block runs, what no call waits for; several processes may at once."""
        return _running(
            repeat("limits_poll", limits.POLL_SECONDS, self.limits.poll),
            repeat("trim", housekeeping.TRIM_SECONDS, self._trim),
            *self._trimming_ledger(),
            jobs.work(self.job_steps),
            repeat("trim_jobs", jobs.TRIM_SECONDS, self.job_steps.trim),
            repeat("trim_outbox", delivery.TRIM_SECONDS, self._trim_outbox),
            delivery.sequence(self.relay),
            delivery.deliver(self.webhook_delivery),
            *self._publishing(),
            *self._measuring(),
        )

    def _trimming_ledger(self) -> Iterator[Coroutine[Any, Any, None]]:
        days = self.settings.ledger_retention_days
        if days is not None:
            trim = partial(
                housekeeping.trim_ledger, self.database, self.clock, timedelta(days=days)
            )
            yield repeat("trim_ledger", housekeeping.TRIM_SECONDS, trim)

    def _publishing(self) -> Iterator[Coroutine[Any, Any, None]]:
        if self.broker is not None:
            yield delivery.publish(Publisher(self.database, self.broker, cloud_event, self.clock))

    def _measuring(self) -> Iterator[Coroutine[Any, Any, None]]:
        port = self.settings.metrics_port
        if port is not None:
            # Imported when it is wanted, as the broker is: it takes time when a process starts.
            from coupon_server.workers.metrics import Metrics

            metrics = Metrics(self.database, self.webhook_delivery, self.clock)
            serve = partial(metrics.serve, self.settings.metrics_host, port)
            # Again and again if the port is taken.
            yield repeat("metrics_server", FAILURE_SECONDS, serve)

    async def note_key_use(self) -> None:
        await housekeeping.note_key_use(self.authenticator, self.credentials)

    async def _trim(self) -> None:
        await housekeeping.trim_request_answers(self.database, self.clock)
        await housekeeping.trim_events(self.database, self.clock)
        await housekeeping.trim_guess_counts(self.database, self.clock)
        await housekeeping.trim_use(self.database, self.clock)

    async def _trim_outbox(self) -> None:
        kept = timedelta(days=self.settings.outbox_retention_days)
        await delivery.trim(self.database, self.clock, kept)
        await housekeeping.trim_guess_alerts(self.database, self.clock, kept)


@asynccontextmanager
async def _running(*loops: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(loop) for loop in loops]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def build_app(settings: Settings, clock: Clock = utc_now) -> App:
    """Connect the parts. Nothing is opened before it is used."""
    database = _database(settings)
    tenant_limits = TenantLimits(database, settings.limits())
    admission = Admission(database, tenant_limits, clock)
    generation = GenerationService(clock, tenant_limits)
    keyring = Keyring.parse(settings.master_keys.get_secret_value())
    stored_credentials = StoredCredentials(database, keyring, clock)
    assertions = Assertions(keyring, clock)
    guard = GuessGuard(database, clock)
    sender = WebhookSender(
        clock,
        allow_private=settings.webhook_allow_private,
        ports=Ports.parse(settings.webhook_ports),
    )
    return App(
        settings=settings,
        database=database,
        clock=clock,
        stored_credentials=stored_credentials,
        credentials=CredentialService(database, keyring, clock, tenant_limits),
        assertions=assertions,
        peers=Peers(keyring, clock, trusted_hops=settings.trusted_hops),
        guard=guard,
        guessing=GuessProtection(database, clock),
        authenticator=Authenticator(
            stored_credentials,
            assertions,
            clock,
            require_expiry=settings.jwt_require_expiry,
        ),
        limits=tenant_limits,
        limit_service=LimitService(clock, tenant_limits.defaults),
        admission=admission,
        usage=UsageService(database, admission, webhook_endpoints.count, clock),
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
        events=_events(settings, database, clock, tenant_limits),
        progress=ProgressService(database, clock),
        jobs=JobService(database, generation, clock, tenant_limits),
        job_steps=JobSteps(database, generation, clock),
        imports=ImportService(database, clock, tenant_limits),
        exports=ExportService(database),
        webhooks=WebhookService(
            database,
            keyring,
            sender,
            body_of_test,
            clock,
            lambda tenant_id: tenant_limits.of(tenant_id).webhook_endpoints,
        ),
        grants=GrantService(database),
        feed=StreamFeed(database),
        relay=Relay(database, clock),
        webhook_delivery=WebhookDelivery(database, keyring, sender, webhook_body, clock),
        broker=_broker(settings),
    )


def _broker(settings: Settings) -> "NatsBroker | None":
    if settings.nats_url is None:
        return None
    from coupon_server.delivery.nats.publisher import NatsBroker

    return NatsBroker(
        nats_servers(settings.nats_url.get_secret_value()),
        credentials_file=settings.nats_credentials_file,
        ca_file=settings.nats_ca_file,
    )


def _database(settings: DatabaseSettings) -> Database:
    return Database(
        DatabaseOptions(
            url=settings.sqlalchemy_url,
            pool_size=settings.database_pool_size,
            statement_cache=settings.database_statement_cache,
            lock_timeout_ms=settings.database_lock_timeout_ms,
            statement_timeout_ms=settings.database_statement_timeout_ms,
        )
    )


def _events(
    settings: EventSettings, database: Database, clock: Clock, tenant_limits: TenantLimits
) -> EventService:
    return EventService(
        database,
        clock,
        tenant_limits,
        max_batch=settings.max_batch,
        max_queue=settings.max_queue,
    )


@asynccontextmanager
async def open_app(settings: Settings, clock: Clock = utc_now) -> AsyncIterator[App]:
    """An app whose connections are closed at the end."""
    app = build_app(settings, clock)
    try:
        yield app
    finally:
        await app.redemptions.close()
        await app.events.close()
        await app.stored_credentials.close()
        if app.broker is not None:
            await app.broker.close()
        await app.database.close()


async def serve(
    settings: Settings,
    *,
    ready: Callable[[], None],
    stop: asyncio.Event,
    clock: Clock = utc_now,
) -> None:
    """Serve until `stop` is set, then drain. `ready` is called once calls are taken.

    Raises DatabaseNotReady when the database can't be used at the start, OSError when the port
    is taken.
    """
    async with open_app(settings, clock) as app:
        await app.database.check()
        await app.stored_credentials.poll()
        # Who was blocked before this process began is blocked still.
        await app.guard.learn()
        await app.admission.poll()
        server = app.rpc_server()
        async with app.chores():
            address = f"{_bracketed(settings.grpc_host)}:{settings.grpc_port}"
            await server.start(address, _tls(settings))
            ready()
            await stop.wait()
            await server.drain(LAME_DUCK_SECONDS, settings.drain_seconds)
            await app.note_key_use()
        # Counts that are not stored by now are lost with the process.
        await attempt("guess_counts", app.guard.store_all)
        await attempt("admission", app.admission.flush)


async def work(
    settings: Settings,
    *,
    ready: Callable[[], None],
    stop: asyncio.Event,
    clock: Clock = utc_now,
) -> None:
    """Do what no call waits for until `stop` is set. `ready` is called when that begins.

    Raises DatabaseNotReady when the database can't be used at the start.
    """
    async with open_app(settings, clock) as app:
        await app.database.check()
        await app.limits.poll()
        async with app.background_chores():
            ready()
            await stop.wait()


async def consume(
    settings: EventSettings,
    broker: "Broker",
    *,
    ready: Callable[[], None],
    stop: asyncio.Event,
    clock: Clock = utc_now,
) -> None:
    """Take events from a broker until `stop` is set. `ready` is called when that begins.

    Raises DatabaseNotReady and BrokerNotReady when one of them can't be used at the start, and
    BrokerNotReady when the connection is closed for good.
    """
    from coupon_server.workers import event_consumer

    database = _database(settings)
    tenant_limits = TenantLimits(database, settings.limits())
    events = _events(settings, database, clock, tenant_limits)
    try:
        await database.check()
        await tenant_limits.poll()
        messages = BrokerEvents(Tenants(database), events, clock)
        async with _running(repeat("limits_poll", limits.POLL_SECONDS, tenant_limits.poll)):
            await event_consumer.consume(broker, messages.take, ready=ready, stop=stop)
    finally:
        await events.close()
        await database.close()


def explained(error: DatabaseNotReady) -> str:
    """What is told to an operator, with the setting or the command that helps."""
    if isinstance(error, DatabaseOutdated):
        return f"the database {error}: run `coupons migrate`"
    return f"the database of COUPONS_DATABASE_URL {error}"


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _tls(settings: Settings) -> TlsFiles | None:
    if settings.tls_certificate_file is None or settings.tls_private_key_file is None:
        return None
    return TlsFiles(
        settings.tls_certificate_file, settings.tls_private_key_file, settings.tls_client_ca_file
    )
