"""The document in the words of OpenAPI 3.0, for generators that read no 3.1.

It says the same, but for the names of a map's keys (`propertyNames`) and the scopes that API keys
need, for which 3.0 has no words.
"""

from typing import Any

from scripts.openapi.schemas import Schema

_NULL = {"type": "null"}


def as_3_0(document: Schema) -> Schema:
    """The OpenAPI 3.1 document in OpenAPI 3.0."""
    rendered: Schema = _rendered(document)
    rendered["openapi"] = "3.0.3"
    for path in rendered["paths"].values():
        for operation in path.values():
            operation["security"] = [{name: [] for name in one} for one in operation["security"]]
    return rendered


def _rendered(node: Any) -> Any:
    if isinstance(node, list):
        return [_rendered(child) for child in node]
    if not isinstance(node, dict):
        return node
    rendered = {key: _rendered(child) for key, child in node.items() if key != "propertyNames"}
    if isinstance(kinds := rendered.get("type"), list):
        rendered |= {"type": kinds[0], "nullable": True}
    if _NULL in rendered.get("anyOf", []):
        rendered |= {"allOf": rendered.pop("anyOf")[:1], "nullable": True}
    if "$ref" in rendered and len(rendered) > 1:
        # Beside a reference, 3.0 reads nothing.
        rendered["allOf"] = [{"$ref": rendered.pop("$ref")}]
    if "const" in rendered:
        rendered["enum"] = [rendered.pop("const")]
    if isinstance(shown := rendered.get("examples"), list):
        del rendered["examples"]
        rendered["example"] = shown[0]
    return rendered
