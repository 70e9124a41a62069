"""The REST paths that edges transcode: a published contract of which every path is kept."""

import pytest
from google.api import annotations_pb2, http_pb2  # type: ignore[import-untyped]

from coupon_server.rpc.server import SERVICES

TENANT = "/v1/tenants/{tenant_id}"
ITEM = "/{item_id}"
DEFINITION = f"{TENANT}/coupons/{{id}}"
COUPON = f"{TENANT}/issued-coupons/{{coupon_id}}"
QUERY = "/v1/coupons/{tenant_id}"
ENDPOINTS = f"{TENANT}/webhook-endpoints"
ENDPOINT = f"{ENDPOINTS}/{{endpoint_id}}"
GRANTS = "/v1/grants/{tenant_id}"

PUBLISHED = {
    "ListRewardItems": ["GET", f"{TENANT}/rewards", f"{TENANT}/reward-items"],
    "GetRewardItem": ["GET", f"{TENANT}/rewards{ITEM}", f"{TENANT}/reward-items{ITEM}"],
    "CreateRewardItem": ["POST", f"{TENANT}/rewards", f"{TENANT}/reward-items"],
    "UpdateRewardItem": ["PATCH", f"{TENANT}/rewards{ITEM}", f"{TENANT}/reward-items{ITEM}"],
    "DeleteRewardItem": ["DELETE", f"{TENANT}/rewards{ITEM}", f"{TENANT}/reward-items{ITEM}"],
    "ListCouponDefinitions": ["GET", f"{TENANT}/coupons"],
    "GetCouponDefinition": ["GET", DEFINITION],
    "CreateCouponDefinition": ["POST", f"{TENANT}/coupons"],
    "UpdateCouponDefinition": ["PATCH", DEFINITION],
    "PauseCouponDefinition": ["POST", f"{DEFINITION}/pause"],
    "ResumeCouponDefinition": ["POST", f"{DEFINITION}/resume"],
    "ArchiveCouponDefinition": ["POST", f"{DEFINITION}/archive"],
    "GetCouponDefinitionStats": ["GET", f"{DEFINITION}/stats"],
    "GetCodeStrength": ["GET", f"{DEFINITION}/code-strength"],
    "GenerateCoupons": ["POST", f"{DEFINITION}/generate"],
    "ListIssuedCoupons": ["GET", f"{TENANT}/issued-coupons"],
    "GetIssuedCoupon": ["GET", COUPON],
    "RevokeCoupon": ["POST", f"{COUPON}/revoke"],
    "RevokeCoupons": ["POST", f"{TENANT}/issued-coupons/revoke"],
    "ListRedemptions": ["GET", f"{TENANT}/redemptions"],
    "GetRedemption": ["GET", f"{TENANT}/redemptions/{{redemption_id}}"],
    "ReverseRedemption": ["POST", f"{TENANT}/redemptions/{{redemption_id}}/reverse"],
    "ListGenerations": ["GET", f"{TENANT}/generations"],
    "GetGeneration": ["GET", f"{TENANT}/generations/{{generation_id}}"],
    "CancelGeneration": ["POST", f"{TENANT}/generations/{{generation_id}}/cancel"],
    "ListRevocations": ["GET", f"{TENANT}/revocations"],
    "GetRevocation": ["GET", f"{TENANT}/revocations/{{revocation_id}}"],
    "StartRevocation": ["POST", f"{TENANT}/revocations"],
    "CancelRevocation": ["POST", f"{TENANT}/revocations/{{revocation_id}}/cancel"],
    "ListActiveDefinitions": ["GET", f"{QUERY}/definitions"],
    "ListUserCoupons": ["GET", f"{QUERY}/user/{{user_id}}"],
    "ValidateCoupon": ["GET", f"{QUERY}/validate/{{code}}"],
    "RedeemCoupon": ["POST", f"{QUERY}/redeem/{{code}}"],
    "ListUserRedemptions": ["GET", f"{QUERY}/user/{{user_id}}/redemptions"],
    "ListUserProgress": ["GET", f"{QUERY}/user/{{user_id}}/progress"],
    "SendEvent": ["POST", "/v1/events"],
    "SendEvents": ["POST", "/v1/events/bulk"],
    "ListApiKeys": ["GET", f"{TENANT}/api-keys"],
    "CreateApiKey": ["POST", f"{TENANT}/api-keys"],
    "RevokeApiKey": ["POST", f"{TENANT}/api-keys/{{key_id}}/revoke"],
    "ListTenantSecrets": ["GET", f"{TENANT}/secrets"],
    "RotateTenantSecret": ["POST", f"{TENANT}/secrets/rotate"],
    "RevokeTenantSecret": ["POST", f"{TENANT}/secrets/{{secret_id}}/revoke"],
    "ListWebhookEndpoints": ["GET", ENDPOINTS],
    "GetWebhookEndpoint": ["GET", ENDPOINT],
    "CreateWebhookEndpoint": ["POST", ENDPOINTS],
    "UpdateWebhookEndpoint": ["PATCH", ENDPOINT],
    "DeleteWebhookEndpoint": ["DELETE", ENDPOINT],
    "PauseWebhookEndpoint": ["POST", f"{ENDPOINT}/pause"],
    "ResumeWebhookEndpoint": ["POST", f"{ENDPOINT}/resume"],
    "RotateWebhookSecret": ["POST", f"{ENDPOINT}/rotate-secret"],
    "TestWebhookEndpoint": ["POST", f"{ENDPOINT}/test"],
    "ListWebhookAttempts": ["GET", f"{ENDPOINT}/attempts"],
    "ListDeadLetters": ["GET", f"{ENDPOINT}/dead-letters"],
    "RedeliverWebhook": ["POST", f"{ENDPOINT}/redeliver"],
    "GetGuessPolicy": ["GET", f"{TENANT}/guess-policy"],
    "SetGuessPolicy": ["PUT", f"{TENANT}/guess-policy"],
    "LiftGuessBlock": ["POST", f"{TENANT}/guess-blocks/lift"],
    "GetTenantUsage": ["GET", "/v1/tenants/{tenant_id}/usage"],
    "GetGrantCursor": ["GET", f"{GRANTS}/cursor"],
    "AcknowledgeGrants": ["POST", f"{GRANTS}/acknowledge"],
}
# Besides its GET, with the user in the body.
ALSO_POST = {"ValidateCoupon"}

