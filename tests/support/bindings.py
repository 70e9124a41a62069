"""Every path of the contract, from its descriptors."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote
from uuid import UUID

from google.api import annotations_pb2, http_pb2  # type: ignore[import-untyped]
from google.protobuf.descriptor import Descriptor, MethodDescriptor

from coupon_server.rpc.server import SERVICES

_VARIABLE = re.compile(r"\{(\w+)\}")
_NOTHING = str(UUID(int=0))


@dataclass(frozen=True)
class Binding:
    """An RPC at one of its paths."""

    method: MethodDescriptor
    rule: http_pb2.HttpRule

    def __str__(self) -> str:
        return f"{self.verb} {self.template}"

    @property
    def verb(self) -> str:
        return str(self.rule.WhichOneof("pattern")).upper()

    @property
    def template(self) -> str:
        """The path with its variables in braces."""
        return str(getattr(self.rule, self.verb.lower()))

    @property
    def variables(self) -> list[str]:
        return _VARIABLE.findall(self.template)

    def path(self, values: Mapping[str, str] = {}) -> str:
        """The path with these values; where none is given, with one that names nothing."""
        return _VARIABLE.sub(
            lambda found: quote(values.get(found[1], _NOTHING), safe=""), self.template
        )

    @property
    def answer(self) -> Descriptor:
        """The type of the answer's body."""
        response: Descriptor = self.method.output_type
        inner = self.rule.response_body
        field = response.fields_by_name[inner] if inner else None
        return field.message_type if field and field.message_type else response


def _bindings_of(method: MethodDescriptor) -> list[Binding]:
    if method.client_streaming or method.server_streaming:
        return []
    rule = method.GetOptions().Extensions[annotations_pb2.http]
    return [Binding(method, one) for one in (rule, *rule.additional_bindings)]


BINDINGS = [
    binding
    for service in SERVICES
    for method in service.methods
    for binding in _bindings_of(method)
]
