"""How an operation can fail: the reasons that come with each HTTP status."""

import json
import re
from collections.abc import Iterator
from http import HTTPStatus

from google.api.http_pb2 import HttpRule  # type: ignore[import-untyped]
from google.protobuf.descriptor import MethodDescriptor

from coupon_server.auth.policy import policies, stores
from coupon_server.domain.errors import DomainError, Reason
from coupon_server.rpc.rest import error_bodies
from scripts.openapi import examples
from scripts.openapi.contract import PACKAGE, Contract
from scripts.openapi.schemas import Schema

_OF_EVERY_CALL = (
    Reason.INVALID_FIELD,
    Reason.MALFORMED_MESSAGE,
    Reason.CREDENTIAL_INVALID,
    Reason.CREDENTIAL_NOT_ALLOWED,
    Reason.RATE_LIMITED,
    Reason.PATH_NOT_FOUND,
    Reason.INTERNAL_FAULT,
    Reason.SERVICE_UNAVAILABLE,
    Reason.DEADLINE_EXCEEDED,
)
_OF_FIELDS = {
    "page_token": Reason.INVALID_PAGE_TOKEN,
    "request_id": Reason.REQUEST_ID_REUSED,
}
"""The reasons that only requests with a certain field have."""

_ALONE = (
    Reason.CREDENTIAL_INVALID,
    Reason.CREDENTIAL_NOT_ALLOWED,
    Reason.RATE_LIMITED,
    Reason.PATH_NOT_FOUND,
    Reason.BODY_TOO_LARGE,
    Reason.INTERNAL_FAULT,
    Reason.SERVICE_UNAVAILABLE,
    Reason.DEADLINE_EXCEEDED,
)
"""The reasons that can be the only one of their status."""

_WORD = re.compile(r"[A-Z]+(?:_[A-Z]+)+")


def responses(contract: Contract, method: MethodDescriptor, binding: HttpRule) -> Schema:
    """The failures of an operation, by status."""
    by_status: dict[HTTPStatus, list[Reason]] = {}
    for reason in sorted(set(_reasons(contract, method, binding)), key=list(Reason).index):
        by_status.setdefault(error_bodies.http_status(reason), []).append(reason)
        if reason is Reason.ETAG_MISMATCH:
            by_status[HTTPStatus.PRECONDITION_FAILED] = [reason]
    return {str(status.value): response(*by_status[status]) for status in sorted(by_status)}


def response_components() -> Schema:
    """The failures that have one reason alone, by that reason."""
    return {reason.value: _response(reason) for reason in _ALONE}


def response(*reasons: Reason) -> Schema:
    """The failure that has one of these reasons, which share a status."""
    if len(reasons) == 1 and reasons[0] in _ALONE:
        return {"$ref": f"#/components/responses/{reasons[0]}"}
    return _response(*reasons)


def headers() -> Schema:
    """The headers that answers have, as components."""
    return {
        "RequestId": {
            "description": "Names the call in the service's logs; quote it to support. The "
            "caller's own, if it sent a fit one.",
            "schema": {"type": "string"},
        },
        "RetryAfter": {
            "description": "Seconds to wait before another try.",
            "schema": {"type": "integer", "minimum": 0},
        },
        "ETag": {
            "description": "The resource's `etag`, in quotes, for `If-Match` of an update.",
            "schema": {"type": "string"},
            "example": '"v1"',
        },
        "RateLimitPolicy": {
            "description": "The limit of calls that the request counts towards "
            "(draft-ietf-httpapi-ratelimit-headers): its name, how many calls (`q`), in how many "
            "seconds (`w`). Absent where it was not asked who calls.",
            "schema": {"type": "string"},
            "example": '"redeem";q=2000;w=1',
        },
        "RateLimit": {
            "description": "How many calls are left of that limit (`r`), and in how many seconds "
            "all are (`t`).",
            "schema": {"type": "string"},
            "example": '"redeem";r=1999;t=1',
        },
    }


def rate_limits() -> Schema:
    """The headers that tell of a tenant's rate, which answers and refusals have."""
    return {
        "RateLimit-Policy": {"$ref": "#/components/headers/RateLimitPolicy"},
        "RateLimit": {"$ref": "#/components/headers/RateLimit"},
    }


