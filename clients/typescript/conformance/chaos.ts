/**
 * Makes calls, whatever happens to their connections, and prints a line for each: its target, and the
 * code of its error, or OK. tests/languages/test_chaos.py says what its argument means.
 *
 * node build/conformance/chaos.js '{"targets": [{"address": "127.0.0.1:50051", …}], …}'
 */
import { readFileSync } from "node:fs";
import { argv, stdout } from "node:process";
import { setTimeout as sleep } from "node:timers/promises";

import { ApiKeyCredential, CouponsClient, CouponsError } from "../src/index.js";

interface Target {
  address: string;
  authority: string | null;
  calls: number;
}

interface Given {
  targets: Target[];
  pause_ms: [number, number];
  timeout_ms: number;
  keepalive_ms: number;
  keepalive_timeout_ms: number;
}

const given = JSON.parse(argv[2]!) as Given;
const [least, most] = given.pause_ms;

await Promise.all(given.targets.map(call));

async function call(target: Target, number: number): Promise<void> {
  using client = new CouponsClient(target.address, new ApiKeyCredential("pk_" + "k".repeat(43)), {
    timeoutMs: given.timeout_ms,
    keepaliveMs: given.keepalive_ms,
    keepaliveTimeoutMs: given.keepalive_timeout_ms,
    tls: target.authority !== null && { ca: readFileSync(target.authority) },
  });
  for (let call = 0; call < target.calls; call++) {
    stdout.write(JSON.stringify({ target: number, code: await outcome(client) }) + "\n");
    await sleep(least + (most - least) * Math.random());
  }
}

async function outcome(client: CouponsClient): Promise<string> {
  try {
    const { valid } = await client.query.validateCoupon({ code: "X" });
    return valid ? "OK" : "another answer";
  } catch (error) {
    if (error instanceof CouponsError) return error.code;
    throw error;
  }
}
