"""Envoy's external authorisation (ext_authz): every REST edge sends a Check for each request.

The Check denies a request that is not of the contract, or has no valid credential, with an error of
the contract. It verifies a signature over the raw bytes, and replaces it by an assertion; other
credentials pass, and the call presents them again. Edges fail closed: without an answer they reject
the request.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from time import perf_counter
from urllib.parse import quote

import grpc
import structlog
from google.protobuf.message import DecodeError

from coupon_server.auth import credential_errors
from coupon_server.auth.assertions import Assertions
from coupon_server.auth.authenticator import Authenticator
from coupon_server.auth.peers import FORWARDED_FOR, PEER_HEADER, Peers
from coupon_server.auth.presented import (
    ASSERTION_HEADER,
    HMAC_HEADERS,
    IDEMPOTENCY_KEY,
    is_signed,
)
from coupon_server.auth.principals import Principal
from coupon_server.domain.errors import DomainError, Reason
from coupon_server.domain.limits import WINDOW_SECONDS
from coupon_server.rpc.call_ids import REQUEST_ID, call_id
from coupon_server.rpc.calls import Context
from coupon_server.rpc.conditional_requests import IF_MATCH, etag_path, expected_etag
from coupon_server.rpc.errors import INTERNAL_FAULT, code_of, retry_seconds
from coupon_server.rpc.interceptors.observe import AccessLog, log_call
from coupon_server.rpc.interceptors.translate_errors import BODY_HEADER, log_unavailable
from coupon_server.rpc.rest import error_bodies
from coupon_server.rpc.rest import ext_authz_pb2 as pb
from coupon_server.rpc.rest.json_bounds import malformed
from coupon_server.rpc.rest.routes import MethodNotAllowed, Route, Routes, canonical_path
from coupon_server.rpc.rest.transcoding import transcode
from coupon_server.rpc.wire_bounds import excess
from coupon_server.services.admission import Admission, Standing

SERVICE = "envoy.service.auth.v3.Authorization"
CHECK = f"/{SERVICE}/Check"
MAX_BODY_BYTES = 1024 * 1024
MAX_METADATA_BYTES = 7 * 1024
"""gRPC servers accept 8 KiB of metadata, of which an edge needs a part."""

MAX_HEADERS = 220
MAX_HEADER_BYTES = 32 * 1024
"""Of names and values together. Edges accept 200 headers of 16 KiB, and add their own."""

_MAX_FIELDS = 4 * MAX_HEADERS + 1_000
"""Of a Check: a header is three fields; other fields that edges send are skipped."""

_MAX_BYTES = {
    "method": MAX_METADATA_BYTES,
    "path": MAX_METADATA_BYTES,
    # Of a header.
    "key": MAX_HEADER_BYTES,
    "value": MAX_HEADER_BYTES,
    "body": MAX_BODY_BYTES,
    "raw_body": MAX_BODY_BYTES,
}
"""Of the texts in a Check."""

_TOO_MANY_HEADERS = malformed(f"it has more than {MAX_HEADERS} headers")
_HEADERS_TOO_LARGE = malformed(f"its headers have more than {MAX_HEADER_BYTES} bytes")
_METADATA_TOO_LARGE = malformed(f"its path and headers have more than {MAX_METADATA_BYTES} bytes")
_BODY_TOO_LARGE = DomainError(Reason.BODY_TOO_LARGE, f"A body has at most {MAX_BODY_BYTES} bytes")
_TOO_MUCH = {
    "method": _METADATA_TOO_LARGE,
    "path": _METADATA_TOO_LARGE,
    "key": _HEADERS_TOO_LARGE,
    "value": _HEADERS_TOO_LARGE,
    "body": _BODY_TOO_LARGE,
    "raw_body": _BODY_TOO_LARGE,
}

_CARRIED_HEADERS = HMAC_HEADERS | {"authorization", "x-api-key", IDEMPOTENCY_KEY, IF_MATCH}
_KEPT_HEADERS = _CARRIED_HEADERS | {
    REQUEST_ID,
    # Those that the edge itself needs.
    "content-length",
    "content-type",
    "host",
    "te",
    "transfer-encoding",
    "x-forwarded-proto",
}
_CHALLENGE = 'Bearer realm="coupons"'
"""Of the kinds of credential the one with a registered scheme (RFC 6750)."""

_MAX_SHOWN_PATH = 500

_PERMISSION_DENIED = grpc.StatusCode.PERMISSION_DENIED.value[0]

log = structlog.get_logger()


class _CodedBody(DomainError):
    """A compressed body, whose size is known only after it is decompressed."""

    def __init__(self) -> None:
        super().__init__(
            Reason.MALFORMED_MESSAGE, "The request is malformed: its body has a Content-Encoding"
        )


class _RateLimited(Exception):
    """A request beyond its tenant's rate."""

    def __init__(self, error: DomainError, standing: Standing) -> None:
        super().__init__(error.message)
        self.error = error
        self.standing = standing


