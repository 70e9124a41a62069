"""The errors of this package that callers see.

Whether a key, tenant or secret is unknown, expired, revoked or merely does not fit is never
told: those share one text. Only what a caller can see from the request itself is named.
"""

from coupon_server.domain.errors import DomainError, Reason

NOT_VALID = "The credential is missing or not valid"


def invalid(message: str = NOT_VALID) -> DomainError:
    """The credential is missing, malformed or does not verify."""
    return DomainError(Reason.CREDENTIAL_INVALID, message)


def not_allowed(message: str) -> DomainError:
    """The credential is genuine but does not reach this method, tenant or user."""
    return DomainError(Reason.CREDENTIAL_NOT_ALLOWED, message)
