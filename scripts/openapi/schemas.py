"""JSON Schemas (draft 2020-12, as OpenAPI 3.1 has them) of the contract's messages and enums."""

import re
from collections.abc import Collection, Iterator
from typing import Any

from buf.validate import validate_pb2
from google.api import field_behavior_pb2  # type: ignore[import-untyped]
from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor

from scripts.openapi.contract import PACKAGE, Contract

Schema = dict[str, Any]

_INT32 = {"type": "integer", "format": "int32"}
_SCALARS: dict[int, Schema] = {
    FieldDescriptor.TYPE_BOOL: {"type": "boolean"},
    FieldDescriptor.TYPE_DOUBLE: {"type": "number", "format": "double"},
    FieldDescriptor.TYPE_INT32: _INT32,
    FieldDescriptor.TYPE_STRING: {"type": "string"},
}
_WELL_KNOWN: dict[str, Schema] = {
    "google.protobuf.Duration": {
        "type": "string",
        "pattern": r"^[0-9]{1,12}(\.[0-9]{1,9})?s$",
        "examples": ["86400s"],
    },
    # Paths of fields with commas between, or `*`; the contract has it in queries alone.
    "google.protobuf.FieldMask": {
        "type": "string",
        "pattern": r"^(\*|[a-z_]+(\.[a-z_]+)*(,[a-z_]+(\.[a-z_]+)*){0,63})$",
    },
    "google.protobuf.Int32Value": _INT32,
    "google.protobuf.Struct": {"type": "object", "additionalProperties": True},
    "google.protobuf.Timestamp": {"type": "string", "format": "date-time"},
}
_KEYWORDS = {
    "min_len": "minLength",
    "max_len": "maxLength",
    "gte": "minimum",
    "lte": "maximum",
    "min_items": "minItems",
    "max_items": "maxItems",
    "unique": "uniqueItems",
    "max_pairs": "maxProperties",
}
"""The rules of protovalidate that JSON Schema has under another name."""

_CLASSES = {
    r"\p{Cc}": r"\u0000-\u001f\u007f-\u009f",
    r"\p{Z}": r" \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000",
    # Its controls alone: which code points are unassigned is another in each Unicode version.
    r"\p{C}": r"\u0000-\u001f\u007f-\u009f",
}
"""What stands for the character classes that not every dialect of regular expressions has."""

_IN_CEL = {"code_length.range": {"minimum": 0, "maximum": 32}}
"""What JSON Schema can say of rules that are stated in CEL."""

_INT32_BOUNDS = {"minimum": -(2**31), "maximum": 2**31 - 1}
# What comments say in these words.
_NEVER_RETURNED = "Never returned."
_ALWAYS_SET = "Always set in answers."
_ABSENT = re.compile(r"\babsent\b", re.IGNORECASE)

_SUFFIXES = {"Request": "Input", "Response": "Reply"}
"""What the ends of messages' names become: `<operation>Request` and `<operation>Response` are
names that generators give to what they make of the operation itself."""