ALL_METHODS = [method for service in SERVICES for method in service.methods]
STREAMING = [one for one in ALL_METHODS if one.client_streaming or one.server_streaming]
METHODS = {one.name: one for one in ALL_METHODS if one not in STREAMING}


def bindings(name: str) -> list[http_pb2.HttpRule]:
    rule = METHODS[name].GetOptions().Extensions[annotations_pb2.http]
    return [rule, *rule.additional_bindings]


def verb_and_path(rule: http_pb2.HttpRule) -> tuple[str, str]:
    verb = rule.WhichOneof("pattern") or ""
    return verb.upper(), getattr(rule, verb)


def test_the_paths_are_those_published() -> None:
    published = {
        name: {(verb, path) for path in paths}
        | ({("POST", path) for path in paths} if name in ALSO_POST else set())
        for name, (verb, *paths) in PUBLISHED.items()
    }
    assert {name: set(map(verb_and_path, bindings(name))) for name in METHODS} == published


def test_streams_are_for_grpc_alone() -> None:
    assert not any(one.GetOptions().HasExtension(annotations_pb2.http) for one in STREAMING)


def test_no_two_methods_share_a_path() -> None:
    bound = [verb_and_path(rule) for name in METHODS for rule in bindings(name)]
    assert len(set(bound)) == len(bound)


@pytest.mark.parametrize("name", METHODS)
def test_bodies_and_answers_are_bound_to_fields_that_exist(name: str) -> None:
    for rule in bindings(name):
        verb, _ = verb_and_path(rule)
        # A GET or DELETE has no body; a PATCH has the resource.
        assert bool(rule.body) is (verb in ("POST", "PUT", "PATCH"))
        if rule.body not in ("", "*"):
            assert rule.body in METHODS[name].input_type.fields_by_name
        if rule.response_body:
            assert rule.response_body in METHODS[name].output_type.fields_by_name
