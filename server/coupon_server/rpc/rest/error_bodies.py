"""Errors as REST has them: an HTTP status, and `{"error": …, "code": …, "details": […]}`."""

import json
from http import HTTPStatus

from grpc import StatusCode

from coupon_server.domain.errors import DomainError, Reason
from coupon_server.rpc.errors import code_of, status_of
from phoenix_coupons import json_object

# As google/rpc/code.proto maps them, and grpc-gateway and Envoy after it.
_STATUSES: dict[StatusCode, HTTPStatus] = {
    StatusCode.INVALID_ARGUMENT: HTTPStatus.BAD_REQUEST,
    StatusCode.FAILED_PRECONDITION: HTTPStatus.BAD_REQUEST,
    StatusCode.UNAUTHENTICATED: HTTPStatus.UNAUTHORIZED,
    StatusCode.PERMISSION_DENIED: HTTPStatus.FORBIDDEN,
    StatusCode.NOT_FOUND: HTTPStatus.NOT_FOUND,
    StatusCode.ABORTED: HTTPStatus.CONFLICT,
    StatusCode.ALREADY_EXISTS: HTTPStatus.CONFLICT,
    StatusCode.RESOURCE_EXHAUSTED: HTTPStatus.TOO_MANY_REQUESTS,
    StatusCode.INTERNAL: HTTPStatus.INTERNAL_SERVER_ERROR,
    StatusCode.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
    StatusCode.DEADLINE_EXCEEDED: HTTPStatus.GATEWAY_TIMEOUT,
}
_OWN_STATUSES: dict[Reason, HTTPStatus] = {
    Reason.METHOD_NOT_ALLOWED: HTTPStatus.METHOD_NOT_ALLOWED,
    Reason.BODY_TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
}


def http_status(reason: Reason) -> HTTPStatus:
    """The HTTP status that goes with a reason."""
    return _OWN_STATUSES.get(reason) or _STATUSES[code_of(reason)]


def body(error: DomainError) -> str:
    """The response's body."""
    details = [*map(json_object, status_of(error).details)]
    return json.dumps(
        {"error": error.message, "code": error.reason, "details": details}, ensure_ascii=False
    )
