import itertools
import uuid

import pytest
from google.protobuf import descriptor_pb2, descriptor_pool
from google.protobuf.descriptor import ServiceDescriptor

from coupon_server.auth.policy import MethodPolicy, PolicyError, UserToken, authorize, policies
from coupon_server.auth.principals import CredentialKind, Principal, Scope
from coupon_server.domain.errors import DomainError, Reason
from coupon_server.domain.limits import CallClass
from phoenix_coupons.v1 import auth_policy_pb2, coupon_admin_pb2, coupon_query_pb2, tenant_admin_pb2
from phoenix_coupons.v1.auth_policy_pb2 import AuthPolicy

TENANT = uuid.uuid4()
PACKAGE = "/phoenix_coupons.v1."

file_numbers = itertools.count()


def service_with(policy: AuthPolicy | None) -> ServiceDescriptor:
    """A service `Probe` with one RPC, whose request has a string, a number and a list."""
    number = next(file_numbers)
    field = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(
        name=f"probe{number}.proto",
        package=f"probe{number}",
        syntax="proto3",
        dependency=[auth_policy_pb2.DESCRIPTOR.name],
    )
    request = file.message_type.add(name="Request")
    for index, (name, kind, label) in enumerate(
        [
            ("tenant_id", field.TYPE_STRING, field.LABEL_OPTIONAL),
            ("user_id", field.TYPE_STRING, field.LABEL_OPTIONAL),
            ("number", field.TYPE_INT32, field.LABEL_OPTIONAL),
            ("names", field.TYPE_STRING, field.LABEL_REPEATED),
        ],
        start=1,
    ):
        request.field.add(name=name, number=index, type=kind, label=label)
    method = file.service.add(name="Probe").method.add(
        name="Call", input_type=f".probe{number}.Request", output_type=f".probe{number}.Request"
    )
    if policy is not None:
        method.options.Extensions[auth_policy_pb2.auth_policy].CopyFrom(policy)
    pool = descriptor_pool.Default()
    pool.AddSerializedFile(file.SerializeToString())
    service: ServiceDescriptor = pool.FindServiceByName(f"probe{number}.Probe")
    return service


def admin_policy() -> AuthPolicy:
    return AuthPolicy(
        credentials=[AuthPolicy.admin_jwt, AuthPolicy.api_key],
        tenant_field="tenant_id",
        scope=AuthPolicy.read,
        user_token=AuthPolicy.refused,
        call_class=AuthPolicy.admin,
    )


def query_policy() -> AuthPolicy:
    return AuthPolicy(
        credentials=[AuthPolicy.tenant_jwt, AuthPolicy.hmac],
        tenant_field="tenant_id",
        user_token=AuthPolicy.own_user,
        call_class=AuthPolicy.redeem,
        user_field="user_id",
    )


def changed(policy: AuthPolicy, **fields: object) -> AuthPolicy:
    for name in fields:
        policy.ClearField(name)  # type: ignore[arg-type]
    policy.MergeFrom(AuthPolicy(**fields))  # type: ignore[arg-type]
    return policy


def test_the_contract_has_a_policy_for_every_method() -> None:
    services = [
        coupon_admin_pb2.DESCRIPTOR.services_by_name["CouponAdmin"],
        coupon_query_pb2.DESCRIPTOR.services_by_name["CouponQuery"],
        tenant_admin_pb2.DESCRIPTOR.services_by_name["TenantAdmin"],
    ]
    table = policies(services)

    assert len(table) == sum(len(service.methods) for service in services)
    assert table[PACKAGE + "CouponAdmin/GenerateCoupons"] == MethodPolicy(
        credentials=frozenset({CredentialKind.admin_jwt, CredentialKind.api_key}),
        tenant_field="tenant_id",
        scope=Scope.generate,
        user_token=UserToken.refused,
        user_field=None,
        call_class=CallClass.admin,
    )
    assert table[PACKAGE + "CouponQuery/RedeemCoupon"] == MethodPolicy(
        credentials=frozenset({CredentialKind.tenant_jwt, CredentialKind.hmac}),
        tenant_field="tenant_id",
        scope=None,
        user_token=UserToken.own_user,
        user_field="user_id",
        call_class=CallClass.redeem,
    )


def test_every_enumerator_of_the_contract_is_known() -> None:
    for ours, theirs in (
        (CredentialKind, AuthPolicy.Credential),
        (Scope, AuthPolicy.Scope),
        (UserToken, AuthPolicy.UserToken),
        (CallClass, AuthPolicy.CallClass),
    ):
        assert [member.value for member in ours] == theirs.keys()[1:]


