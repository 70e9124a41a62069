"""Runs the cases of tests/conformance, whose README.md says what they and the answers mean.

python clients/python/conformance.py cases.json
"""

import base64
import json
import re
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from google.protobuf import descriptor_pool, message_factory
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.json_format import MessageToDict, ParseDict, ParseError
from google.protobuf.message import Message

import phoenix_coupons.v1  # noqa: F401 — its methods are found by name
from phoenix_coupons import (
    AdminToken,
    ApiKeyCredential,
    BearerToken,
    CouponsClient,
    CouponsError,
    Credential,
    Hmac,
    TenantToken,
)
from phoenix_coupons._credentials import signature_of

SERVICES = {
    "CouponAdmin": "admin",
    "CouponJobs": "jobs",
    "CouponQuery": "query",
    "EventIngest": "events",
    "GrantDelivery": "grants",
    "TenantAdmin": "tenants",
}
"""The attribute of the client that calls each service."""

DEFAULTS = {
    "address": "${address}",
    "timeout": 10,
    "closed": False,
    "local": False,
    "request": {},
    "show": [],
    "save": {},
}


class NotUnderstoodError(Exception):
    """The list asks for what no runner does."""


def main(path: str) -> None:
    given = json.loads(Path(path).read_text(encoding="utf-8"))
    variables = given["variables"]
    for case in given["cases"]:
        try:
            outcome = run(filled(DEFAULTS | case, variables), variables)
        except (AttributeError, KeyError, ParseError, NotUnderstoodError) as error:
            sys.exit(f"{case['name']}: not understood: {error!r}")
        sys.stdout.write(json.dumps({"name": case["name"]} | outcome) + "\n")


def filled(value: Any, variables: dict[str, str]) -> Any:
    """The value with its `${variables}` replaced."""
    match value:
        case str():
            return re.sub(r"\$\{(\w+)\}", lambda found: variables[found[1]], value)
        case list():
            return [filled(item, variables) for item in value]
        case dict():
            return {name: filled(item, variables) for name, item in value.items()}
        case _:
            return value


def run(case: dict[str, Any], variables: dict[str, str]) -> dict[str, Any]:
    """What came of the case."""
    if "sign" in case:
        return {"signature": signature(**case["sign"])}
    method = descriptor_pool.Default().FindMethodByName(f"phoenix_coupons.v1.{case['call']}")
    answers: list[dict[str, Any]] = []
    try:
        for answer in call(case, method):
            answers.append(as_json(answer))
    except CouponsError as error:
        return failure(error, case) | of_stream(answers, case, method)
    except ValueError:
        return {"refused": True}
    variables |= {name: follow(answers[-1], path) for name, path in case["save"].items()}
    if "pages" in case:
        return {"code": "OK"} | listing(answers, **case["pages"])
    if method.server_streaming:
        return {"code": "OK"} | of_stream(answers, case, method)
    return {"code": "OK", "values": shown(answers[-1], case)}


def call(case: dict[str, Any], method: MethodDescriptor) -> Iterator[Any]:
    """The answers: one, those of all pages, or those of a stream."""
    make = message_factory.GetMessageClass(method.input_type)
    with CouponsClient(case["address"], credential(case["as"]), timeout=case["timeout"]) as client:
        if case["closed"]:
            client.close()
            client.close()
        send = getattr(getattr(client, SERVICES[method.containing_service.name]), method.name)
        if method.client_streaming:
            sent: Any = iter([ParseDict(request, make()) for request in case["requests"]])
        else:
            sent = ParseDict(case["request"], make())
        if method.server_streaming:
            # Streams have no timeout of the client's.
            yield from taken(send(sent, timeout=case["timeout"]), case.get("take"))
        elif method.client_streaming:
            yield send(sent, timeout=case["timeout"])
        elif "pages" in case:
            yield from pages(send, sent)
        else:
            yield send(sent)


def pages(send: Any, request: Any) -> Iterator[Any]:
    while True:
        answer = send(request)
        yield answer
        if not answer.next_page_token:
            return
        request.page_token = answer.next_page_token


def taken(stream: Any, count: int | None) -> Iterator[Any]:
    """The answers of a stream; so many of them, and then the call is cancelled."""
    yield from islice(stream, count)
    if count is not None:
        stream.cancel()


def as_json(answer: Message) -> dict[str, Any]:
    return MessageToDict(
        answer, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
    )


def of_stream(
    answers: list[dict[str, Any]], case: dict[str, Any], method: MethodDescriptor
) -> dict[str, Any]:
    """What is told of the answers if the method has a stream of them."""
    return {"answers": [shown(one, case) for one in answers]} if method.server_streaming else {}


def shown(answer: dict[str, Any], case: dict[str, Any]) -> dict[str, Any]:
    return {path: follow(answer, path) for path in case["show"]}


def credential(given: dict[str, Any]) -> Credential:
    lifetime = {"lifetime": given["lifetime"]} if "lifetime" in given else {}
    match given:
        case {"kind": "api_key", "key": key}:
            return ApiKeyCredential(key)
        case {"kind": "admin_jwt", "key_id": key_id, "key": key}:
            return AdminToken(key_id, key, **lifetime)
        case {"kind": "tenant_jwt", "tenant_id": tenant_id, "secret": secret}:
            return TenantToken(tenant_id, secret, user_id=given.get("user_id"), **lifetime)
        case {"kind": "hmac", "tenant_id": tenant_id, "secret": secret}:
            return Hmac(tenant_id, secret)
        case {"kind": "bearer", "token": token}:
            return BearerToken(token)
    raise NotUnderstoodError("unknown kind of credential, or a part is missing")


def follow(value: Any, path: str) -> Any:
    """What is at the dotted path; None where it leads nowhere."""
    for step in path.split("."):
        if isinstance(value, list) and step.isdecimal():
            value = value[int(step)] if int(step) < len(value) else None
        else:
            value = value.get(step) if isinstance(value, dict) else None
    return value


def listing(answers: list[dict[str, Any]], items: str, show: str) -> dict[str, Any]:
    found = [follow(item, show) for answer in answers for item in answer[items]]
    return {"pages": len(answers), "items": found}


def failure(error: CouponsError, case: dict[str, Any]) -> dict[str, Any]:
    return {
        "code": error.code.name,
        "reason": error.reason,
        # Without a reason the words are gRPC's own, and differ between languages.
        "message": error.message if error.reason or case["local"] else "",
        "metadata": sorted(error.metadata),
        "fields": error.field_violations,
        "retry_delay": error.retry_delay,
        "call_id": bool(error.call_id),
        "request_id": bool(error.request_id),
    }


def signature(secret: str, method: str, path: str, timestamp: str, body: str) -> str:
    """What the client would have signed at that time."""
    if method != "POST":
        raise NotUnderstoodError("gRPC knows no method but POST")
    return signature_of(secret, path, timestamp, base64.b64decode(body))


if __name__ == "__main__":
    main(*sys.argv[1:])
