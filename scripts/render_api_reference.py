"""Renders the API reference from the proto files: their comments, REST paths and policies.

    python scripts/render_api_reference.py docs/api.md

The same proto files give the same text.
"""

import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from google.api import annotations_pb2, field_behavior_pb2  # type: ignore[import-untyped]
from google.api.http_pb2 import HttpRule  # type: ignore[import-untyped]
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
    MethodDescriptorProto,
    ServiceDescriptorProto,
)

from phoenix_coupons.v1.auth_policy_pb2 import AuthPolicy, auth_policy

PACKAGE = "phoenix_coupons.v1"

_INTRODUCTION = f"""\
# API reference

<!-- Rendered by `make generate` from the comments in proto/; change those. -->

Package `{PACKAGE}`. Calls are gRPC, unary unless they say otherwise. Their REST paths are the
`google.api.http` annotations; what JSON over HTTP adds is said in [REST](rest.md). How callers
prove who they are is said in [Security](security.md#credentials), what to do about an error in
[Operations](operations.md#errors-and-what-to-do).

What holds for every call:

- It carries exactly one credential, and the tenant it names must be the credential's.
- A mutation with a `request_id` has one effect, however often it is sent.
- Lists are ordered newest first and paged by `page_size` and `page_token`.
- Timestamps have microseconds. What is not set is absent.
- A failed call has `google.rpc.ErrorInfo` among its status details, with `reason` and the
  domain `coupons.phoenix`. The fields that broke a rule are in `google.rpc.BadRequest`.
- The trailer `x-request-id` names the call in the server's logs. It is the caller's own if it
  sent one of up to 64 letters, digits, `.`, `_` and `-`, else a new one.
"""

_STREAMS = {
    (False, False): "",
    (False, True): ", a stream of answers",
    (True, False): ", a stream of requests",
    (True, True): ", a stream of requests and one of answers",
}
_USER_TOKENS = {
    AuthPolicy.refused: "",
    AuthPolicy.own_user: "; a token confined to a user reaches that user alone",
    AuthPolicy.redacted: "; a token confined to a user gets no codes and triggers",
}
_SCALARS = {
    FieldDescriptorProto.TYPE_BOOL: "bool",
    FieldDescriptorProto.TYPE_BYTES: "bytes",
    FieldDescriptorProto.TYPE_DOUBLE: "double",
    FieldDescriptorProto.TYPE_INT32: "int32",
    FieldDescriptorProto.TYPE_STRING: "string",
}


class Comments:
    """The comments of a file, by the path of what they stand above.

    A path alternates field numbers of FileDescriptorProto, and of what it contains, with
    indexes (google/protobuf/descriptor.proto, SourceCodeInfo.Location).
    """

    SERVICE, METHOD = 6, 2
    MESSAGE, FIELD, NESTED_ENUM = 4, 2, 4
    ENUM, VALUE = 5, 2

    def __init__(self, file: FileDescriptorProto) -> None:
        self._by_path = {
            tuple(location.path): location.leading_comments
            for location in file.source_code_info.location
        }

    def text(self, *path: int) -> str:
        """The comment, paragraph by paragraph."""
        return "\n".join(line.strip() for line in self._by_path[path].splitlines())

    def cell(self, *path: int) -> str:
        """The comment as a cell of a table."""
        return " ".join(self.text(*path).split()).replace("|", r"\|")


def render(files: FileDescriptorSet) -> str:
    """The reference as Markdown."""
    own = [file for file in files.file if file.package == PACKAGE]
    return "\n".join([_INTRODUCTION, *_contents(own), *_services(own), *_types(own)])


def _contents(files: Iterable[FileDescriptorProto]) -> Iterator[str]:
    yield from ["| service | calls |", "|---|---|"]
    for service in (service for file in files for service in file.service):
        calls = ", ".join(_link(method.name) for method in service.method)
        yield f"| {_link(service.name)} | {calls} |"
    yield ""


def _services(files: Iterable[FileDescriptorProto]) -> Iterator[str]:
    for file in files:
        comments = Comments(file)
        messages = {message.name: i for i, message in enumerate(file.message_type)}
        for i, service in enumerate(file.service):
            yield from [f"## {service.name}", "", comments.text(Comments.SERVICE, i), ""]
            for j, method in enumerate(service.method):
                comment = comments.text(Comments.SERVICE, i, Comments.METHOD, j)
                yield from [f"### {method.name}", "", comment, ""]
                yield from _call(service, method)
                for part, name in (("Request", method.input_type), ("Answer", method.output_type)):
                    index = messages[_short(name)]
                    yield from [f"{part}: `{_short(name)}`", ""]
                    yield from _fields(file.message_type[index], index, comments)


