"""The authorisation policy, read from the contract's `auth_policy` options, and its enforcement."""

import hmac
from collections.abc import Container, Iterable
from dataclasses import dataclass
from enum import StrEnum

from google.protobuf.descriptor import (
    Descriptor,
    FieldDescriptor,
    MethodDescriptor,
    ServiceDescriptor,
)
from google.protobuf.message import Message

from coupon_server.auth import assertions, credential_errors
from coupon_server.auth.principals import CredentialKind, Principal, Scope
from coupon_server.domain.limits import CallClass
from phoenix_coupons.v1.auth_policy_pb2 import AuthPolicy, auth_policy

_KEY_KINDS = frozenset({CredentialKind.admin_jwt, CredentialKind.api_key})


class UserToken(StrEnum):
    """How a user-scoped token is treated, named as `AuthPolicy.UserToken` in the contract."""

    refused = "refused"
    own_user = "own_user"
    redacted = "redacted"


class PolicyError(Exception):
    """The contract gives an RPC no policy, or one that makes no sense; the server can't start."""


@dataclass(frozen=True, slots=True)
class MethodPolicy:
    """Who may call an RPC, and whose data the call may touch."""

    credentials: frozenset[CredentialKind]
    tenant_field: str
    """The request field that must name the credential's tenant."""
    scope: Scope | None
    """What an API key or admin JWT needs; None exactly when neither is accepted."""
    user_token: UserToken
    user_field: str | None
    """The request field that must name a user-scoped token's user; set with `own_user`."""
    call_class: CallClass
    """The limits of the tenant that a call counts towards."""


def policies(services: Iterable[ServiceDescriptor]) -> dict[str, MethodPolicy]:
    """The policy of every RPC, by its full path `/package.Service/Method`; raises PolicyError."""
    return {
        f"/{service.full_name}/{method.name}": _read(method)
        for service in services
        for method in service.methods
    }


def stores(policy: MethodPolicy, request_fields: Container[str]) -> bool:
    """Whether a request is kept: mutations take a request id, and events have ids of their own."""
    return policy.call_class is CallClass.events or "request_id" in request_fields


def waits(request_fields: Container[str]) -> bool:
    """Whether a call may last as long as a stream, waiting for something to happen: long polls
    take how long they `wait`."""
    return "wait" in request_fields


def authorize(policy: MethodPolicy, principal: Principal, request: Message) -> None:
    """Raises CREDENTIAL_NOT_ALLOWED unless the policy lets the principal make this request.

    A user-scoped token stands for its user: an empty user field is filled in. A credential that
    is bound to another message is none: CREDENTIAL_INVALID.
    """
    if principal.request_digest is not None:
        _check_binding(principal.request_digest, request)
    check_kind(policy, principal)
    tenant: str = getattr(request, policy.tenant_field)
    if not hmac.compare_digest(tenant.lower().encode(), principal.tenant.encode()):
        raise credential_errors.not_allowed("The credential belongs to another tenant")
    if policy.scope is not None and policy.scope not in principal.scopes:
        raise credential_errors.not_allowed(f"The API key lacks the scope {policy.scope}")
    if principal.user_id is not None:
        _authorize_user(policy, principal.user_id, request)


def check_kind(policy: MethodPolicy, principal: Principal) -> None:
    """Raises CREDENTIAL_NOT_ALLOWED if the method does not take such credentials at all."""
    if principal.kind not in policy.credentials:
        raise credential_errors.not_allowed("This method does not take this kind of credential")


def _check_binding(request_digest: bytes, request: Message) -> None:
    if not hmac.compare_digest(request_digest, assertions.digest(request)):
        raise credential_errors.invalid()


def _authorize_user(policy: MethodPolicy, user_id: str, request: Message) -> None:
    if policy.user_token is UserToken.refused:
        raise credential_errors.not_allowed("This method does not take a token confined to a user")
    if policy.user_field is None:
        return
    requested: str = getattr(request, policy.user_field)
    if not requested:
        setattr(request, policy.user_field, user_id)
    elif requested != user_id:
        raise credential_errors.not_allowed("The token is confined to another user")


def _read(method: MethodDescriptor) -> MethodPolicy:
    options = method.GetOptions()
    if not options.HasExtension(auth_policy):
        raise PolicyError(f"{method.full_name} has no auth_policy")
    option = options.Extensions[auth_policy]
    try:
        policy = _convert(option)
    except ValueError:
        raise PolicyError(
            f"{method.full_name}: auth_policy holds an unspecified or unknown value"
        ) from None
    broken = _broken_rule(policy, method.input_type)
    if broken is not None:
        raise PolicyError(f"{method.full_name}: {broken}")
    return policy


def _convert(option: AuthPolicy) -> MethodPolicy:
    """Raises ValueError for an enumerator that is unspecified or unknown."""
    return MethodPolicy(
        credentials=frozenset(
            CredentialKind(AuthPolicy.Credential.Name(kind)) for kind in option.credentials
        ),
        tenant_field=option.tenant_field,
        scope=Scope(AuthPolicy.Scope.Name(option.scope)) if option.scope else None,
        user_token=UserToken(AuthPolicy.UserToken.Name(option.user_token)),
        user_field=option.user_field or None,
        call_class=CallClass(AuthPolicy.CallClass.Name(option.call_class)),
    )


def _broken_rule(policy: MethodPolicy, request: Descriptor) -> str | None:
    if not policy.credentials:
        return "credentials must name at least one"
    if (policy.scope is not None) != bool(policy.credentials & _KEY_KINDS):
        return "scope must be set exactly when admin_jwt or api_key is accepted"
    if (policy.user_field is not None) != (policy.user_token is UserToken.own_user):
        return "user_field must be set exactly with own_user"
    if not _has_string(request, policy.tenant_field):
        return "tenant_field must name a string field of the request"
    if policy.user_field is not None and not _has_string(request, policy.user_field):
        return "user_field must name a string field of the request"
    return None


def _has_string(message: Descriptor, name: str) -> bool:
    field = message.fields_by_name.get(name)
    return field is not None and field.type == FieldDescriptor.TYPE_STRING and not field.is_repeated
