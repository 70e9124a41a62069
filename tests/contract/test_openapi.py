"""The OpenAPI document says what the contract says, and its examples are true."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode, urljoin

import protovalidate
import pytest
from google.api.http_pb2 import HttpRule  # type: ignore[import-untyped]
from google.protobuf import json_format, message_factory
from google.protobuf.descriptor import MethodDescriptor
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from openapi_spec_validator import validate

from coupon_server.auth.policy import policies
from coupon_server.auth.principals import CredentialKind
from coupon_server.domain.errors import Reason
from coupon_server.rpc.rest.routes import Routes
from coupon_server.rpc.rest.transcoding import transcode
from coupon_server.rpc.server import SERVICES
from support.bindings import BINDINGS
from support.documents import ROOT

Json = dict[str, Any]

FOLDER = ROOT / "gateway/internal/reference"
FILE = FOLDER / "openapi.json"
DOCUMENT: Json = json.loads(FILE.read_bytes())
IN_3_0: Json = json.loads((FOLDER / "openapi-3.0.json").read_bytes())
COMPONENTS: Json = DOCUMENT["components"]
EDGE_PATHS = {"/health", "/ready", "/openapi.json", "/openapi-3.0.json"}
SCHEMES = {
    ("admin_jwt",): CredentialKind.admin_jwt,
    ("api_key",): CredentialKind.api_key,
    ("tenant_jwt",): CredentialKind.tenant_jwt,
    ("hmac_tenant_id", "hmac_timestamp", "hmac_signature"): CredentialKind.hmac,
}


class Bound(NamedTuple):
    """An RPC, one of its bindings, and the operation that documents it."""

    method: MethodDescriptor
    rule: HttpRule
    verb: str
    path: str
    operation: Json

    def __str__(self) -> str:
        return f"{self.verb.upper()} {self.path}"

    def body_schema(self) -> Json:
        return resolved(self.operation["requestBody"]["content"]["application/json"]["schema"])

    def parameters(self, place: str) -> dict[str, Json]:
        found = [resolved(one) for one in self.operation["parameters"]]
        return {one["name"]: one for one in found if one["in"] == place}


def resolved(node: Json) -> Json:
    """What a reference refers to, if it is one."""
    while "$ref" in node:
        target: Any = DOCUMENT
        for key in node["$ref"].removeprefix("#/").split("/"):
            target = target[key]
        node = target
    return node


def bindings() -> Iterator[tuple[MethodDescriptor, HttpRule, str, str]]:
    for binding in BINDINGS:
        yield binding.method, binding.rule, binding.verb.lower(), binding.template


def operations_of(rendition: Json) -> Iterator[tuple[str, str, Json]]:
    for path, verbs in rendition["paths"].items():
        for verb, operation in verbs.items():
            yield verb, path, operation


def nodes(node: Any, key: str) -> list[Any]:
    """Everything that stands under this key, in order."""
    if isinstance(node, list):
        return [found for child in node for found in nodes(child, key)]
    if not isinstance(node, dict):
        return []
    own = [node[key]] if key in node else []
    return own + [
        found for name, child in node.items() if name != key for found in nodes(child, key)
    ]


def schemas_of(rendition: Json) -> Iterator[Json]:
    """Every schema, those within others too."""
    waiting = [*rendition["components"]["schemas"].values(), *nodes(rendition, "schema")]
    while waiting:
        schema = waiting.pop()
        yield schema
        waiting += schema.get("properties", {}).values()
        waiting += schema.get("anyOf", []) + schema.get("allOf", [])
        waiting += [
            schema[key]
            for key in ("items", "additionalProperties")
            if isinstance(schema.get(key), dict)
        ]


BOUND = [Bound(*one, DOCUMENT["paths"].get(one[3], {}).get(one[2], {})) for one in bindings()]
WITH_BODY = [bound for bound in BOUND if bound.rule.body]


def test_it_is_what_the_proto_files_render(tmp_path: Path, project: Path) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    render = [sys.executable, "-m", "scripts.openapi", str(tmp_path)]
    subprocess.run(render, cwd=project, env=os.environ | {"PATH": path}, check=True)
    for fresh in tmp_path.iterdir():
        committed = FOLDER / fresh.name
        assert fresh.read_text() == committed.read_text(), "`make generate` renders it anew"


@pytest.mark.parametrize("rendition", [DOCUMENT, IN_3_0], ids=["3.1", "3.0"])
def test_it_is_valid(rendition: Json) -> None:
    validate(rendition)


def test_the_3_0_rendition_has_the_same_operations_and_examples() -> None:
    assert IN_3_0["openapi"].startswith("3.0.")
    assert nodes(IN_3_0["paths"], "example") == nodes(DOCUMENT["paths"], "example")
    assert IN_3_0["components"]["examples"] == COMPONENTS["examples"]
    assert nodes(IN_3_0, "operationId") == nodes(DOCUMENT, "operationId")
    assert nodes(IN_3_0, "required") == nodes(DOCUMENT, "required")


def test_the_3_0_rendition_needs_nothing_of_3_1() -> None:
    for schema in schemas_of(IN_3_0):
        assert isinstance(schema.get("type", ""), str)
        assert not {"const", "anyOf", "propertyNames", "examples"} & set(schema), schema
        # Nothing is read beside a reference.
        assert "$ref" not in schema or len(schema) == 1, schema


@pytest.mark.parametrize("rendition", [DOCUMENT, IN_3_0], ids=["3.1", "3.0"])
def test_its_server_is_where_it_is_served(rendition: Json) -> None:
    [server] = rendition["servers"]
    for served in ("https://api.example/openapi.json", "https://api.example/below/openapi.json"):
        base = urljoin(served, server["url"]).removesuffix("/")
        assert f"{base}/openapi.json" == served


def test_a_schema_has_no_name_that_generators_derive_from_operations() -> None:
    derived = re.compile(
        r"(Api)?(?P<operation>.+?)"
        r"(Api)?(Req|Request|RequestBody|Response|Res|Resp|Params?|Parameters|Body|Result|Results|"
        r"Data|Error|Errors|Default|Ok|OK|JSONBody|JSONRequestBody|Args?|Options|Query|Mutation)"
    )
    operations = {operation["operationId"] for _, _, operation in operations_of(DOCUMENT)}
    for name in COMPONENTS["schemas"]:
        assert name not in operations
        found = derived.fullmatch(name)
        assert found is None or found["operation"] not in operations, name
    folded = [name.casefold().replace("_", "") for name in COMPONENTS["schemas"]]
    assert len(set(folded)) == len(folded)


def test_what_is_one_of_some_words_is_open_in_answers_and_closed_in_requests() -> None:
    for name, schema in COMPONENTS["schemas"].items():
        assert ("enum" in schema) <= name.endswith("Input"), name
        assert ("x-extensible-enum" in schema) <= (not name.endswith("Input")), name
    for schema in schemas_of(DOCUMENT):
        if "anyOf" in schema:
            [referred, null] = schema["anyOf"]
            assert "$ref" in referred
            assert null == {"type": "null"}


def test_every_binding_is_an_operation_and_nothing_else_is() -> None:
    bound = {(verb, path) for _, _, verb, path in bindings()}
    edge = {("get", path) for path in EDGE_PATHS}
    assert {(verb, path) for verb, path, _ in operations_of(DOCUMENT)} == bound | edge


def test_operations_are_named_for_their_rpcs_each_by_another_name() -> None:
    names = [bound.operation["operationId"] for bound in BOUND]
    assert len(set(names)) == len(names)
    for bound in BOUND:
        assert bound.operation["operationId"].startswith(bound.method.name)
        assert bound.operation["tags"] == [bound.method.containing_service.name]
    assert {one.method.name for one in BOUND} <= set(names)


@pytest.mark.parametrize("bound", BOUND, ids=str)
def test_an_operation_takes_the_credentials_of_its_policy(bound: Bound) -> None:
    method = bound.method
    policy = policies(SERVICES)[f"/{method.containing_service.full_name}/{method.name}"]
    taken = {SCHEMES[tuple(one)]: list(one.values()) for one in bound.operation["security"]}
    assert set(taken) == policy.credentials
    scopes = [policy.scope] if policy.scope else []
    assert all(one == scopes for needed in taken.values() for one in needed)


@pytest.mark.parametrize("bound", BOUND, ids=str)
def test_every_field_of_a_request_has_one_place(bound: Bound) -> None:
    places = [*bound.parameters("path"), *bound.parameters("query")]
    if bound.rule.body == "*":
        places += bound.body_schema()["properties"]
    elif bound.rule.body:
        places.append(bound.rule.body)
    assert sorted(places) == sorted(bound.method.input_type.fields_by_name)
    if bound.verb == "post":
        assert not bound.parameters("query")


@pytest.mark.parametrize("bound", BOUND, ids=str)
def test_mutations_take_an_idempotency_key(bound: Bound) -> None:
    mutates = "request_id" in bound.method.input_type.fields_by_name
    assert ("Idempotency-Key" in bound.parameters("header")) is mutates
    assert "X-Request-Id" in bound.parameters("header")


@pytest.mark.parametrize("bound", WITH_BODY, ids=str)
def test_bodies_have_no_other_fields(bound: Bound) -> None:
    assert bound.body_schema()["additionalProperties"] is False


@pytest.mark.parametrize("bound", BOUND, ids=str)
def test_an_example_request_is_one_that_the_service_takes(bound: Bound) -> None:
    path = bound.path
    for name, parameter in bound.parameters("path").items():
        path = path.replace(f"{{{name}}}", parameter["example"])
    content = b""
    if bound.rule.body:
        example = bound.operation["requestBody"]["content"]["application/json"]["example"]
        content = json.dumps(example).encode()
    needed = {
        name: parameter["example"]
        for name, parameter in bound.parameters("query").items()
        if parameter.get("required")
    }
    route, variables = Routes(SERVICES).find(bound.verb.upper(), path)
    assert route.rpc.endswith(f"/{bound.method.name}")
    protovalidate.validate(transcode(route, variables, urlencode(needed), content).message)


@pytest.mark.parametrize("bound", BOUND, ids=str)
def test_an_example_answer_is_the_rpcs(bound: Bound) -> None:
    answer = bound.operation["responses"]["200"]["content"]["application/json"]["example"]
    kind = bound.method.output_type
    if bound.rule.response_body:
        inner = kind.fields_by_name[bound.rule.response_body].message_type
        assert inner is not None
        kind = inner
    assert set(answer) == set(kind.fields_by_name)
    json_format.ParseDict(answer, message_factory.GetMessageClass(kind)())


def examples(node: Any, place: str = "") -> Iterator[tuple[str, Json, Any]]:
    """Every example with its schema, and where it stands."""
    if isinstance(node, list):
        for index, child in enumerate(node):
            yield from examples(child, f"{place}/{index}")
    if not isinstance(node, dict):
        return
    if isinstance(node.get("schema"), dict):
        if "example" in node:
            yield place, node["schema"], node["example"]
        for name, example in node.get("examples", {}).items():
            yield f"{place}/{name}", node["schema"], resolved(example)["value"]
    for key, child in node.items():
        yield from examples(child, f"{place}/{key}")


def test_every_example_is_of_its_schema() -> None:
    found = list(examples(DOCUMENT))
    assert len(found) > len(BOUND)
    for place, schema, example in found:
        validator = Draft202012Validator(
            {"components": COMPONENTS, "allOf": [schema]},
            format_checker=Draft202012Validator.FORMAT_CHECKER,
        )
        errors = [error.message for error in validator.iter_errors(example)]
        assert not errors, f"{place}: {errors}"


def test_every_reason_is_an_example_of_an_error() -> None:
    # Another HTTP method is none of the operation's own.
    assert set(COMPONENTS["examples"]) == set(Reason) - {Reason.METHOD_NOT_ALLOWED}
    for name, example in COMPONENTS["examples"].items():
        assert example["value"]["code"] == name
    assert COMPONENTS["schemas"]["ErrorReason"]["x-extensible-enum"] == list(Reason)


@pytest.mark.parametrize("bound", BOUND, ids=str)
def test_a_lack_of_service_says_when_to_come_back(bound: Bound) -> None:
    for status in ("429", "503"):
        assert "Retry-After" in resolved(bound.operation["responses"][status])["headers"]


@pytest.mark.parametrize("bound", BOUND, ids=str)
def test_every_answer_tells_the_rate(bound: Bound) -> None:
    for status in ("200", "403", "404", "429"):
        headers = resolved(bound.operation["responses"][status])["headers"]
        assert {"RateLimit", "RateLimit-Policy"} <= set(headers)


def test_failures_are_those_that_the_rpc_can_have() -> None:
    redeem = DOCUMENT["paths"]["/v1/coupons/{tenant_id}/redeem/{code}"]["post"]["responses"]
    assert {status: list(reasons(one)) for status, one in redeem.items() if status != "200"} == {
        "400": [
            "COUPON_NOT_YET_ACTIVE",
            "COUPON_EXPIRED",
            "COUPON_ALREADY_REDEEMED",
            "COUPON_LIMIT_REACHED",
            "COUPON_REVOKED",
            "COUPON_NOT_ASSIGNED",
            "COUPON_UNAVAILABLE",
            "REQUEST_ID_REUSED",
            "INVALID_FIELD",
            "MALFORMED_MESSAGE",
        ],
        "401": ["CREDENTIAL_INVALID"],
        "403": ["CREDENTIAL_NOT_ALLOWED"],
        "404": ["COUPON_NOT_FOUND", "PATH_NOT_FOUND"],
        "413": ["BODY_TOO_LARGE"],
        "429": ["TOO_MANY_ATTEMPTS", "RATE_LIMITED", "QUOTA_EXCEEDED"],
        "500": ["INTERNAL_FAULT"],
        "503": ["SERVICE_UNAVAILABLE"],
        "504": ["DEADLINE_EXCEEDED"],
    }
    update = DOCUMENT["paths"]["/v1/tenants/{tenant_id}/coupons/{id}"]["patch"]["responses"]
    assert list(reasons(update["409"])) == ["ETAG_MISMATCH", "CODE_TAKEN"]


def reasons(response: Json) -> Json:
    """The examples of a failure, by their reasons."""
    found: Json = resolved(response)["content"]["application/json"]["examples"]
    return found