def test_sound_policies_are_read() -> None:
    services = [service_with(admin_policy()), service_with(query_policy())]

    assert list(policies(services)) == [f"/{service.full_name}/Call" for service in services]


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        (None, "has no auth_policy"),
        (AuthPolicy(), "holds an unspecified or unknown value"),
        (changed(admin_policy(), credentials=[]), "credentials must name at least one"),
        (changed(admin_policy(), credentials=[0, 1]), "holds an unspecified or unknown value"),
        (changed(admin_policy(), credentials=[77]), "holds an unspecified or unknown value"),
        (changed(admin_policy(), scope=77), "holds an unspecified or unknown value"),
        (changed(admin_policy(), user_token=0), "holds an unspecified or unknown value"),
        (changed(admin_policy(), user_token=77), "holds an unspecified or unknown value"),
        (changed(admin_policy(), call_class=0), "holds an unspecified or unknown value"),
        (changed(admin_policy(), call_class=77), "holds an unspecified or unknown value"),
        (changed(admin_policy(), scope=0), "scope must be set exactly when"),
        (changed(admin_policy(), credentials=[1], scope=0), "scope must be set exactly when"),
        (changed(admin_policy(), credentials=[2, 4], scope=0), "scope must be set exactly when"),
        (changed(query_policy(), scope=1), "scope must be set exactly when"),
        (changed(query_policy(), user_field=""), "user_field must be set exactly with own_user"),
        (changed(query_policy(), user_token=1), "user_field must be set exactly with own_user"),
        (changed(query_policy(), user_token=3), "user_field must be set exactly with own_user"),
        *(
            (changed(admin_policy(), tenant_field=name), "tenant_field must name a string field")
            for name in ("", "absent", "number", "names")
        ),
        *(
            (changed(query_policy(), user_field=name), "user_field must name a string field")
            for name in ("absent", "number", "names")
        ),
    ],
)
def test_unsound_policies_are_refused(policy: AuthPolicy | None, message: str) -> None:
    service = service_with(policy)

    with pytest.raises(PolicyError, match=message) as caught:
        policies([service])
    assert f"{service.full_name}.Call" in str(caught.value)


def principal(
    kind: CredentialKind = CredentialKind.tenant_jwt,
    *,
    scopes: frozenset[Scope] = frozenset(),
    user_id: str | None = None,
    tenant_id: uuid.UUID = TENANT,
) -> Principal:
    return Principal(
        kind=kind,
        tenant_id=tenant_id,
        tenant=str(tenant_id),
        credential_id=uuid.uuid4(),
        scopes=scopes,
        user_id=user_id,
        expires_at=None,
        signature=None,
    )


ADMIN = MethodPolicy(
    credentials=frozenset({CredentialKind.admin_jwt, CredentialKind.api_key}),
    tenant_field="tenant_id",
    scope=Scope.manage,
    user_token=UserToken.refused,
    user_field=None,
    call_class=CallClass.admin,
)


def query(user_token: UserToken) -> MethodPolicy:
    return MethodPolicy(
        credentials=frozenset({CredentialKind.tenant_jwt, CredentialKind.hmac}),
        tenant_field="tenant_id",
        scope=None,
        user_token=user_token,
        user_field="user_id" if user_token is UserToken.own_user else None,
        call_class=CallClass.redeem,
    )


def request(
    tenant_id: str = str(TENANT), user_id: str = ""
) -> coupon_query_pb2.ValidateCouponRequest:
    return coupon_query_pb2.ValidateCouponRequest(tenant_id=tenant_id, user_id=user_id)


def refusal(
    policy: MethodPolicy, caller: Principal, message: coupon_query_pb2.ValidateCouponRequest
) -> str:
    with pytest.raises(DomainError) as caught:
        authorize(policy, caller, message)
    assert caught.value.reason is Reason.CREDENTIAL_NOT_ALLOWED
    return caught.value.message


def test_the_kind_must_be_accepted() -> None:
    expected = "This method does not take this kind of credential"

    for kind in (CredentialKind.tenant_jwt, CredentialKind.hmac):
        assert refusal(ADMIN, principal(kind, scopes=frozenset(Scope)), request()) == expected
        authorize(query(UserToken.refused), principal(kind), request())
    for kind in (CredentialKind.admin_jwt, CredentialKind.api_key):
        caller = principal(kind, scopes=frozenset(Scope))
        assert refusal(query(UserToken.refused), caller, request()) == expected
        authorize(ADMIN, caller, request())


def test_the_tenant_must_be_the_credentials_own() -> None:
    policy = query(UserToken.refused)

    authorize(policy, principal(), request(str(TENANT).upper()))
    for other in ("", str(uuid.uuid4()), TENANT.hex, f"{TENANT} ", "é", "acme"):
        assert (
            refusal(policy, principal(), request(other))
            == "The credential belongs to another tenant"
        )


def test_the_scope_must_be_held() -> None:
    for kind in (CredentialKind.admin_jwt, CredentialKind.api_key):
        authorize(ADMIN, principal(kind, scopes=frozenset({Scope.manage})), request())
        for scopes in (frozenset[Scope](), frozenset({Scope.read, Scope.generate})):
            assert (
                refusal(ADMIN, principal(kind, scopes=scopes), request())
                == "The API key lacks the scope manage"
            )


def test_user_tokens_are_refused_where_the_policy_says_so() -> None:
    message = refusal(query(UserToken.refused), principal(user_id="u1"), request(user_id="u1"))

    assert message == "This method does not take a token confined to a user"


def test_user_tokens_pass_where_the_answer_is_redacted() -> None:
    asked = request(user_id="u2")
    authorize(query(UserToken.redacted), principal(user_id="u1"), asked)

    assert asked == request(user_id="u2")


def test_user_tokens_reach_their_own_user_alone() -> None:
    policy = query(UserToken.own_user)

    authorize(policy, principal(user_id="u1"), request(user_id="u1"))
    for other in ("u2", "U1", "u1 ", "u"):
        message = refusal(policy, principal(user_id="u1"), request(user_id=other))
        assert message == "The token is confined to another user"


def test_a_user_token_stands_for_its_user() -> None:
    asked = request()
    authorize(query(UserToken.own_user), principal(user_id="u1"), asked)

    assert asked == request(user_id="u1")


def test_other_credentials_may_name_any_user_or_none() -> None:
    for user_id in ("", "u1"):
        asked = request(user_id=user_id)
        authorize(query(UserToken.own_user), principal(CredentialKind.hmac), asked)
        assert asked == request(user_id=user_id)