class Authorization:
    """The service `envoy.service.auth.v3.Authorization`, whose messages are not Envoy's own
    classes."""

    def __init__(
        self,
        routes: Routes,
        authenticator: Authenticator,
        assertions: Assertions,
        peers: Peers,
        admission: Admission,
        access_log: AccessLog,
    ) -> None:
        self._admission = admission
        self._routes = routes
        self._authenticator = authenticator
        self._assertions = assertions
        self._peers = peers
        self._access_log = access_log

    async def check(self, body: bytes, _: Context) -> pb.CheckResponse:
        """Answers the bytes of a CheckRequest: whether the edge passes the request, and how."""
        started = perf_counter()
        if (name := excess(body, pb.CheckRequest.DESCRIPTOR, _MAX_FIELDS, _MAX_BYTES)) is not None:
            return self._denied(_TOO_MUCH.get(name, _TOO_MANY_HEADERS), call_id(()), started)
        try:
            request = pb.CheckRequest.FromString(body).attributes.request.http
        except DecodeError:
            # Through an edge only a header that is not UTF-8 leads here.
            return self._denied(malformed("a header is not UTF-8"), call_id(()), started)
        request_id = call_id(request.headers.items())
        try:
            answer = await self._authorize(request)
        except _RateLimited as refused:
            if self._access_log == "all":
                _log_refusal(refused.error, request_id, started)
            headers = _rate_headers(refused.standing) | {REQUEST_ID: request_id}
            return _denial(refused.error, headers)
        except DomainError as error:
            return self._denied(error, request_id, started)
        except Exception:
            log.exception("fault", method=CHECK, request_id=request_id)
            return self._denied(INTERNAL_FAULT, request_id, started)
        named = _header(REQUEST_ID, request_id)
        answer.ok_response.headers.append(named)
        answer.ok_response.response_headers_to_add.append(named)
        return answer

    def _denied(self, error: DomainError, request_id: str, started: float) -> pb.CheckResponse:
        """Denies a request, and logs it, because it makes no call that would be logged."""
        log_unavailable(error, CHECK, request_id)
        if self._access_log != "none":
            _log_refusal(error, request_id, started)
        return _denial(error, {REQUEST_ID: request_id})

    async def _authorize(self, request: pb.AttributeContext.HttpRequest) -> pb.CheckResponse:
        _check_sizes(request)
        path, _, query = request.path.partition("?")
        body = request.raw_body or request.body.encode()
        if len(body) > MAX_BODY_BYTES:
            raise _BODY_TOO_LARGE
        route, variables = self._routes.find(request.method, path)
        _check_metadata(request)
        headers = [header for header in request.headers.items() if header[0] != ASSERTION_HEADER]
        # Before the body is read: unauthenticated callers must be cheap.
        caller = await self._caller(headers, request.method, path, body)
        standing = self._admission.standing(caller.tenant, route.call_class)
        if standing.refusal is not None:
            raise _RateLimited(standing.refusal, standing)
        if request.headers.get("content-encoding", "identity") != "identity":
            raise _CodedBody
        transcoded = transcode(route, variables, query, body)
        if_match = request.headers.get(IF_MATCH)
        if if_match is not None:
            _check_condition(route, if_match)
        # Admission counts the call itself.
        shown = replace(standing, left=standing.left - 1)
        changes = pb.OkHttpResponse(
            response_headers_to_add=[_header(*header) for header in _rate_headers(shown).items()]
        )
        removed = _meaningless(request.headers) | HMAC_HEADERS | {ASSERTION_HEADER}
        if caller.signature is not None:
            assertion = self._assertions.issue(caller, route.rpc, transcoded.message)
            changes.headers.append(_header(ASSERTION_HEADER, assertion))
            removed.remove(ASSERTION_HEADER)
        # The address of a backend says nothing about its users.
        elif caller.user_id is not None and (peer := self._peer(request)) is not None:
            changes.headers.append(_header(PEER_HEADER, peer))
            removed.discard(PEER_HEADER)
        if route.body not in ("", "*"):
            changes.headers.append(_header(BODY_HEADER, route.body))
            removed.discard(BODY_HEADER)
        changes.headers_to_remove.extend(sorted(removed))
        for name, text in transcoded.parameters_to_set.items():
            changes.query_parameters_to_set.add(key=name, value=quote(text, safe=""))
        answer = pb.CheckResponse(status=pb.Status(), ok_response=changes)
        if transcoded.body_to_send is not None:
            if len(transcoded.body_to_send) > MAX_BODY_BYTES:
                raise _BODY_TOO_LARGE
            answer.dynamic_metadata["body"] = transcoded.body_to_send.decode()
        answer.dynamic_metadata.update(about_answer(route))
        if if_match is not None:
            answer.dynamic_metadata["if_match"] = True
        return answer

    async def _caller(
        self, headers: Sequence[tuple[str, str]], verb: str, path: str, body: bytes
    ) -> Principal:
        """Who makes the request.

        A proxy may have escaped its path anew: a signature is as good over the canonical path,
        which names the same resource and no other.
        """
        try:
            return await self._authenticator.authenticate_http(headers, verb, path, body)
        except credential_errors.NotValid as error:
            if not is_signed(headers):
                raise
            if (canonical := canonical_path(path)) == path:
                raise _signed_otherwise(error, verb, path) from None
        try:
            return await self._authenticator.authenticate_http(headers, verb, canonical, body)
        except credential_errors.NotValid as error:
            raise _signed_otherwise(error, verb, path, canonical) from None

    def _peer(self, request: pb.AttributeContext.HttpRequest) -> str | None:
        return self._peers.issue(request.headers.get(FORWARDED_FOR, ""))


