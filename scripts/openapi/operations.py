"""The operations: each binding of an RPC to an HTTP method and a path."""

import re
from collections.abc import Iterator

from google.api.http_pb2 import HttpRule  # type: ignore[import-untyped]
from google.protobuf.descriptor import FieldDescriptor, MethodDescriptor

from coupon_server.rpc.conditional_requests import etag_path
from scripts.openapi import credentials, errors, examples
from scripts.openapi.contract import Contract, bindings
from scripts.openapi.schemas import Schema, Schemas

_VARIABLE = re.compile(r"\{([a-z_]+)\}")
_FIRST_SENTENCE = re.compile(r".+?(?=\.(?:\s|$))", re.DOTALL)


class Operations:
    """Renders operations; the schemas that they refer to become components."""

    def __init__(self, contract: Contract, components: dict[str, Schema]) -> None:
        self._contract = contract
        self._requests = Schemas(contract, components, request=True)
        self._answers = Schemas(contract, components, request=False)

    def paths(self) -> Schema:
        """Every path of the contract, in its order; of each service, other names come last."""
        paths: Schema = {}
        for service in self._contract.services:
            bound = [
                (method, *one) for method in service.methods for one in enumerate(bindings(method))
            ]
            for method, number, binding in sorted(bound, key=lambda one: one[1] > 0):
                verb, path = verb_and_path(binding)
                paths.setdefault(path, {})[verb] = self._operation(method, binding, number)
        return paths

    def _operation(self, method: MethodDescriptor, binding: HttpRule, number: int) -> Schema:
        comment = self._contract.comment(method.full_name)
        operation: Schema = {
            "tags": [method.containing_service.name],
            "summary": _FIRST_SENTENCE.findall(comment)[0],
            "description": "\n\n".join(self._about(method, number)),
            "operationId": method.name + _suffix(method, number),
            "parameters": list(self._parameters(method, binding)),
        }
        if binding.body:
            operation["requestBody"] = self._body(method, binding)
        operation["responses"] = {
            "200": self._answer(method, binding),
            **errors.responses(self._contract, method, binding),
        }
        operation["security"] = credentials.requirements(method)
        return operation

    def _about(self, method: MethodDescriptor, number: int) -> Iterator[str]:
        yield self._contract.comment(method.full_name)
        if number:
            verb, path = verb_and_path(bindings(method)[0])
            yield f"The same as `{verb.upper()} {path}`."
        if words := credentials.in_words(method):
            yield words

    def _parameters(self, method: MethodDescriptor, binding: HttpRule) -> Iterator[Schema]:
        fields = method.input_type.fields_by_name
        variables = _variables(binding)
        for name in variables:
            yield self._parameter(fields[name], "path") | {"required": True}
        # Beside a whole body there is no query.
        for field in [] if binding.body == "*" else method.input_type.fields:
            if field.name not in (*variables, binding.body):
                yield self._parameter(field, "query")
        if "request_id" in fields:
            yield {"$ref": "#/components/parameters/IdempotencyKey"}
        if etag_path(method.input_type):
            yield {"$ref": "#/components/parameters/IfMatch"}
        yield {"$ref": "#/components/parameters/RequestId"}

    def _parameter(self, field: FieldDescriptor, place: str) -> Schema:
        schema = self._requests.parameter(field, in_path=place == "path")
        parameter: Schema = {
            "name": field.name,
            "in": place,
            "description": schema.pop("description"),
            "schema": schema,
        }
        request = field.full_name.split(".")[-2]
        values = examples.FIELDS | examples.PARAMETERS.get(request, {})
        if place == "query" and self._requests.needs(field):
            parameter["required"] = True
        if field.name in values:
            parameter["example"] = values[field.name]
            # One is enough.
            schema.pop("examples", None)
        return parameter

    def _body(self, method: MethodDescriptor, binding: HttpRule) -> Schema:
        request = method.input_type
        variables = _variables(binding)
        if binding.body == "*":
            schema = self._requests.message(request, without=variables)
            rest = [field for field in request.fields if field.name not in variables]
            required = any(self._requests.needs(field) for field in rest)
        else:
            schema = self._requests.field(request.fields_by_name[binding.body])
            required = True
        content = {"schema": schema, "example": examples.BODIES.get(method.name, {})}
        return {"required": required, "content": {"application/json": content}}

    def _answer(self, method: MethodDescriptor, binding: HttpRule) -> Schema:
        response = method.output_type
        example = examples.message(response)
        if binding.response_body:
            field = response.fields_by_name[binding.response_body]
            description = self._contract.comment(field.full_name)
            schema = self._answers.value(field)
            example = example[field.name]
        else:
            description = self._contract.comment(response.full_name)
            schema = self._answers.message(response)
        headers = {
            "X-Request-Id": {"$ref": "#/components/headers/RequestId"},
            **errors.rate_limits(),
        }
        if "etag" in example:
            headers["ETag"] = {"$ref": "#/components/headers/ETag"}
        return {
            "description": description,
            "headers": headers,
            "content": {"application/json": {"schema": schema, "example": example}},
        }


def verb_and_path(binding: HttpRule) -> tuple[str, str]:
    """The HTTP method, in lower case, and the path of a binding."""
    verb = binding.WhichOneof("pattern")
    return verb, getattr(binding, verb)


def _variables(binding: HttpRule) -> list[str]:
    return _VARIABLE.findall(verb_and_path(binding)[1])


def _suffix(method: MethodDescriptor, number: int) -> str:
    """What tells a further binding from the first: by another HTTP method, or on another path."""
    if not number:
        return ""
    verbs = [verb_and_path(binding)[0] for binding in bindings(method)]
    return "Alias" if verbs[number] == verbs[0] else f"By{verbs[number].title()}"
