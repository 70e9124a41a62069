"""What every mutating RPC does: one unit of work, and one effect for each request id."""

import hashlib
import re
from collections.abc import Awaitable, Callable
from typing import TypeVar

from google.protobuf.message import Message

from coupon_server.domain.errors import InvalidField
from coupon_server.domain.idempotency import RequestKey
from coupon_server.rpc.calls import Call
from coupon_server.services.idempotency import Mutations, Replay, Request
from coupon_server.services.unit_of_work import UnitOfWork

IDEMPOTENCY_KEY = "idempotency-key"

# As the contract says of the field `request_id`.
_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")

Response = TypeVar("Response", bound=Message)
Prepared = TypeVar("Prepared")


def idempotent_request(call: Call, message: Message) -> Request | None:
    """What makes a retry of the call known; None when nothing does.

    Its request id, or else what stands for one: the signature of a signed call, so that replaying
    its bytes has one effect, whatever unsigned headers come along; or the header
    `Idempotency-Key`. Raises InvalidField when that can't be a request id.
    """
    principal = call.principal
    request_id: str = message.request_id  # type: ignore[attr-defined]
    if not request_id and principal.signature is not None:
        # No request id can contain a slash.
        request_id = f"hmac/{principal.signature}"
    request_id = request_id or _idempotency_key(call)
    if not request_id:
        return None
    key = RequestKey(principal.tenant_id, principal.user_id or "", call.method.path, request_id)
    return Request(key, _fingerprint(message))


def _idempotency_key(call: Call) -> str:
    """The header `Idempotency-Key`, which is what REST calls a request id; empty for none."""
    keys = [value for name, value in call.metadata if name == IDEMPOTENCY_KEY]
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
    kept_form: Callable[[Response], Response] = lambda response: response,
) -> Response:
    """Do `work` in a unit of work, or answer with what it answered to the same request before."""
    return await run_request(
        mutations, call, idempotent_request(call, message), response_type, work, kept_form
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
    kept_form: Callable[[Response], Response] = lambda response: response,
) -> Response:
    """The same for a request that is known by more than one message."""
    answer = await mutations.run(call.principal.tenant_id, request, work, kept_form)
    if isinstance(answer, Replay):
        return response_type.FromString(answer.answer)
    return answer
