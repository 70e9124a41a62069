"""Who may call an operation: the `auth_policy` of its RPC as security schemes."""

from google.protobuf.descriptor import MethodDescriptor

from phoenix_coupons.v1.auth_policy_pb2 import AuthPolicy, auth_policy
from scripts.openapi.contract import PACKAGE, Contract
from scripts.openapi.schemas import Schema

# The three headers of a signature are sent together.
_SCHEMES = {
    "admin_jwt": ("admin_jwt",),
    "api_key": ("api_key",),
    "tenant_jwt": ("tenant_jwt",),
    "hmac": ("hmac_tenant_id", "hmac_timestamp", "hmac_signature"),
}
"""The schemes that make up a kind of credential."""

_USER_TOKENS = {
    AuthPolicy.refused: "",
    AuthPolicy.own_user: "A tenant JWT with a `user_id` claim reaches that user alone.",
    AuthPolicy.redacted: "A tenant JWT with a `user_id` claim gets no codes and triggers.",
}


def schemes(contract: Contract) -> Schema:
    """The security schemes, by name."""
    of_kind = f"{PACKAGE}.AuthPolicy.Credential"
    bearer: Schema = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    return {
        "admin_jwt": bearer | {"description": contract.comment(f"{of_kind}.admin_jwt")},
        "api_key": _header("x-api-key", contract.comment(f"{of_kind}.api_key")),
        "tenant_jwt": bearer | {"description": contract.comment(f"{of_kind}.tenant_jwt")},
        "hmac_tenant_id": _header("x-tenant-id", "The tenant's UUID, of a signed request."),
        "hmac_timestamp": _header(
            "x-timestamp",
            "When a request was signed: unix seconds, within 300 s of the server's clock.",
        ),
        "hmac_signature": _header(
            "x-signature",
            "`hmac-sha256=<hex>`: HMAC-SHA256 (RFC 2104) with the tenant secret over "
            "`METHOD\\nPATH\\nTIMESTAMP\\nBODY`. Those are the HTTP method, the path as sent "
            "without its query, the text of `x-timestamp`, and the body's exact bytes; a "
            "request without a body signs none.",
        ),
    }


def requirements(method: MethodDescriptor) -> list[dict[str, list[str]]]:
    """The credentials that an RPC takes, any one of them, with the scope that it needs."""
    policy = method.GetOptions().Extensions[auth_policy]
    scopes = [AuthPolicy.Scope.Name(policy.scope)] if policy.scope else []
    kinds = [AuthPolicy.Credential.Name(kind) for kind in policy.credentials]
    return [dict.fromkeys(_SCHEMES[kind], scopes) for kind in kinds]


def in_words(method: MethodDescriptor) -> str:
    """What the requirements do not say by themselves; empty for nothing."""
    policy = method.GetOptions().Extensions[auth_policy]
    if policy.scope:
        return f"Needs an API key with the scope `{AuthPolicy.Scope.Name(policy.scope)}`."
    return _USER_TOKENS[policy.user_token]


def _header(name: str, description: str) -> Schema:
    return {"type": "apiKey", "in": "header", "name": name, "description": description}
