"""The contract: its services and enums as descriptors, and the comments of its proto files."""

import re
import subprocess
from collections.abc import Iterator

from google.api import annotations_pb2  # type: ignore[import-untyped]
from google.api.http_pb2 import HttpRule  # type: ignore[import-untyped]
from google.protobuf.descriptor import EnumDescriptor, MethodDescriptor, ServiceDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from google.protobuf.descriptor_pool import Default
from google.protobuf.message import Message

import phoenix_coupons.v1  # noqa: F401 - fills the descriptor pool

PACKAGE = "phoenix_coupons.v1"

_COMMENTED = {"message_type", "nested_type", "field", "enum_type", "value", "service", "method"}
"""The fields of FileDescriptorProto, and of what it contains, that hold named things."""


class Contract:
    """What the proto files say."""

    def __init__(self, files: FileDescriptorSet) -> None:
        own = [file for file in files.file if file.package == PACKAGE]
        self.services: list[ServiceDescriptor] = [
            Default().FindServiceByName(f"{PACKAGE}.{service.name}")
            for file in own
            for service in file.service
        ]
        self._comments = {name: text for file in own for name, text in _comments(file)}

    def comment(self, full_name: str) -> str:
        """The comment above something, each paragraph on one line, with empty lines between.

        A value of an enum is named below its enum. Raises KeyError where no comment stands.
        """
        paragraphs = re.split(r"\n\s*\n", self._comments[full_name].strip())
        return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)

    @staticmethod
    def enum(name: str) -> EnumDescriptor:
        """The enum of the package with this name."""
        return Default().FindEnumTypeByName(f"{PACKAGE}.{name}")


def load() -> Contract:
    """The contract in the proto files of the working directory."""
    build = ["buf", "build", "--output", "-", "--as-file-descriptor-set"]
    built = subprocess.run(build, check=True, stdout=subprocess.PIPE).stdout
    return Contract(FileDescriptorSet.FromString(built))


def bindings(method: MethodDescriptor) -> list[HttpRule]:
    """The HTTP bindings of an RPC, the canonical one first; none of one for gRPC alone."""
    if not method.GetOptions().HasExtension(annotations_pb2.http):
        return []
    rule = method.GetOptions().Extensions[annotations_pb2.http]
    return [rule, *rule.additional_bindings]


def _comments(file: FileDescriptorProto) -> Iterator[tuple[str, str]]:
    by_path = {
        tuple(location.path): location.leading_comments
        for location in file.source_code_info.location
        if location.leading_comments
    }
    for path, name in _named(file, PACKAGE, ()):
        if path in by_path:
            yield name, by_path[path]


def _named(
    parent: Message, prefix: str, path: tuple[int, ...]
) -> Iterator[tuple[tuple[int, ...], str]]:
    """Everything with a name, and its path as SourceCodeInfo.Location has it."""
    for field, children in parent.ListFields():
        if field.name not in _COMMENTED:
            continue
        for index, child in enumerate(children):
            name, place = f"{prefix}.{child.name}", (*path, field.number, index)
            yield place, name
            yield from _named(child, name, place)
