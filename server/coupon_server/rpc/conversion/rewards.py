"""Reward items."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from google.protobuf.struct_pb2 import Struct, Value

from coupon_server.domain.errors import InvalidField
from coupon_server.domain.rewards import (
    MAX_PAYLOAD_VALUES,
    PAYLOAD_SIZE,
    Payload,
    RewardItem,
)
from coupon_server.lru import LruCache
from coupon_server.rpc.conversion.fields import native
from coupon_server.rpc.wire_bounds import MAX_STRUCT_BYTES
from phoenix_coupons.v1 import (
    rewards_pb2,
)

_MAX_CACHED_BYTES = 1024 * 1024
"""Of messages on the wire; in memory one takes up to twenty times as much."""


def parse_payload(message: Any) -> Payload | None:
    """The JSON object in a message's `payload`. Raises InvalidField when it is far too large."""
    if not message.HasField("payload"):
        return None
    if message.payload.ByteSize() > MAX_STRUCT_BYTES:
        raise InvalidField("payload", PAYLOAD_SIZE)
    return _PayloadReader().object(message.payload)


class _PayloadReader:
    """Reads a Struct for as long as it has not too many values."""

    def __init__(self) -> None:
        self._room = MAX_PAYLOAD_VALUES

    def object(self, struct: Struct) -> dict[str, Any]:
        fields = struct.fields
        self._take(len(fields))
        return {name: self._value(value) for name, value in fields.items()}

    def _list(self, values: Sequence[Value]) -> list[Any]:
        self._take(len(values))
        return [self._value(value) for value in values]

    def _take(self, count: int) -> None:
        self._room -= count
        if self._room < 0:
            raise InvalidField("payload", PAYLOAD_SIZE)

    def _value(self, value: Value) -> Any:
        # Asking for the kind takes longer than looking: what is not empty is of that kind.
        if number := value.number_value:
            return _number(number)
        if text := value.string_value:
            return text
        match value.WhichOneof("kind"):
            case "list_value":
                return self._list(value.list_value.values)
            case "struct_value":
                return self.object(value.struct_value)
            case "number_value":
                return _number(value.number_value)
            case "string_value":
                return ""
            case "bool_value":
                return value.bool_value
            case _:
                return None


def _number(value: float) -> float | int:
    """A whole number as JSON writers write it, without a fraction; others as they are."""
    return int(value) if value.is_integer() and abs(value) <= 2**53 else value


def reward_item_message(item: RewardItem) -> rewards_pb2.RewardItem:
    return rewards_pb2.RewardItem(
        item_id=str(item.item_id),
        tenant_id=str(item.tenant_id),
        name=item.name,
        description=item.description,
        reward_type=item.reward_type,
        payload=native(item.payload),
        created_at=native(item.created_at),
        updated_at=native(item.updated_at),
        etag=item.etag,
    )


class RewardItemMessages:
    """A cache of reward items as messages, which are copied into most answers."""

    def __init__(self) -> None:
        self._messages = LruCache[tuple[UUID, UUID, int], rewards_pb2.RewardItem](
            _MAX_CACHED_BYTES, rewards_pb2.RewardItem.ByteSize
        )

    def of(self, item: RewardItem) -> rewards_pb2.RewardItem:
        """The item's message: one for a version, so it must not be changed."""
        key = (item.tenant_id, item.item_id, item.version)
        message = self._messages.get(key)
        if message is None:
            message = reward_item_message(item)
            self._messages.put(key, message)
        return message
