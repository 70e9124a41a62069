"""What every mutating RPC does: one unit of work, and one effect for each request id."""

import hashlib
import re
from collections.abc import Awaitable, Callable
from typing import TypeVar

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

Response = TypeVar("Response", bound=Message)
Prepared = TypeVar("Prepared")


def idempotent_request(call: Call, message: Message) -> Request | None:
    """What makes a retry of the call known; None when nothing does.

    Its request id, or the header `Idempotency-Key`. A signature that covers neither makes it known,
    too, so that replaying signed bytes has one effect whatever header comes along. Raises
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
    # What was signed is not what the call carries, if somebody changed that behind the edge.
    keys = [signed] if signed else [v for name, v in call.metadata if name == IDEMPOTENCY_KEY]
    if not keys:
        return ""
    if len(keys) > 1:
        raise InvalidField(IDEMPOTENCY_KEY, "is given more than once")
    if not (isinstance(keys[0], str) and _REQUEST_ID.fullmatch(keys[0])):
        raise InvalidField(IDEMPOTENCY_KEY, "must be 1 to 128 characters of A-Z a-z 0-9 . _ : -")
    return keys[0]


def _fingerprint(message: Message) -> bytes:
    """A hash of all that the message asks for, its id aside."""
    asked = type(message)()
    asked.CopyFrom(message)
    asked.ClearField("request_id")
    return hashlib.sha256(asked.SerializeToString(deterministic=True)).digest()


async def run_once(
    mutations: Mutations,
    call: Call,
    message: Message,
    response_type: type[Response],
    work: Callable[[UnitOfWork], Awaitable[Response]],
    secret: OneTimeSecret[Response] | None = None,
) -> Response:
    """Do `work` in a unit of work, or answer with what it answered to the same request before.

    `secret`: what the response shows once.
    """
    return await run_request(
        mutations, call, idempotent_request(call, message), response_type, work, secret
    )


async def run_prepared(
    mutations: Mutations,
    call: Call,
    message: Message,
    response_type: type[Response],
    prepare: Callable[[], Awaitable[Prepared]],
    work: Callable[[UnitOfWork, Prepared], Awaitable[Response]],
) -> Response:
    """The same, with what takes long done before the unit of work begins."""
    answer = await mutations.run_prepared(
        call.principal.tenant_id, idempotent_request(call, message), prepare, work
    )
    if isinstance(answer, Replay):
        return response_type.FromString(answer.answer)
    return answer


async def run_request(
    mutations: Mutations,
    call: Call,
    request: Request | None,
    response_type: type[Response],
    work: Callable[[UnitOfWork], Awaitable[Response]],
    secret: OneTimeSecret[Response] | None = None,
) -> Response:
    """The same for a request that is known by more than one message."""
    kept_form = secret.kept_form if secret else None
    answer = await mutations.run(call.principal.tenant_id, request, work, kept_form)
    if not isinstance(answer, Replay):
        return answer
    response = response_type.FromString(answer.answer)
    if secret is not None:
        await secret.restore(response, answer.answered_at, mutations.now())
    return response
