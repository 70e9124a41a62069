import asyncio
import hashlib
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import jwt
import pytest

from coupon_server.auth import credential_values, signature
from coupon_server.auth.assertions import Assertions
from coupon_server.auth.authenticator import RETRY_SECONDS, Authenticator
from coupon_server.auth.principals import (
    ApiKeyRecord,
    CredentialKind,
    Principal,
    Scope,
    TenantSecretRecord,
)
from coupon_server.auth.secrets import Keyring
from coupon_server.domain.errors import DomainError, Reason

PATH = "/phoenix_coupons.v1.CouponQuery/RedeemCoupon"
BODY = b"\x0a\x01x"
START = datetime(2025, 6, 1, 12, tzinfo=UTC)
INVALID = "The credential is missing or not valid"
Metadata = tuple[tuple[str, str], ...]


@dataclass
class Clock:
    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class Store:
    """Credentials in memory, which counts how often it is asked."""

    keys: list[ApiKeyRecord] = field(default_factory=list)
    secrets: list[TenantSecretRecord] = field(default_factory=list)
    revision: int = 1
    is_trusted: bool = True
    loads: int = 0
    before_answer: Callable[[], None] = lambda: None
    failure: Exception | None = None

    def is_fresh(self) -> bool:
        return self.is_trusted

    async def api_key_by_id(self, key_id: uuid.UUID) -> ApiKeyRecord | None:
        return await self._answer([key for key in self.keys if key.key_id == key_id])

    async def api_key_by_digest(self, digest: bytes) -> ApiKeyRecord | None:
        return await self._answer(
            [key for key in self.keys if hashlib.sha256(key.value.encode()).digest() == digest]
        )

    async def tenant_secrets(self, tenant_id: uuid.UUID) -> list[TenantSecretRecord]:
        found = [secret for secret in self.secrets if secret.tenant_id == tenant_id]
        await self._answer([])
        return found

    async def _answer(self, found: list[ApiKeyRecord]) -> ApiKeyRecord | None:
        self.loads += 1
        await asyncio.sleep(0)
        if self.failure is not None:
            raise self.failure
        self.before_answer()
        return found[0] if found else None


class World:
    """One tenant with a key and a secret, and an authenticator in front of them."""

    def __init__(self) -> None:
        self.tenant = uuid.uuid4()
        self.key = ApiKeyRecord(
            tenant_id=self.tenant,
            key_id=uuid.uuid4(),
            value=credential_values.new_api_key(),
            scopes=frozenset({Scope.read, Scope.manage}),
            expires_at=None,
            revoked_at=None,
        )
        self.secret = self.new_secret()
        self.store = Store([self.key], [self.secret])
        self.clock = Clock()
        self.assertions = Assertions(Keyring({"test": bytes(32)}), self.clock)
        self.ticks = 0.0
        self.authenticator = self.new_authenticator()

    def new_authenticator(
        self, *, require_expiry: bool = True, cache_size: int = 10_000
    ) -> Authenticator:
        return Authenticator(
            self.store,
            self.assertions,
            self.clock,
            require_expiry=require_expiry,
            cache_size=cache_size,
            monotonic=lambda: self.ticks,
        )

    def new_secret(self, expires_at: datetime | None = None) -> TenantSecretRecord:
        return TenantSecretRecord(
            self.tenant, uuid.uuid4(), credential_values.new_tenant_secret(), expires_at
        )

    def admin_token(self, lifetime: float | None = 60, **claims: object) -> Metadata:
        return self._token(
            self.key.value, {"sub_type": "admin", "sub_id": str(self.key.key_id)}, lifetime, claims
        )

    def tenant_token(self, lifetime: float | None = 60, **claims: object) -> Metadata:
        return self._token(
            self.secret.value, {"sub_type": "tenant", "sub_id": str(self.tenant)}, lifetime, claims
        )

    def _token(
        self,
        secret: str,
        subject: dict[str, object],
        lifetime: float | None,
        claims: dict[str, object],
    ) -> Metadata:
        if lifetime is not None:
            subject["exp"] = self.clock.now.timestamp() + lifetime
        token = jwt.encode(subject | claims, secret, algorithm="HS256")
        return (("authorization", f"Bearer {token}"),)

    def api_key(self) -> Metadata:
        return (("x-api-key", self.key.value),)

    def hmac(self, *, offset: int = 0, path: str = PATH, body: bytes = BODY) -> Metadata:
        timestamp = str(int(self.clock.now.timestamp()) + offset)
        signed = signature.sign(self.secret.value, "POST", path, timestamp, body)
        return (
            ("x-tenant-id", str(self.tenant)),
            ("x-timestamp", timestamp),
            ("x-signature", f"hmac-sha256={signed}"),
        )

    async def authenticate(self, metadata: Metadata) -> Principal:
        return await self.authenticator.authenticate(metadata, PATH, BODY)

    def cached(self, metadata: Metadata) -> Principal | None:
        return self.authenticator.authenticate_cached(metadata, PATH, BODY)

    async def refusal(self, metadata: Metadata) -> str:
        return await refusal(self.authenticate(metadata))


