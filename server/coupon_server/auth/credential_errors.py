"""The errors of this package that callers see.

An error does not reveal whether a key, tenant or secret is unknown, expired, revoked or does not
match: these share one text. It names only what a caller can see from the request itself.
"""

from coupon_server.domain.errors import DomainError, Reason

NOT_VALID = "The credential is missing or not valid"


class NotValid(DomainError):
    """The credential is missing or not valid, and nothing more is told."""

    def __init__(self) -> None:
        super().__init__(Reason.CREDENTIAL_INVALID, NOT_VALID)


def invalid(message: str = "") -> DomainError:
    """The credential is missing, malformed or does not verify.

    `message`: what a caller can see from the request itself, if that is all that is wrong.
    """
    return DomainError(Reason.CREDENTIAL_INVALID, message) if message else NotValid()


def not_allowed(message: str) -> DomainError:
    """The credential is genuine but does not reach this method, tenant or user."""
    return DomainError(Reason.CREDENTIAL_NOT_ALLOWED, message)
