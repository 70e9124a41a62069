"""Answers that show a secret once: how they are kept, and how a retry is answered.

An answer is kept without the secret, and with its digest in a field that the message does not
have: a server of another release replays it without a secret, never with a digest in its place.
A retry within a minute gets the secret, read from where it is stored, encrypted. After that, or
when the secret has ended, the retry is refused: a client would take an answer without the secret
for a success.
"""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from google.protobuf.message import Message
from google.protobuf.unknown_fields import UnknownFieldSet

from coupon_server.auth.credential_values import digest
from coupon_server.domain.errors import DomainError, Reason

SHOWN_AGAIN_FOR = timedelta(minutes=1)

_DIGEST_FIELD = 15
# Field 15, length-delimited, 32 bytes (https://protobuf.dev/programming-guides/encoding/).
_TAG = bytes((_DIGEST_FIELD << 3 | 2, 32))

Response = TypeVar("Response", bound=Message)


@dataclass(frozen=True, slots=True)
class OneTimeSecret(Generic[Response]):
    """The secret of one kind of response."""

    field: str
    """Where the response shows it."""
    live: Callable[[Response], Awaitable[Collection[str]]]
    """The secrets that are still good of what the response tells of, its own perhaps among them."""
    advice: Callable[[Response], tuple[str, dict[str, str]]]
    """What to do without it, and metadata that name what it belongs to."""

    def kept_form(self, response: Response) -> Response:
        kept = type(response)()
        kept.CopyFrom(response)
        kept.ClearField(self.field)
        kept.MergeFromString(_TAG + digest(getattr(response, self.field)))
        return kept

    async def restore(self, kept: Response, answered_at: datetime, now: datetime) -> None:
        """Put the secret back into the kept form. Raises SECRET_NOT_SHOWN_AGAIN."""
        kept_digest = _kept_digest(kept)
        kept.DiscardUnknownFields()
        if now - answered_at <= SHOWN_AGAIN_FOR:
            for secret in await self.live(kept):
                if digest(secret) == kept_digest:
                    setattr(kept, self.field, secret)
                    return
        advice, metadata = self.advice(kept)
        message = f"The secret is not shown again: {advice}"
        raise DomainError(Reason.SECRET_NOT_SHOWN_AGAIN, message, retry_after=None, **metadata)


def _kept_digest(kept: Message) -> bytes | None:
    """None: the answer was kept by the release before."""
    unknown = UnknownFieldSet(kept)
    for field in map(unknown.__getitem__, range(len(unknown))):
        if field.field_number == _DIGEST_FIELD:
            return bytes(field.data)
    return None