def about_answer(route: Route) -> dict[str, str]:
    """What a filter of Envoy's has to do to answers, as its transcoder does not know it."""
    told = {"response_body": route.response_body, "answer_shape": route.answer_shape}
    return {name: text for name, text in told.items() if text}


def _log_refusal(error: DomainError, request_id: str, started: float) -> None:
    log_call(CHECK, code_of(error.reason), started, request_id, refusal=error.reason)


def _check_condition(route: Route, if_match: str) -> None:
    """Reject a precondition that the call would ignore."""
    if etag_path(route.request) is None:
        raise malformed("If-Match: this path changes nothing that has an ETag")
    expected_etag(if_match)


def _signed_otherwise(error: credential_errors.NotValid, verb: str, *paths: str) -> DomainError:
    """The error of a wrong signature, with the string that had to be signed."""
    lines = " or ".join(f"{verb} {path[:_MAX_SHOWN_PATH]}" for path in paths)
    return DomainError(error.reason, f"{error.message}; signed must be {lines}")


def _check_sizes(request: pb.AttributeContext.HttpRequest) -> None:
    """Reject expensive requests before anything is parsed."""
    if len(request.headers) > MAX_HEADERS:
        raise _TOO_MANY_HEADERS
    if sum(len(name) + len(value) for name, value in request.headers.items()) > MAX_HEADER_BYTES:
        raise _HEADERS_TOO_LARGE
    if len(request.path) > MAX_METADATA_BYTES:
        raise _METADATA_TOO_LARGE


def _check_metadata(request: pb.AttributeContext.HttpRequest) -> None:
    """Reject what does not fit into the call's metadata, of which the path is a part."""
    kept = [(name, value) for name, value in request.headers.items() if name in _CARRIED_HEADERS]
    size = len(request.path) + sum(len(name) + len(value) for name, value in kept)
    if size > MAX_METADATA_BYTES:
        raise _METADATA_TOO_LARGE
    for name, value in kept:
        if not (value.isascii() and value.isprintable()):
            raise malformed(f"the header {name} is not printable ASCII")


def _meaningless(headers: Iterable[str]) -> set[str]:
    """Headers that no call needs. Some would control gRPC, and some are no valid metadata."""
    return {name for name in headers if name not in _KEPT_HEADERS and not name.startswith(":")}


def _rate_headers(standing: Standing) -> dict[str, str]:
    """The rest of the rate, as structured fields (draft-ietf-httpapi-ratelimit-headers)."""
    policy, window = f'"{standing.call_class}"', round(WINDOW_SECONDS)
    return {
        "ratelimit-policy": f"{policy};q={standing.limit};w={window}",
        "ratelimit": f"{policy};r={standing.left};t={max(1, math.ceil(standing.refill_seconds))}",
    }


def _denial(error: DomainError, more: Mapping[str, str]) -> pb.CheckResponse:
    headers = {"content-type": "application/json", **more}
    if isinstance(error, MethodNotAllowed):
        headers["allow"] = error.allowed
    if seconds := retry_seconds(error):
        headers["retry-after"] = str(seconds)
    status = error_bodies.http_status(error.reason)
    if isinstance(error, _CodedBody):
        # RFC 9110, section 15.5.16.
        status, headers["accept-encoding"] = HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "identity"
    if status is HTTPStatus.UNAUTHORIZED:
        headers["www-authenticate"] = _CHALLENGE
    return pb.CheckResponse(
        status=pb.Status(code=_PERMISSION_DENIED),
        denied_response=pb.DeniedHttpResponse(
            status=pb.HttpStatus(code=status),
            headers=[_header(name, value) for name, value in headers.items()],
            body=error_bodies.body(error),
        ),
    )


def _header(name: str, value: str) -> pb.HeaderValueOption:
    return pb.HeaderValueOption(
        header=pb.HeaderValueOption.HeaderValue(key=name, value=value),
        append_action=pb.HeaderValueOption.OVERWRITE_IF_EXISTS_OR_ADD,
    )
