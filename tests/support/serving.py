"""The real server, with its whole interceptor chain, on a real socket in this process."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from coupon_server.domain.clock import Clock, utc_now
from coupon_server.operations import FirstCredentials
from coupon_server.rpc.server import TlsFiles
from coupon_server.settings import Settings
from phoenix_coupons import ApiKeyCredential, AsyncCouponsClient, Credential, TenantToken
from support.app import App, open_app

MASTER_KEYS = "test:" + "A" * 43 + "="


def settings_for(database_url: str, **changes: Any) -> Settings:
    """Settings for a server on a free port; `changes` are fields of Settings."""
    fields = {
        "database_url": database_url,
        "master_keys": MASTER_KEYS,
        "grpc_port": 0,
        "drain_seconds": 1,
        "background": False,
    }
    return Settings.model_validate(fields | changes)


@dataclass(slots=True)
class Served:
    """A running server, and clients for it."""

    app: App
    address: str
    clients: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def new_tenant(self, name: str = "Test tenant") -> "Tenant":
        async with self.app.database.transaction() as transaction:
            made = await self.app.credentials.create_tenant(transaction, name)
        return Tenant(self, FirstCredentials.of(made))

    async def limit(self, tenant_id: UUID, **limits: int) -> None:
        """Give a tenant limits of its own, which hold at once."""
        async with self.app.database.transaction() as transaction:
            await self.app.operator.limits.change(transaction, tenant_id, limits)
        await self.app.admission.poll()

    async def client(self, credential: Credential, **options: Any) -> AsyncCouponsClient:
        """A client that is closed with the server."""
        client = AsyncCouponsClient(self.address, credential, **options)
        return await self.clients.enter_async_context(client)


@dataclass(slots=True)
class Tenant:
    """A tenant, and the clients that tests need."""

    server: Served
    credentials: FirstCredentials

    @property
    def id(self) -> str:
        return str(self.credentials.tenant_id)

    @property
    def uuid(self) -> UUID:
        return self.credentials.tenant_id

    async def admin(self) -> AsyncCouponsClient:
        """Back office: `.admin` and `.tenants`, by API key."""
        return await self.server.client(ApiKeyCredential(self.credentials.api_key))

    async def backend(self) -> AsyncCouponsClient:
        """The tenant's own backend: `.query`, by tenant JWT."""
        return await self.server.client(TenantToken(self.id, self.credentials.tenant_secret))

    async def user(self, user_id: str) -> AsyncCouponsClient:
        """An app in a user's hands: `.query`, by a tenant JWT confined to the user."""
        token = TenantToken(self.id, self.credentials.tenant_secret, user_id=user_id)
        return await self.server.client(token)


@asynccontextmanager
async def serving(
    settings: Settings, clock: Clock = utc_now, tls: TlsFiles | None = None
) -> AsyncIterator[Served]:
    """Serve until the block ends, with the background tasks only if the settings say so."""
    async with open_app(settings, clock) as app, AsyncExitStack() as background:
        await app.stored_credentials.poll()
        await app.admission.poll()
        server = app.rpc_server()
        if settings.background:
            await background.enter_async_context(app.background.periodic_tasks())
        async with app.periodic_tasks():
            port = await server.start("127.0.0.1:0", tls)
            served = Served(app, f"127.0.0.1:{port}")
            try:
                async with served.clients:
                    yield served
            finally:
                await server.drain(0, 1)
