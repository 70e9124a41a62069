"""Answers that show a secret once: how they are kept, and how a retry is answered.

An answer is kept with a digest in the secret's place. A retry within a minute gets the secret, read
from where it is stored, encrypted. After that, or when the secret has ended, the retry is
refused: a client would take an answer without the secret for a success.
"""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from google.protobuf.message import Message

from coupon_server.auth.credential_values import digest
from coupon_server.domain.errors import DomainError, Reason

SHOWN_AGAIN_FOR = timedelta(minutes=1)

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
        setattr(kept, self.field, _digest(getattr(response, self.field)))
        return kept

    async def restore(self, kept: Response, answered_at: datetime, now: datetime) -> None:
        """Put the secret back into the kept form. Raises SECRET_NOT_SHOWN_AGAIN."""
        if now - answered_at <= SHOWN_AGAIN_FOR:
            for secret in await self.live(kept):
                if _digest(secret) == getattr(kept, self.field):
                    setattr(kept, self.field, secret)
                    return
        advice, metadata = self.advice(kept)
        message = f"The secret is not shown again: {advice}"
        raise DomainError(Reason.SECRET_NOT_SHOWN_AGAIN, message, retry_after=None, **metadata)


def _digest(secret: str) -> str:
    return digest(secret).hex()
