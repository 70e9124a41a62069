"""Requests made up from the OpenAPI document: whatever they are, the answers are as it says."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from coupon_server.auth.principals import CredentialKind
from support.builders import Shop
from support.edges import Edge
from support.installed import PROJECT
from support.rest import presenting
from support.scenes import set_scene

DOCUMENT = PROJECT / "gateway/internal/reference/openapi.json"
EXAMPLES = 6
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# Credentials are the tenant's own, not made up.
CONFIG = SchemathesisConfig.from_dict({"generation": {"with-security-parameters": False}})
SCHEMA = schemathesis.openapi.from_path(DOCUMENT, config=CONFIG)
FOUND: list[Any] = [found.ok() for found in SCHEMA.get_all_operations() if isinstance(found, Ok)]
OPERATIONS = {operation.label: operation for operation in FOUND}


def cases(operation: Any, variables: Mapping[str, str]) -> st.SearchStrategy[Any]:
    """Requests that fit the document and such that don't, about what there is or about nothing."""
    fitting = operation.as_strategy(GenerationMode.POSITIVE)
    others = operation.as_strategy(GenerationMode.NEGATIVE)

    def place(case: Any, names: frozenset[str]) -> Any:
        for name in names & case.path_parameters.keys():
            case.path_parameters[name] = variables[name]
        if isinstance(case.body, dict) and "tenant_id" in case.body:
            case.body["tenant_id"] = variables["tenant_id"]
        return case

    # The tenant is always the credential's: nobody else gets any further.
    own, all_there_is = frozenset({"tenant_id"}), frozenset(variables)
    return st.builds(place, fitting | others, st.sampled_from([own, all_there_is]))


def test_every_documented_operation_is_asked() -> None:
    described: dict[str, dict[str, object]] = json.loads(DOCUMENT.read_text())["paths"]
    verbs = {"get", "post", "put", "patch", "delete"}
    assert len(OPERATIONS) == sum(len(verbs & set(path)) for path in described.values())


@pytest.mark.parametrize("label", OPERATIONS)
async def test_answers_are_as_documented(edge: Edge, shop: Shop, label: str) -> None:
    operation = OPERATIONS[label]
    scene = await set_scene(shop)
    tenants = label.partition("/v1/")[2].startswith("tenants/")
    kind = CredentialKind.api_key if tenants else CredentialKind.tenant_jwt
    credential = dict(presenting(shop.tenant, kind))

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(cases(operation, scene.variables))
    def ask(case: Any) -> None:
        response = case.call(base_url=edge.url, headers=credential)
        case.validate_response(response, checks=CHECKS)
        assert response.status_code not in (401, 403)

    ask()
