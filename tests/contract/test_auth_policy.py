"""The auth policy of every RPC is part of the contract, and `buf breaking` does not watch it.

After a change that is meant, write the golden file anew:

    python tests/contract/test_auth_policy.py
"""

from pathlib import Path

import yaml

from coupon_server.auth.policy import policies
from coupon_server.rpc.server import SERVICES

GOLDEN = Path(__file__).with_name("auth_policy.golden.yaml")


def current() -> str:
    table = {
        path: {
            "credentials": sorted(map(str, policy.credentials)),
            "tenant_field": policy.tenant_field,
            "scope": policy.scope and str(policy.scope),
            "user_token": str(policy.user_token),
            "user_field": policy.user_field,
            "call_class": str(policy.call_class),
        }
        for path, policy in policies(SERVICES).items()
    }
    return yaml.safe_dump(table, sort_keys=False)


def test_no_policy_changes_unnoticed() -> None:
    assert current() == GOLDEN.read_text()


if __name__ == "__main__":
    GOLDEN.write_text(current())
