"""The REST paths of the contract (`google.api.http`), and the route of a request."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import quote, unquote_to_bytes

from google.api import annotations_pb2  # type: ignore[import-untyped]
from google.api.http_pb2 import HttpRule  # type: ignore[import-untyped]
from google.protobuf.descriptor import Descriptor, MethodDescriptor, ServiceDescriptor

from coupon_server.auth.policy import policies
from coupon_server.domain.errors import DomainError, Reason
from coupon_server.domain.limits import CallClass
from coupon_server.rpc.rest.answer_shapes import answer_shape
from coupon_server.rpc.rest.json_bounds import most_values

# Segments of printable ASCII but for `?` and `#`, which end a path (RFC 3986, section 3.3), and
# `%` only where it begins an escape.
_PATH = re.compile(r"(?:/(?:[!-~](?<![%?#/])|%[0-9A-Fa-f]{2})+)+")
_VARIABLE = re.compile(r"\{([a-z_]+)\}")


class PathNotFound(DomainError):
    """No method of the contract has this path."""

    def __init__(self) -> None:
        super().__init__(Reason.PATH_NOT_FOUND, "There is no such path")


class MethodNotAllowed(DomainError):
    """The path takes other HTTP methods: `allowed`."""

    def __init__(self, allowed: Iterable[str]) -> None:
        super().__init__(Reason.METHOD_NOT_ALLOWED, "The path does not take this HTTP method")
        verbs = set(allowed)
        self.allowed = ", ".join(sorted(verbs | {"HEAD"} if "GET" in verbs else verbs))


@dataclass(frozen=True, slots=True)
class Route:
    """One binding of an RPC to an HTTP method and a path."""

    verb: str
    """The HTTP method, upper-case."""
    rpc: str
    """The full gRPC path, `/package.Service/Method`."""
    request: Descriptor
    """The type of the request message."""
    variables: tuple[str, ...]
    """The request's fields that are in the path, in its order."""
    body: str
    """The field that is the body, `*` for the whole request, empty for none."""
    response_body: str
    """The response's field that is the answer's body; empty for the whole response."""
    answer_shape: str
    """What of the answer's body is null where it is not set."""
    max_values: int
    """How many values the JSON of a body may have."""
    call_class: CallClass
    """The limits of the tenant that the call counts towards."""


@dataclass(slots=True)
class _Node:
    """What may follow the same beginning of a path."""

    literals: "dict[str, _Node]" = field(default_factory=dict)
    variable: "_Node | None" = None
    routes: dict[str, Route] = field(default_factory=dict)
    """By HTTP method."""


class Routes:
    """Every path of the services."""

    def __init__(self, services: Collection[ServiceDescriptor]) -> None:
        self._root = _Node()
        self._max_segments = 0
        rules = policies(services)
        for service in services:
            for method in service.methods:
                # Methods without a path, such as all with a stream, are for gRPC alone.
                if method.GetOptions().HasExtension(annotations_pb2.http):
                    rpc = f"/{service.full_name}/{method.name}"
                    self._add_method(rpc, method, rules[rpc].call_class)

    def _add_method(self, rpc: str, method: MethodDescriptor, call_class: CallClass) -> None:
        rule = method.GetOptions().Extensions[annotations_pb2.http]
        for binding in (rule, *rule.additional_bindings):
            self._add(rpc, method, binding, call_class)

    def _add(
        self, rpc: str, method: MethodDescriptor, binding: HttpRule, call_class: CallClass
    ) -> None:
        pattern = binding.WhichOneof("pattern")
        node, variables = self._root, []
        for segment in getattr(binding, pattern).removeprefix("/").split("/"):
            if variable := _VARIABLE.fullmatch(segment):
                variables.append(variable[1])
                node.variable = node.variable or _Node()
                node = node.variable
            else:
                node = node.literals.setdefault(segment, _Node())
        self._max_segments = max(self._max_segments, getattr(binding, pattern).count("/"))
        verb = pattern.upper()
        node.routes[verb] = Route(
            verb,
            rpc,
            method.input_type,
            tuple(variables),
            binding.body,
            binding.response_body,
            answer_shape(_answer(method, binding)),
            most_values(method.input_type),
            call_class,
        )

    def find(self, verb: str, path: str) -> tuple[Route, Mapping[str, str]]:
        """The route of a request, and the values of its variables, percent-decoded.

        `path` is as the client sent it, without the query. Literals match letter by letter,
        before variables do. HEAD takes the routes of GET. Raises PathNotFound and
        MethodNotAllowed.
        """
        if path.count("/") > self._max_segments or not _PATH.fullmatch(path):
            raise PathNotFound
        segments = path[1:].split("/")
        decoded = _decoded(segments)
        matches = list(_matches(self._root, segments, decoded))
        for node, values in matches:
            if route := node.routes.get("GET" if verb == "HEAD" else verb):
                return route, dict(zip(route.variables, values, strict=True))
        if matches:
            raise MethodNotAllowed(verb for node, _ in matches for verb in node.routes)
        raise PathNotFound


def _answer(method: MethodDescriptor, binding: HttpRule) -> Descriptor:
    """The message that is the answer's body."""
    response = method.output_type
    if not binding.response_body:
        return response
    return cast("Descriptor", response.fields_by_name[binding.response_body].message_type)


def canonical_path(path: str) -> str:
    """A path of the contract with every segment escaped in one way: all but letters, digits, `-`,
    `.`, `_` and `~` (RFC 3986, section 2.3), in upper case.

    Segments are matched decoded, so it names the same resource, and each resource has one.
    """
    return "/".join(quote(unquote_to_bytes(segment), safe="") for segment in path.split("/"))


def _matches(
    node: _Node, segments: list[str], decoded: list[str]
) -> Iterator[tuple[_Node, list[str]]]:
    if not segments:
        if node.routes:
            yield node, []
        return
    if literal := node.literals.get(segments[0]):
        yield from _matches(literal, segments[1:], decoded[1:])
    if node.variable:
        for found, values in _matches(node.variable, segments[1:], decoded[1:]):
            yield found, [decoded[0], *values]


def _decoded(segments: list[str]) -> list[str]:
    """The segments' texts. No path has segments that another parser could read as another path."""
    try:
        texts = [
            unquote_to_bytes(segment).decode() if "%" in segment else segment
            for segment in segments
        ]
    except UnicodeDecodeError:
        raise PathNotFound from None
    if any("/" in text or text in (".", "..") for text in texts):
        raise PathNotFound
    return texts
