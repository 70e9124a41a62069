"""Redeems the demo tenant's code with what openapi-python-client makes of the contract."""

import os
from uuid import UUID

from coupons_client import AuthenticatedClient
from coupons_client.api.coupon_query import redeem_coupon
from coupons_client.models import ErrorBody, RedeemCouponInput

client = AuthenticatedClient(os.environ["COUPONS_REST_URL"], token=os.environ["COUPONS_TOKEN"])
tenant = UUID(os.environ["COUPONS_TENANT_ID"])
for code in ("WELCOME", "NO-SUCH-CODE"):
    answer = redeem_coupon.sync(tenant, code, client=client, body=RedeemCouponInput("alice"))
    assert answer is not None
    if isinstance(answer, ErrorBody):
        print("refused:", answer.code)
    else:
        print("granted:", answer.reward_item.name)