async def refusal(call: Awaitable[Principal]) -> str:
    with pytest.raises(DomainError) as caught:
        await call
    assert caught.value.reason is Reason.CREDENTIAL_INVALID
    return caught.value.message


@pytest.fixture
def world() -> World:
    return World()


Present = Callable[[World], Metadata]

every_kind = pytest.mark.parametrize(
    "present", [World.admin_token, World.tenant_token, World.api_key, World.hmac]
)
every_key_kind = pytest.mark.parametrize("present", [World.admin_token, World.api_key])
every_secret_kind = pytest.mark.parametrize("present", [World.tenant_token, World.hmac])


async def test_admin_jwt(world: World) -> None:
    assert await world.authenticate(world.admin_token(user_id="not looked at")) == Principal(
        kind=CredentialKind.admin_jwt,
        tenant_id=world.tenant,
        tenant=str(world.tenant),
        credential_id=world.key.key_id,
        scopes=world.key.scopes,
        user_id=None,
        expires_at=START.timestamp() + 60,
        signature=None,
    )


async def test_api_key(world: World) -> None:
    assert await world.authenticate(world.api_key()) == Principal(
        kind=CredentialKind.api_key,
        tenant_id=world.tenant,
        tenant=str(world.tenant),
        credential_id=world.key.key_id,
        scopes=world.key.scopes,
        user_id=None,
        expires_at=None,
        signature=None,
    )


async def test_tenant_jwt(world: World) -> None:
    metadata = world.tenant_token(user_id="u1")
    [(_, bearer)] = metadata
    signed, _, _ = str(bearer).removeprefix("Bearer ").rpartition(".")
    assert await world.authenticate(metadata) == Principal(
        kind=CredentialKind.tenant_jwt,
        tenant_id=world.tenant,
        tenant=str(world.tenant),
        credential_id=world.secret.secret_id,
        scopes=frozenset(),
        user_id="u1",
        expires_at=START.timestamp() + 60,
        signature=None,
        token=hashlib.sha256(signed.encode()).digest()[:16].hex(),
    )


async def test_a_token_of_a_whole_tenant_is_not_known_by_itself(world: World) -> None:
    assert (await world.authenticate(world.tenant_token())).token == ""


async def test_hmac(world: World) -> None:
    metadata = world.hmac()

    assert await world.authenticate(metadata) == Principal(
        kind=CredentialKind.hmac,
        tenant_id=world.tenant,
        tenant=str(world.tenant),
        credential_id=world.secret.secret_id,
        scopes=frozenset(),
        user_id=None,
        expires_at=None,
        signature=metadata[2][1].removeprefix("hmac-sha256="),
    )


@every_kind
async def test_the_second_call_is_answered_from_memory(world: World, present: Present) -> None:
    metadata = present(world)

    assert world.cached(metadata) is None
    first = await world.authenticate(metadata)
    assert world.cached(metadata) == first
    assert await world.authenticate(metadata) == first
    assert world.store.loads == 1


