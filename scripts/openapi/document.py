"""The whole document."""

from coupon_server.domain.errors import Reason
from scripts.openapi import credentials, errors
from scripts.openapi.contract import Contract
from scripts.openapi.operations import Operations
from scripts.openapi.schemas import Schema

_DESCRIPTION = """\
A multi-tenant coupon service: define campaigns, make coupons, check and redeem codes.

**Credentials.** A call presents exactly one kind of those that its operation names, and reaches
that credential's tenant alone.

**JSON.** Names are in `snake_case`; a field that an operation does not know is refused. What is
not set is `null` in answers. Answers can get more fields, and fields that are one of
some words (`x-extensible-enum`) further words: take one that you do not know as text.

**Errors.** The body of an error is `{"error", "code", "details"}`; `code` is for programs. Beyond
what each operation lists, a path that takes other HTTP methods answers 405 METHOD_NOT_ALLOWED and
names them in `Allow`.

**Retries.** Send a mutation with an `Idempotency-Key`, and send it again with the same key: it has
one effect. After 429 and 503 wait as long as `Retry-After` says.

**Lists** are ordered newest first. Pass the `next_page_token` of a page as `page_token` of the
next one; it is empty on the last page.
"""


def document(contract: Contract, version: str) -> Schema:
    """The contract as OpenAPI 3.1."""
    schemas: dict[str, Schema] = {"Health": _HEALTH, **errors.schemas(contract)}
    paths = Operations(contract, schemas).paths()
    services = [
        {"name": service.name, "description": contract.comment(service.full_name)}
        for service in contract.services
    ]
    return {
        "openapi": "3.1.0",
        "info": {"title": "Phoenix Coupons", "version": version, "description": _DESCRIPTION},
        # Relative, so that it holds below a prefix, too.
        "servers": [{"url": ".", "description": "Where this document is served."}],
        "tags": [*services, {"name": "Edge", "description": "The edge itself; no credentials."}],
        "paths": {**paths, **_edge_paths()},
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "responses": errors.response_components(),
            "examples": errors.example_components(),
            "parameters": _PARAMETERS,
            "headers": errors.headers(),
            "securitySchemes": credentials.schemes(contract),
        },
    }


_HEALTH: Schema = {
    "type": "object",
    "properties": {"status": {"type": "string", "const": "ok"}},
    "required": ["status"],
}
_PARAMETERS: Schema = {
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "Makes a retry safe: the same key with the same request returns the first "
        "answer and changes nothing, for at least 24 hours. A `request_id` in the request "
        "overrides it. Default: no protection.",
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9._:-]{1,128}$"},
    },
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "description": "The `ETag` of the resource as it was read, quotes included, or `*`: if it "
        "has changed since, nothing happens, and the answer is 412.",
        "schema": {"type": "string"},
        "example": '"v1"',
    },
    "RequestId": {
        "name": "X-Request-Id",
        "in": "header",
        "description": "Names the call in the service's logs. Default: a new UUID; also for a "
        "value of another form.",
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"},
    },
}


def _edge_paths() -> Schema:
    return {
        "/health": {
            "get": _edge_operation("health", "Tells that the edge runs", _healthy("It runs.")),
        },
        "/ready": {
            "get": _edge_operation(
                "ready",
                "Tells whether calls can be served",
                _healthy("The service answers.")
                | {"503": errors.response(Reason.SERVICE_UNAVAILABLE)},
            ),
        },
        "/openapi.json": {"get": _rendition("openapi", "3.1")},
        "/openapi-3.0.json": {"get": _rendition("openapi30", "3.0")},
    }


def _rendition(name: str, version: str) -> Schema:
    return _edge_operation(
        name,
        f"Returns this document as OpenAPI {version}",
        {
            "200": {
                "description": f"An OpenAPI {version} document.",
                "content": {"application/json": {"schema": {"type": "object"}}},
            },
            # Of the edges, not all serve it.
            "404": errors.response(Reason.PATH_NOT_FOUND),
        },
    )


def _healthy(description: str) -> Schema:
    content = {"schema": {"$ref": "#/components/schemas/Health"}, "example": {"status": "ok"}}
    return {"200": {"description": description, "content": {"application/json": content}}}


def _edge_operation(name: str, summary: str, responses: Schema) -> Schema:
    return {
        "tags": ["Edge"],
        "summary": summary,
        "operationId": name,
        "responses": responses,
        "security": [],
    }
