// Redeems the demo tenant's code with the types that openapi-typescript makes of the contract.
import createClient from "openapi-fetch";

import type { paths } from "./openapi-typescript.js";

const { COUPONS_REST_URL = "", COUPONS_TENANT_ID = "", COUPONS_TOKEN = "" } = process.env;
const client = createClient<paths>({
  baseUrl: COUPONS_REST_URL,
  headers: { authorization: `Bearer ${COUPONS_TOKEN}` },
});
for (const code of ["WELCOME", "NO-SUCH-CODE"]) {
  const { data, error } = await client.POST("/v1/coupons/{tenant_id}/redeem/{code}", {
    params: { path: { tenant_id: COUPONS_TENANT_ID, code } },
    body: { user_id: "alice" },
  });
  console.log(data ? `granted: ${data.reward_item.name}` : `refused: ${error.code}`);
}