@every_kind
async def test_unknown_and_wrong_credentials_get_the_same_error(
    world: World, present: Present
) -> None:
    stranger = World()

    assert await world.refusal(present(stranger)) == INVALID
    stranger.tenant, stranger.key = world.tenant, replace(stranger.key, key_id=world.key.key_id)
    assert await world.refusal(present(stranger)) == INVALID
    assert await world.refusal(present(stranger)) == INVALID


async def test_no_credential(world: World) -> None:
    assert await world.refusal(()) == "The call presents no credential"


async def test_an_api_key_is_no_bearer_token(world: World) -> None:
    await world.authenticate(world.api_key())

    assert await world.refusal((("authorization", f"Bearer {world.key.value}"),)) == INVALID


async def test_a_token_is_no_api_key(world: World) -> None:
    metadata = world.tenant_token()
    await world.authenticate(metadata)

    assert await world.refusal((("x-api-key", metadata[0][1].removeprefix("Bearer ")),)) == INVALID


async def test_what_cannot_be_an_api_key_is_not_looked_up(world: World) -> None:
    assert await world.refusal((("x-api-key", "pk_short"),)) == INVALID
    assert world.store.loads == 0


async def test_a_token_must_be_signed_with_the_secret_of_its_sub_type(world: World) -> None:
    swapped = replace(world.key, value=world.secret.value)
    world.secret, world.key = replace(world.secret, value=world.key.value), swapped

    assert await world.refusal(world.admin_token()) == INVALID
    assert await world.refusal(world.tenant_token()) == INVALID


@every_kind
async def test_an_unknown_credential_is_looked_up_once_in_a_while(
    world: World, present: Present
) -> None:
    stranger = World()
    for _ in range(3):
        assert await world.refusal(present(stranger)) == INVALID
    assert world.store.loads == 1
    world.ticks += RETRY_SECONDS
    assert await world.refusal(present(stranger)) == INVALID
    assert world.store.loads == 2

    world.store.keys.append(stranger.key)
    world.store.secrets.append(stranger.secret)
    world.ticks += RETRY_SECONDS

    assert (await world.authenticate(present(stranger))).tenant_id == stranger.tenant


@every_secret_kind
async def test_a_wrong_signature_is_looked_up_once_in_a_while(
    world: World, present: Present
) -> None:
    await world.authenticate(present(world))
    forger = World()
    forger.tenant = world.tenant
    for loads in (2, 3):
        for _ in range(3):
            assert await world.refusal(present(forger)) == INVALID
        assert world.store.loads == loads
        assert await world.authenticate(present(world))
        world.ticks += RETRY_SECONDS

    assert world.store.loads == 3


async def test_a_token_signed_with_the_wrong_key_is_checked_from_memory(world: World) -> None:
    forger = World()
    forger.key = replace(forger.key, key_id=world.key.key_id)
    for _ in range(3):
        assert await world.refusal(forger.admin_token()) == INVALID
        world.ticks += RETRY_SECONDS

    assert await world.authenticate(world.admin_token())
    assert world.store.loads == 1


@every_key_kind
@pytest.mark.parametrize(("revoked_at", "expires_at"), [(START, None), (None, START)])
async def test_a_key_that_has_ended_is_looked_up_once_in_a_while(
    world: World, present: Present, revoked_at: datetime | None, expires_at: datetime | None
) -> None:
    world.store.keys[0] = replace(world.key, revoked_at=revoked_at, expires_at=expires_at)
    for _ in range(3):
        assert await world.refusal(present(world)) == INVALID

    assert world.store.loads == 1


@every_secret_kind
async def test_a_new_secret_is_accepted_after_failures_once_the_store_has_seen_it(
    world: World, present: Present
) -> None:
    await world.authenticate(present(world))
    forger = World()
    forger.tenant = world.tenant
    assert await world.refusal(present(forger)) == INVALID
    world.secret = world.new_secret()
    world.store.secrets.insert(0, world.secret)
    assert await world.refusal(present(world)) == INVALID

    world.store.revision += 1

    assert (await world.authenticate(present(world))).credential_id == world.secret.secret_id