class Schemas:
    """Schemas for requests or for answers, as components that refer to each other.

    They differ. A request is refused for a field or an enumerator that it does not know, and may
    leave out what is not required, or give `null` for it. An answer has every field, messages that
    may be absent as `null`, and of alternatives the one; it may get more fields and enumerators.
    """

    def __init__(self, contract: Contract, components: dict[str, Schema], *, request: bool) -> None:
        self._contract = contract
        self._components = components
        self._request = request

    def message(self, message: Descriptor, without: Collection[str] = ()) -> Schema:
        """A reference to the component of a message, which has all but some fields."""
        name = self._name(message)
        if name not in self._components:
            # Before its fields are: a message may contain itself.
            schema = self._components[name] = {}
            schema |= self._object(
                message, [one for one in message.fields if one.name not in without]
            )
        return {"$ref": f"#/components/schemas/{name}"}

    def field(self, field: FieldDescriptor) -> Schema:
        """The schema of a field, with what its comment and its rules say."""
        schema = self.value(field)
        if self._request:
            _restrict(schema, _rules(field))
        if self._nullable(field):
            schema = _or_null(schema)
        schema["description"] = self._contract.comment(field.full_name)
        if self._request and _is(field, field_behavior_pb2.OUTPUT_ONLY):
            schema["readOnly"] = True
        return schema

    def value(self, field: FieldDescriptor) -> Schema:
        """The schema of a field by its type alone."""
        if not field.is_repeated:
            return self._single(field)
        if field.message_type and field.message_type.GetOptions().map_entry:
            values = self._single(field.message_type.fields_by_name["value"])
            return {"type": "object", "additionalProperties": values}
        return {"type": "array", "items": self._single(field)}

    def parameter(self, field: FieldDescriptor, *, in_path: bool) -> Schema:
        """The schema of a field in a path or query, which cannot be `null`."""
        schema = self.value(field)
        _restrict(schema, _rules(field))
        if in_path and "pattern" in schema:
            # An escaped slash is in no path.
            schema["pattern"] = schema["pattern"].replace("]*$", "/]*$")
        schema["description"] = self._contract.comment(field.full_name)
        return schema

    def needs(self, field: FieldDescriptor) -> bool:
        """Whether the field must be there: a required one in a request, in an answer any that is
        no alternative."""
        if self._request:
            return _is(field, field_behavior_pb2.REQUIRED)
        return field.containing_oneof is None

    def _object(self, message: Descriptor, fields: list[FieldDescriptor]) -> Schema:
        schema: Schema = {
            "type": "object",
            "description": "\n\n".join(self._about(message)),
            "properties": {field.name: self.field(field) for field in fields},
        }
        if required := [field.name for field in fields if self.needs(field)]:
            schema["required"] = required
        if self._request:
            schema["additionalProperties"] = False
        return schema

    def _about(self, message: Descriptor) -> Iterator[str]:
        yield self._contract.comment(message.full_name)
        if self._request:
            for rule in message.GetOptions().Extensions[validate_pb2.message].cel:
                yield f"Rule: {rule.message}."

    def _single(self, field: FieldDescriptor) -> Schema:
        if field.enum_type:
            return self._enum(field.enum_type, _refused(_rules(field)))
        if not field.message_type:
            return dict(_SCALARS[field.type])
        if well_known := _WELL_KNOWN.get(field.message_type.full_name):
            return dict(well_known)
        return self.message(field.message_type)

    def _enum(self, enum: EnumDescriptor, refused: Collection[int]) -> Schema:
        comments = {
            value.name: self._contract.comment(f"{enum.full_name}.{value.name}")
            for value in enum.values
            if value.number not in refused
        }
        words = [
            word for word, text in comments.items() if self._request or _NEVER_RETURNED not in text
        ]
        meanings = "\n".join(f"- `{word}`: {comments[word]}" for word in words)
        name = self._name(enum)
        self._components[name] = {
            "type": "string",
            "description": f"{self._contract.comment(enum.full_name)}\n\n{meanings}",
            "enum" if self._request else "x-extensible-enum": words,
        }
        return {"$ref": f"#/components/schemas/{name}"}

    def _name(self, described: Descriptor | EnumDescriptor) -> str:
        name = described.full_name.removeprefix(f"{PACKAGE}.").replace(".", "")
        for suffix, replacement in _SUFFIXES.items():
            if name.endswith(suffix):
                return name.removesuffix(suffix) + replacement
        return f"{name}Input" if self._request else name

    def _nullable(self, field: FieldDescriptor) -> bool:
        if field.message_type is None or field.is_repeated:
            return False
        if self._request:
            return not _is(field, field_behavior_pb2.REQUIRED)
        if field.containing_oneof is not None:
            return False
        comment = self._contract.comment(field.full_name)
        if _is(field, field_behavior_pb2.OPTIONAL):
            return _ALWAYS_SET not in comment
        return bool(_ABSENT.search(comment))


def _restrict(schema: Schema, rules: validate_pb2.FieldRules) -> None:
    """Say of the rules what JSON Schema can say; comments say the rest."""
    if schema.get("format") == "int32":
        schema |= _INT32_BOUNDS
    for rule in rules.cel:
        schema |= _IN_CEL.get(rule.id, {})
    kind = rules.WhichOneof("type")
    if kind is None or kind == "duration":
        return
    typed = getattr(rules, kind)
    schema |= {
        _KEYWORDS[rule.name]: value for rule, value in typed.ListFields() if rule.name in _KEYWORDS
    }
    match kind:
        case "string":
            schema |= _text(typed)
        case "repeated":
            _restrict(schema["items"], typed.items)
        case "map":
            names: Schema = {}
            _restrict(names, typed.keys)
            schema["propertyNames"] = names
            _restrict(schema["additionalProperties"], typed.values)


def _text(rules: validate_pb2.StringRules) -> Iterator[tuple[str, str]]:
    """The keywords of a string that are not the rules' own values."""
    if rules.uuid:
        yield "format", "uuid"
    if rules.pattern:
        yield "pattern", _portable(rules.pattern)
    if rules.not_contains:
        # The contract forbids one character at a time.
        yield "pattern", rf"^[^\u{ord(rules.not_contains):04x}]*$"


def _portable(pattern: str) -> str:
    """A pattern (RE2) in what every dialect of regular expressions has in common."""
    for of_unicode, plain in _CLASSES.items():
        pattern = pattern.replace(of_unicode, plain)
    return pattern


def _or_null(schema: Schema) -> Schema:
    if "$ref" in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    return schema | {"type": [schema["type"], "null"]}


def _rules(field: FieldDescriptor) -> validate_pb2.FieldRules:
    return field.GetOptions().Extensions[validate_pb2.field]


def _refused(rules: validate_pb2.FieldRules) -> Collection[int]:
    """The enumerators that the field, or an item of it, may not be."""
    return {*rules.enum.not_in, *rules.repeated.items.enum.not_in}


def _is(field: FieldDescriptor, behavior: int) -> bool:
    return behavior in field.GetOptions().Extensions[field_behavior_pb2.field_behavior]
