"""Partial updates: which fields a mask names, and what becomes of them (AIP-134)."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.message import Message

from coupon_server.domain.errors import InvalidField
from phoenix_coupons.v1 import definitions_pb2

REWARD_ITEM_FIELDS = frozenset({"name", "description", "reward_type", "payload"})
WEBHOOK_ENDPOINT_FIELDS = frozenset({"url", "description", "event_types"})
FIELD = "update_mask"
"""The request field that holds a mask."""

NO_FIELD = "etag"
"""What a mask may name without naming anything to change."""

_EVERYTHING = "*"

Resource = TypeVar("Resource", bound=Message)


def _paths(descriptor: Descriptor, prefix: str) -> frozenset[str]:
    """Every field below a message of our own, at every depth."""
    paths = set()
    for field in descriptor.fields:
        path = prefix + field.name
        paths.add(path)
        if message_type := own_message(field):
            paths |= _paths(message_type, path + ".")
    return frozenset(paths)


def own_message(field: FieldDescriptor) -> Descriptor | None:
    """The field's type if it is a message of this contract, not one of protobuf's own."""
    message_type = field.message_type
    if message_type is None or message_type.GetOptions().map_entry:
        return None
    return message_type if message_type.file.package == "phoenix_coupons.v1" else None


DEFINITION_FIELDS = frozenset({"name", "description", "config"}) | _paths(
    definitions_pb2.CouponConfig.DESCRIPTOR, "config."
)


@contextmanager
def fields_of(resource: str) -> Iterator[None]:
    """Name the fields of a resource that break a rule as the request that carries it has them."""
    try:
        yield
    except InvalidField as error:
        is_resource = all(field != FIELD for field, _ in error.violations)
        raise (error.within(resource) if is_resource else error) from None


def merged(
    current: Resource, given: Resource, mask: FieldMask, allowed: frozenset[str]
) -> Resource:
    """`current` with the masked fields of `given`; a field that is not set there is cleared.

    An empty mask names the fields that `given` has, `*` all that can be changed. Raises
    InvalidField for a path that is not among `allowed`.
    """
    paths = _checked(list(mask.paths), allowed) if mask.paths else _populated(given, allowed, "")
    if paths == [_EVERYTHING]:
        paths = [path for path in allowed if "." not in path]
    source, result = type(given)(), type(current)()
    source.CopyFrom(given)
    result.CopyFrom(current)
    for path in paths:
        _set_parents(source, path)
    FieldMask(paths=paths).MergeMessage(source, result, True, True)
    return result


def _checked(paths: list[str], allowed: frozenset[str]) -> list[str]:
    for path in paths:
        if path not in allowed and path not in (NO_FIELD, _EVERYTHING):
            raise InvalidField(FIELD, f"{path[:64]!r} cannot be changed")
    if _EVERYTHING in paths:
        return [_EVERYTHING]
    return [path for path in paths if path != NO_FIELD]


def _populated(message: Message, allowed: frozenset[str], prefix: str) -> list[str]:
    paths = []
    for field, value in message.ListFields():
        path = prefix + field.name
        if path not in allowed:
            continue
        paths += _populated(value, allowed, path + ".") if own_message(field) else [path]
    return paths


def _set_parents(message: Message, path: str) -> None:
    """Make the messages around a field present, or a field cleared in them is passed over."""
    for name in path.split(".")[:-1]:
        message = getattr(message, name)
        message.SetInParent()