@every_kind
async def test_failures_are_not_remembered_while_the_store_is_not_trusted(
    world: World, present: Present
) -> None:
    stranger = World()
    world.store.is_trusted = False
    for _ in range(3):
        assert await world.refusal(present(stranger)) == INVALID
    assert world.store.loads == 3

    world.store.is_trusted = True
    world.store.keys.append(stranger.key)
    world.store.secrets.append(stranger.secret)

    assert await world.authenticate(present(stranger))


async def test_strangers_push_nobody_out_of_memory(world: World) -> None:
    world.authenticator = world.new_authenticator(cache_size=2)
    presents = (World.admin_token, World.tenant_token, World.api_key, World.hmac)
    for present in presents:
        await world.authenticate(present(world))
    loads = world.store.loads
    for _ in range(3):
        for present in presents:
            await world.refusal(present(World()))

    for present in presents:
        assert world.cached(present(world))
    assert world.store.loads == loads + 3 * len(presents)


async def test_an_id_stands_for_a_key_and_a_tenant_apart(world: World) -> None:
    stranger = World()
    stranger.key = replace(stranger.key, key_id=world.tenant)
    assert await world.refusal(stranger.admin_token()) == INVALID

    assert await world.authenticate(world.tenant_token())


@pytest.mark.parametrize("present", [World.admin_token, World.tenant_token])
async def test_a_token_without_expiry(present: Callable[..., Metadata]) -> None:
    world = World()
    assert await world.refusal(present(world, None)) == "The token has no exp claim"

    world.authenticator = world.new_authenticator(require_expiry=False)
    metadata = present(world, None)
    assert (await world.authenticate(metadata)).expires_at is None
    assert world.cached(metadata)


@pytest.mark.parametrize("present", [World.admin_token, World.tenant_token])
async def test_a_remembered_token_expires(world: World, present: Present) -> None:
    metadata = present(world)
    await world.authenticate(metadata)

    world.clock.advance(59.9)
    assert world.cached(metadata)
    world.clock.advance(0.1)
    assert await world.refusal(metadata) == INVALID
    with pytest.raises(DomainError):
        world.cached(metadata)


async def test_an_expired_token_is_refused_at_once(world: World) -> None:
    assert await world.refusal(world.tenant_token(0)) == INVALID
    assert await world.refusal(world.admin_token(-1)) == INVALID


@every_key_kind
async def test_the_expiry_of_a_key_holds_for_what_is_remembered(
    world: World, present: Present
) -> None:
    world.store.keys[0] = replace(world.key, expires_at=START + timedelta(seconds=10))
    metadata = present(world)
    assert (await world.authenticate(metadata)).expires_at == START.timestamp() + 10

    world.clock.advance(10)

    assert await world.refusal(metadata) == INVALID


@every_secret_kind
async def test_the_expiry_of_a_secret_holds_for_what_is_remembered(
    world: World, present: Present
) -> None:
    world.store.secrets[0] = replace(world.secret, expires_at=START + timedelta(seconds=10))
    metadata = present(world)
    assert (await world.authenticate(metadata)).expires_at == START.timestamp() + 10

    world.clock.advance(10)

    assert await world.refusal(metadata) == INVALID


@every_key_kind
async def test_a_revoked_key_is_refused(world: World, present: Present) -> None:
    world.store.keys[0] = replace(world.key, revoked_at=START)

    assert await world.refusal(present(world)) == INVALID
    assert world.authenticator.drain_used() == set()


@every_key_kind
async def test_a_revocation_overrides_memory_with_the_next_generation(
    world: World, present: Present
) -> None:
    metadata = present(world)
    await world.authenticate(metadata)
    world.store.keys[0] = replace(world.key, revoked_at=START)
    assert world.cached(metadata), "nobody has told yet"

    world.store.revision += 1

    assert world.cached(metadata) is None
    assert await world.refusal(metadata) == INVALID


@every_secret_kind
async def test_a_removed_secret_overrides_memory_with_the_next_generation(
    world: World, present: Present
) -> None:
    metadata = present(world)
    await world.authenticate(metadata)
    world.store.secrets = [world.new_secret()]

    world.store.revision += 1

    assert world.cached(metadata) is None
    assert await world.refusal(metadata) == INVALID


