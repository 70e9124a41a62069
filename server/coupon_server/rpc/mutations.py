"""Runs mutations: one unit of work, and one effect for each idempotency key."""

import hashlib
import re
from collections.abc import Awaitable, Callable
from functools import partial, wraps
from typing import Any, Protocol, TypeVar

from google.protobuf.message import Message

from coupon_server.auth.presented import IDEMPOTENCY_KEY
from coupon_server.domain.errors import InvalidField
from coupon_server.domain.idempotency import RequestKey
from coupon_server.rpc.calls import Call
from coupon_server.rpc.one_time_secrets import OneTimeSecret
from coupon_server.services.idempotency import Mutations, Replay, Request
from coupon_server.services.unit_of_work import UnitOfWork

# As the contract says of the field `request_id`.
_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")


class HasMutations(Protocol):
    """A servicer with mutations among its methods."""

    @property
    def mutations(self) -> Mutations: ...


Servicer = TypeVar("Servicer", bound=HasMutations)
RequestMessage = TypeVar("RequestMessage", bound=Message)
Response = TypeVar("Response", bound=Message)
Prepared = TypeVar("Prepared")


def idempotent_request(call: Call, message: Message) -> Request | None:
    """The request with its idempotency key; None if the call has none.

    The key is the request id, or the header `Idempotency-Key`. A signature that covers neither is a
    key, too, so that replayed bytes have one effect, whatever headers they come with. Raises
    InvalidField when the header can't be a request id.
    """
    principal = call.principal
    signed_id: str = message.request_id or principal.signed_key  # type: ignore[attr-defined]
    request_id = message.request_id or _idempotency_key(call)  # type: ignore[attr-defined]
    signature = None
    if principal.signature is not None and not signed_id:
        # No request id can contain a slash.
        signature = _request_key(call, f"hmac/{principal.signature}")
    key = _request_key(call, request_id) if request_id else signature
    return None if key is None else Request(key, _fingerprint(message), signature)


def _request_key(call: Call, request_id: str) -> RequestKey:
    principal = call.principal
    return RequestKey(principal.tenant_id, principal.user_id or "", call.method.path, request_id)


def _idempotency_key(call: Call) -> str:
    """The header `Idempotency-Key`, which is what REST calls a request id; empty for none."""
    signed = call.principal.signed_key
    # A header that was changed behind the edge is not the one that was signed.
    keys = [signed] if signed else [v for name, v in call.metadata if name == IDEMPOTENCY_KEY]
    if not keys:
        return ""
    if len(keys) > 1:
        raise InvalidField(IDEMPOTENCY_KEY, "is given more than once")
    if not (isinstance(keys[0], str) and _REQUEST_ID.fullmatch(keys[0])):
        raise InvalidField(IDEMPOTENCY_KEY, "must be 1 to 128 characters of A-Z a-z 0-9 . _ : -")
    return keys[0]


def _fingerprint(message: Message) -> bytes:
    """A hash of the message without its request id."""
    content = type(message)()
    content.CopyFrom(message)
    content.ClearField("request_id")
    return hashlib.sha256(content.SerializeToString(deterministic=True)).digest()


def mutation(
    work: Callable[[Servicer, RequestMessage, Call, UnitOfWork], Awaitable[Response]],
) -> Callable[[Servicer, RequestMessage, Call], Awaitable[Response]]:
    """Makes a handler of `work`, which runs in a unit of work, once for each idempotency key."""

    @wraps(work)
    async def handler(servicer: Servicer, request: RequestMessage, call: Call) -> Response:
        return await run_once(
            servicer.mutations, call, request, partial(work, servicer, request, call)
        )

    return handler


async def run_once(
    mutations: Mutations,
    call: Call,
    message: Message,
    work: Callable[[UnitOfWork], Awaitable[Response]],
    secret: OneTimeSecret[Response] | None = None,
) -> Response:
    """Do `work` in a unit of work, or replay the answer that the same request got before.

    `secret`: what the response shows once.
    """
    return await run_request(mutations, call, idempotent_request(call, message), work, secret)


async def run_prepared(
    mutations: Mutations,
    call: Call,
    message: Message,
    prepare: Callable[[], Awaitable[Prepared]],
    work: Callable[[UnitOfWork, Prepared], Awaitable[Response]],
) -> Response:
    """The same, with slow preparation done before the unit of work begins."""
    answer = await mutations.run_prepared(
        call.principal.tenant_id, idempotent_request(call, message), prepare, work
    )
    return _replayed(call, answer) if isinstance(answer, Replay) else answer


async def run_request(
    mutations: Mutations,
    call: Call,
    request: Request | None,
    work: Callable[[UnitOfWork], Awaitable[Response]],
    secret: OneTimeSecret[Response] | None = None,
) -> Response:
    """The same for a request that consists of several messages."""
    kept_form = secret.kept_form if secret else None
    answer = await mutations.run(call.principal.tenant_id, request, work, kept_form)
    if not isinstance(answer, Replay):
        return answer
    response: Response = _replayed(call, answer)
    if secret is not None:
        await secret.restore(response, answer.answered_at, mutations.now())
    return response


def _replayed(call: Call, replay: Replay) -> Any:
    return call.method.response_type.FromString(replay.answer)
