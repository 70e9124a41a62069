/** What a client does to the process that it is in. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { text } from "node:stream/consumers";

import { Service } from "./service.js";

const CLIENT = new URL("../src/index.js", import.meta.url).href;

/** Runs a program that has a client, to its own end. */
async function run(service: Service, program: string): Promise<string> {
  const around = `
    import { ApiKeyCredential, CouponsClient } from ${JSON.stringify(CLIENT)};
    const key = new ApiKeyCredential("pk_" + "k".repeat(43));
    const client = new CouponsClient("${service.address}", key, { keepaliveMs: 50 });
    ${program}`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", around], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [said, [code]] = await Promise.all([text(child.stdout), once(child, "exit")]);
  assert.equal(code, 0);
  return said;
}

test("an idle client does not keep the program running, a call does", async () => {
  await using service = await Service.start();
  const said = await run(
    service,
    `client.query.validateCoupon({}).then(() => console.log("answered"));`,
  );
  assert.equal(said, "answered\n");
});

test("a stream that is left after the service has ended it leaves nothing open", async () => {
  await using service = await Service.start();
  service.handle = (call) => {
    for (let answer = 0; answer < 1000; answer++) call.send(new Uint8Array());
    call.end();
    return Promise.resolve();
  };
  const said = await run(
    service,
    `for (let call = 0; call < 20; call++) {
      for await (const answer of client.grants.watchGrants({})) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        console.log("left");
        break;
      }
    }`,
  );
  assert.equal(said, "left\n".repeat(20));
});
