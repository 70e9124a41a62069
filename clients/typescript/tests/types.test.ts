/** The declarations of the package, as the strict compiler of its user sees them. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const COMPILER = "node_modules/typescript/bin/tsc";

const PROGRAM = `
import { CouponsClient, CouponsError, TenantToken, type ClientOptions } from "@phoenix-coupons/client";
import { createRestClient } from "@phoenix-coupons/client/rest";
import { RedeemCouponResponseSchema, toJson } from "@phoenix-coupons/client/v1";

const options: ClientOptions = { tls: { ca: "PEM", minVersion: "TLSv1.3" }, timeoutMs: 1 };
const client: Disposable = new CouponsClient("h:1", new TenantToken("t", "s".repeat(16)), options);
export async function redeem(client: CouponsClient) {
  try {
    const answer = await client.query.redeemCoupon({ code: "X" }, { timeoutMs: 1 });
    return JSON.stringify(toJson(RedeemCouponResponseSchema, answer));
  } catch (error) {
    if (error instanceof CouponsError) return error.requestId + error.callId;
    throw error;
  }
}
export { client, createRestClient };
`;

test("the declarations compile without @types/node, and without skipLibCheck", () => {
  // Below the package, whose own name leads to it.
  const folder = "build/consumer";
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "program.ts"), PROGRAM);
  const compilerOptions = {
    ...{ target: "es2022", module: "node16", types: [], strict: true, noEmit: true },
    ...{ exactOptionalPropertyTypes: true, skipLibCheck: false },
  };
  const config = JSON.stringify({ compilerOptions, files: ["program.ts"] });
  writeFileSync(join(folder, "tsconfig.json"), config);
  const command = [COMPILER, "--project", folder];
  const { status, stdout } = spawnSync(process.execPath, command, { encoding: "utf8" });
  assert.equal(status, 0, stdout);
});