def example_components() -> Schema:
    """One error body for each reason."""
    return {error.reason.value: {"value": _body(error)} for error in examples.ERRORS}


def schemas(contract: Contract) -> Schema:
    """What an error consists of, as components."""
    reason = f"{PACKAGE}.ErrorReason"
    meanings = "\n".join(f"- `{one}`: {contract.comment(f'{reason}.{one}')}" for one in Reason)
    return {
        "ErrorReason": {
            "type": "string",
            "description": f"{contract.comment(reason)}\n\n{meanings}",
            "x-extensible-enum": [one.value for one in Reason],
        },
        "ErrorBody": {
            "type": "object",
            "description": "Why a call failed.",
            "properties": {
                "error": {"type": "string", "description": "The error in words, for people."},
                "code": _component("ErrorReason")
                | {
                    "description": "The error for programs. There can be new reasons: take one "
                    "that you do not know for what its HTTP status says.",
                },
                "details": {
                    "type": "array",
                    "description": "What else is known of it.",
                    "items": _component("ErrorDetail"),
                },
            },
            "required": ["error", "code", "details"],
        },
        "ErrorDetail": {
            "type": "object",
            "description": "One of the `google.rpc` error details (AIP-193), which `@type` names. "
            "There can be others.",
            "properties": {
                "@type": {
                    "type": "string",
                    "description": "`type.googleapis.com/google.rpc.` and `ErrorInfo`, "
                    "`BadRequest` or `RetryInfo`.",
                },
                "reason": {
                    "type": "string",
                    "description": "Of an `ErrorInfo`: the `code` of the error.",
                },
                "domain": {
                    "type": "string",
                    "description": "Of an `ErrorInfo`: always `coupons.phoenix`.",
                },
                "metadata": {
                    "type": "object",
                    "description": "Of an `ErrorInfo`: facts that the reason's description names.",
                    "additionalProperties": {"type": "string"},
                },
                "field_violations": {
                    "type": "array",
                    "description": "Of a `BadRequest`: the fields that broke a rule, at most 20.",
                    "items": _component("ErrorFieldViolation"),
                },
                "retry_delay": {
                    "type": "string",
                    "description": "Of a `RetryInfo`: how long to wait before another try, in "
                    "seconds such as `1s`.",
                },
            },
            "required": ["@type"],
        },
        "ErrorFieldViolation": {
            "type": "object",
            "description": "A field that broke a rule.",
            "properties": {
                "field": {"type": "string", "description": "The field's path."},
                "description": {"type": "string", "description": "The rule."},
            },
            "required": ["field", "description"],
        },
    }


def _reasons(contract: Contract, method: MethodDescriptor, binding: HttpRule) -> Iterator[Reason]:
    yield from _OF_EVERY_CALL
    yield from (_OF_FIELDS[one] for one in _OF_FIELDS if one in method.input_type.fields_by_name)
    if binding.body:
        yield Reason.BODY_TOO_LARGE
    service = method.containing_service
    policy = policies([service])[f"/{service.full_name}/{method.name}"]
    if stores(policy, method.input_type.fields_by_name):
        yield Reason.QUOTA_EXCEEDED
    for paragraph in contract.comment(method.full_name).split("\n\n"):
        if paragraph.startswith("Errors"):
            yield from (
                Reason(word) for word in _WORD.findall(paragraph) if word in Reason.__members__
            )


def _response(*reasons: Reason) -> Schema:
    headers: Schema = {"X-Request-Id": {"$ref": "#/components/headers/RequestId"}}
    headers |= rate_limits()
    if Reason.SERVICE_UNAVAILABLE in reasons or Reason.RATE_LIMITED in reasons:
        headers["Retry-After"] = {"$ref": "#/components/headers/RetryAfter"}
    content: Schema = {
        "schema": _component("ErrorBody"),
        "examples": {one: {"$ref": f"#/components/examples/{one}"} for one in reasons},
    }
    return {
        "description": ", ".join(f"`{one}`" for one in reasons),
        "headers": headers,
        "content": {"application/json": content},
    }


def _body(error: DomainError) -> Schema:
    body: Schema = json.loads(error_bodies.body(error))
    info = body["details"][0]
    # The order of a protobuf map is another in each process.
    info["metadata"] = dict(sorted(info["metadata"].items()))
    return body


def _component(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}
