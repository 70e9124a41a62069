"""What of an answer is null where it is not set, as a text for an edge that would leave it out.

Such a text, `coupon?:2,reward_item?;expires_at?`, describes messages, the answer's own first:
their fields that are null where they are not set (`?`), or that hold another message of the text,
or a list of it (its number). What is in a `payload` is described nowhere, and stays as it is.
"""

from collections.abc import Iterator, Mapping

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from coupon_server.rpc.update_masks import own_message


def answer_shape(answer: Descriptor) -> str:
    """The text for an answer's body; empty if nothing in it is ever null."""
    messages = [one for one in _and_below(answer) if _has_nulls(one)]
    numbers = {one.full_name: number for number, one in enumerate(messages, 1)}
    return ";".join(",".join(_fields(one, numbers)) for one in messages)


def _and_below(message: Descriptor) -> list[Descriptor]:
    """The message and all that it can contain, of the contract's own."""
    found = [message]
    for one in found:
        for below in map(own_message, one.fields):
            if below is not None and below not in found:
                found.append(below)
    return found


def _has_nulls(message: Descriptor) -> bool:
    """Whether it can have nulls, or one that it can contain can."""
    return any(_is_nullable(field) for one in _and_below(message) for field in one.fields)


def _is_nullable(field: FieldDescriptor) -> bool:
    """Of alternatives those that are not set are left out."""
    is_single_message = field.message_type is not None and not field.is_repeated
    return is_single_message and field.containing_oneof is None


def _fields(message: Descriptor, numbers: Mapping[str, int]) -> Iterator[str]:
    for field in message.fields:
        mark = "?" if _is_nullable(field) else ""
        below = own_message(field)
        if below is not None and below.full_name in numbers:
            mark += f":{numbers[below.full_name]}"
        if mark:
            yield field.name + mark