@every_kind
async def test_what_was_loaded_while_the_generation_moved_is_used_once(
    world: World, present: Present
) -> None:
    def move() -> None:
        world.store.revision += 1

    metadata = present(world)
    world.store.before_answer = move
    assert await world.authenticate(metadata)
    world.store.before_answer = lambda: None

    assert world.cached(metadata) is None
    assert await world.authenticate(metadata)
    assert world.cached(metadata)


@every_kind
async def test_memory_is_not_used_while_the_store_is_not_trusted(
    world: World, present: Present
) -> None:
    metadata = present(world)
    await world.authenticate(metadata)
    world.store.is_trusted = False

    assert world.cached(metadata) is None
    assert await world.authenticate(metadata)
    assert await world.authenticate(metadata)
    assert world.store.loads == 3

    world.store.failure = ConnectionError("the database is out of reach")
    with pytest.raises(ConnectionError):
        await world.authenticate(metadata)

    world.store.is_trusted = True
    assert world.cached(metadata)


@every_kind
async def test_what_was_loaded_without_trust_is_not_kept(world: World, present: Present) -> None:
    world.store.is_trusted = False
    await world.authenticate(present(world))
    world.store.is_trusted = True

    assert world.cached(present(world)) is None


@every_secret_kind
async def test_both_live_secrets_are_accepted(world: World, present: Present) -> None:
    old, new = world.secret, world.new_secret()
    world.store.secrets = [new, replace(old, expires_at=START + timedelta(seconds=10))]

    assert (await world.authenticate(present(world))).credential_id == old.secret_id
    world.secret = new
    assert (await world.authenticate(present(world))).credential_id == new.secret_id


@every_secret_kind
async def test_a_new_secret_is_accepted_before_the_next_poll(
    world: World, present: Present
) -> None:
    await world.authenticate(present(world))
    world.secret = world.new_secret()
    world.store.secrets.insert(0, world.secret)

    assert (await world.authenticate(present(world))).credential_id == world.secret.secret_id


@pytest.mark.parametrize("offset", [-301, 301])
async def test_stale_and_future_timestamps_are_named(world: World, offset: int) -> None:
    message = "The header x-timestamp is not within 300 s of the server's clock"

    assert await world.refusal(world.hmac(offset=offset)) == message
    await world.authenticate(world.hmac())
    assert await world.refusal(world.hmac(offset=offset)) == message


async def test_a_signature_ages_even_if_the_secret_is_remembered(world: World) -> None:
    metadata = world.hmac()
    await world.authenticate(metadata)

    world.clock.advance(301)

    assert "x-timestamp" in await world.refusal(metadata)


@pytest.mark.parametrize("remembered", [True, False])
async def test_a_signature_holds_for_its_path_and_body_alone(
    world: World, remembered: bool
) -> None:
    if remembered:
        await world.authenticate(world.hmac())

    assert await world.refusal(world.hmac(path=PATH + "s")) == INVALID
    assert await world.refusal(world.hmac(body=BODY + b"\0")) == INVALID


async def test_used_keys_are_drained(world: World) -> None:
    for present in (World.admin_token, World.api_key):
        await world.authenticate(present(world))
        assert world.authenticator.drain_used() == {world.key.key_id}
        assert world.cached(present(world))
        assert world.authenticator.drain_used() == {world.key.key_id}
    for present in (World.tenant_token, World.hmac):
        await world.authenticate(present(world))
    assert world.authenticator.drain_used() == set()


async def test_memory_is_bounded(world: World) -> None:
    world.authenticator = world.new_authenticator(cache_size=2)
    tokens = [world.tenant_token(60 + number) for number in range(3)]
    for token in tokens:
        await world.authenticate(token)

    assert [world.cached(token) is not None for token in tokens] == [False, True, True]


def test_records_hide_their_values(world: World) -> None:
    assert world.key.value not in repr(world.key)
    assert world.secret.value not in repr(world.secret)
