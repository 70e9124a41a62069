"""What every mutating RPC does: one transaction, and one effect for each request id."""

import hashlib
from collections.abc import Awaitable, Callable
from typing import TypeVar

from google.protobuf.message import Message

from coupon_server.rpc.calls import current_call
from coupon_server.services.idempotency import Mutations, Replay, Request
from coupon_server.storage.database import Transaction
from coupon_server.storage.request_answers import RequestKey

Response = TypeVar("Response", bound=Message)


def idempotent_request(message: Message) -> Request | None:
    """What makes a retry of the current call known; None when nothing does.

    A signed call without a request id is known by its signature, so that replaying its bytes
    has one effect, whatever unsigned headers come along.
    """
    call = current_call()
    principal = call.principal
    request_id: str = message.request_id  # type: ignore[attr-defined]
    if not request_id:
        if principal.signature is None:
            return None
        # No request id can contain a slash.
        request_id = f"hmac/{principal.signature}"
    key = RequestKey(principal.tenant_id, principal.user_id or "", call.method.path, request_id)
    return Request(key, _fingerprint(message))


def _fingerprint(message: Message) -> bytes:
    """A hash of all that the message asks for, its id aside."""
    asked = type(message)()
    asked.CopyFrom(message)
    asked.ClearField("request_id")
    return hashlib.sha256(asked.SerializeToString(deterministic=True)).digest()


async def run_once(
    mutations: Mutations,
    message: Message,
    response_type: type[Response],
    work: Callable[[Transaction], Awaitable[Response]],
    kept_form: Callable[[Response], Response] = lambda response: response,
) -> Response:
    """Do `work` in a transaction, or answer with what it answered to the same request before."""
    answer = await mutations.run(idempotent_request(message), work, kept_form)
    if isinstance(answer, Replay):
        return response_type.FromString(answer.answer)
    return answer
