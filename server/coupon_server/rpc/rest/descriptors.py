"""The contract as a descriptor set, for transcoding proxies (Envoy's `proto_descriptor`)."""

from collections.abc import Iterable

from google.api import annotations_pb2  # type: ignore[import-untyped]
from google.protobuf.descriptor import FileDescriptor, ServiceDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from google.rpc import error_details_pb2, status_pb2


def descriptor_set(services: Iterable[ServiceDescriptor]) -> bytes:
    """The services' files, those of error details, and all that they import, serialised.

    `response_body` is left out of `google.api.http`: Envoy 1.40 refuses it, and the filter
    `bodies` of gateway/envoy.yaml does what it says.
    """
    files: dict[str, FileDescriptorProto] = {}
    for service in services:
        _collect(service.file, files)
    # What errors are made of, so that they can be printed as JSON.
    _collect(error_details_pb2.DESCRIPTOR, files)
    _collect(status_pb2.DESCRIPTOR, files)
    return FileDescriptorSet(file=files.values()).SerializeToString(deterministic=True)


def _collect(file: FileDescriptor, files: dict[str, FileDescriptorProto]) -> None:
    """Add a file after the files that it imports."""
    if file.name in files:
        return
    for imported in file.dependencies:
        _collect(imported, files)
    copy = files[file.name] = FileDescriptorProto()
    file.CopyToProto(copy)
    for service in copy.service:
        for method in service.method:
            rule = method.options.Extensions[annotations_pb2.http]
            for binding in (rule, *rule.additional_bindings):
                binding.ClearField("response_body")
