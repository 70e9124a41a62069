"""Errors as REST has them: an HTTP status, and `{"error": …, "code": …, "details": […]}`."""

import json
from http import HTTPStatus

from google.protobuf import json_format
from grpc import StatusCode

from coupon_server.domain.errors import DomainError, Reason
from coupon_server.rpc.errors import code_of, status_of

# As google/rpc/code.proto maps them, and grpc-gateway and Envoy after it.
_STATUSES: dict[StatusCode, HTTPStatus] = {
    StatusCode.INVALID_ARGUMENT: HTTPStatus.BAD_REQUEST,
    StatusCode.UNAUTHENTICATED: HTTPStatus.UNAUTHORIZED,
    StatusCode.PERMISSION_DENIED: HTTPStatus.FORBIDDEN,
    StatusCode.NOT_FOUND: HTTPStatus.NOT_FOUND,
    StatusCode.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
    StatusCode.INTERNAL: HTTPStatus.INTERNAL_SERVER_ERROR,
}
_OWN_STATUSES: dict[Reason, HTTPStatus] = {
    Reason.METHOD_NOT_ALLOWED: HTTPStatus.METHOD_NOT_ALLOWED,
    Reason.BODY_TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
}


def http_status(error: DomainError) -> HTTPStatus:
    """The HTTP status of an error that is found before a request is transcoded."""
    return _OWN_STATUSES.get(error.reason) or _STATUSES[code_of(error.reason)]


def body(error: DomainError) -> str:
    """The response's body."""
    details = [
        json_format.MessageToDict(
            detail, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
        )
        for detail in status_of(error).details
    ]
    return json.dumps(
        {"error": error.message, "code": error.reason, "details": details}, ensure_ascii=False
    )