def _call(service: ServiceDescriptorProto, method: MethodDescriptorProto) -> Iterator[str]:
    policy = method.options.Extensions[auth_policy]
    credentials = ", ".join(f"`{AuthPolicy.Credential.Name(kind)}`" for kind in policy.credentials)
    scope = f", scope `{AuthPolicy.Scope.Name(policy.scope)}`" if policy.scope else ""
    streams = _STREAMS[method.client_streaming, method.server_streaming]
    yield f"- gRPC: `/{PACKAGE}.{service.name}/{method.name}`{streams}"
    if method.options.HasExtension(annotations_pb2.http):
        rest = ", ".join(_rest_paths(method.options.Extensions[annotations_pb2.http]))
        yield f"- REST: {rest}"
    yield f"- Credentials: {credentials}{scope}{_USER_TOKENS[policy.user_token]}"
    yield ""


def _rest_paths(rule: HttpRule) -> Iterator[str]:
    verb = rule.WhichOneof("pattern")
    yield f"`{verb.upper()} {getattr(rule, verb)}`"
    for another in rule.additional_bindings:
        yield from _rest_paths(another)


def _types(files: Iterable[FileDescriptorProto]) -> Iterator[str]:
    """Everything but requests and answers."""
    yield from ["## Messages and enums", ""]
    for file in files:
        comments = Comments(file)
        exchanged = {
            _short(name)
            for service in file.service
            for method in service.method
            for name in (method.input_type, method.output_type)
        }
        for i, message in enumerate(file.message_type):
            if message.name not in exchanged:
                yield from _message(message, i, comments)
        for i, enum in enumerate(file.enum_type):
            yield from _enum(enum, f"### {enum.name}", (Comments.ENUM, i), comments)


def _message(message: DescriptorProto, index: int, comments: Comments) -> Iterator[str]:
    path = (Comments.MESSAGE, index)
    yield from [f"### {message.name}", "", comments.text(*path), ""]
    yield from _fields(message, index, comments)
    for i, enum in enumerate(message.enum_type):
        heading = f"#### {message.name}.{enum.name}"
        yield from _enum(enum, heading, (*path, Comments.NESTED_ENUM, i), comments)


def _fields(message: DescriptorProto, index: int, comments: Comments) -> Iterator[str]:
    if not message.field:
        yield from ["It has no fields.", ""]
        return
    yield from ["| field | type | meaning |", "|---|---|---|"]
    for i, field in enumerate(message.field):
        behavior = field.options.Extensions[field_behavior_pb2.field_behavior]
        output_only = "Output only. " if field_behavior_pb2.OUTPUT_ONLY in behavior else ""
        meaning = output_only + comments.cell(Comments.MESSAGE, index, Comments.FIELD, i)
        yield f"| `{field.name}` | {_type(field)} | {meaning} |"
    yield ""


def _type(field: FieldDescriptorProto) -> str:
    name = field.type_name.removeprefix(".")
    if name.endswith("Entry"):
        # Every map of the contract is one of strings.
        return "map of string to string"
    repeated = "repeated " if field.label == FieldDescriptorProto.LABEL_REPEATED else ""
    if not name:
        return repeated + _SCALARS[field.type]
    own = name.startswith(PACKAGE)
    return repeated + (_link(_short(name)) if own else name.rpartition(".")[2])


def _enum(
    enum: EnumDescriptorProto, heading: str, path: tuple[int, ...], comments: Comments
) -> Iterator[str]:
    yield from [heading, "", comments.text(*path), "", "| value | meaning |", "|---|---|"]
    for i, value in enumerate(enum.value):
        yield f"| `{value.name}` | {comments.cell(*path, Comments.VALUE, i)} |"
    yield ""


def _short(full_name: str) -> str:
    return full_name.removeprefix(".").removeprefix(f"{PACKAGE}.")


def _link(name: str) -> str:
    return f"[{name}](#{name.lower().replace('.', '')})"


def main() -> None:
    """Writes the reference to the file that the command line names."""
    build = ["buf", "build", "--output", "-", "--as-file-descriptor-set"]
    built = subprocess.run(build, check=True, stdout=subprocess.PIPE).stdout
    text = render(FileDescriptorSet.FromString(built)).rstrip() + "\n"
    Path(sys.argv[1]).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
