import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { constants, type ServerHttp2Session } from "node:http2";
import { afterEach, beforeEach, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { create, fromBinary, toBinary } from "@bufbuild/protobuf";

import {
  ApiKeyCredential,
  CouponsClient,
  CouponsError,
  Hmac,
  type ClientOptions,
  type Credential,
} from "../src/index.js";
import { GenerateCouponsResponseSchema } from "../src/gen/phoenix_coupons/v1/coupon_admin_pb.js";
import {
  RedeemCouponRequestSchema,
  RedeemCouponResponseSchema,
} from "../src/gen/phoenix_coupons/v1/coupon_query_pb.js";
import { Failure, Service, type Call, type Received } from "./service.js";

const TENANT = "0198c2f0-0000-7000-8000-000000000001";
const SECRET = "ts_" + "s".repeat(43);
const KEY = "pk_" + "k".repeat(43);
const UNAVAILABLE = new Failure(14, "down");

let service: Service;
let clients: CouponsClient[];

beforeEach(async () => {
  service = await Service.start();
  clients = [];
});

afterEach(async () => {
  for (const client of clients) client.close();
  await service[Symbol.asyncDispose]();
});

function open(
  options: ClientOptions = {},
  credential: Credential = new ApiKeyCredential(KEY),
): CouponsClient {
  const client = new CouponsClient(service.address, credential, options);
  clients.push(client);
  return client;
}

function sent(): Received {
  assert.equal(service.received.length, 1);
  return service.received[0]!;
}

function milliseconds({ headers }: Received): number {
  return Number(/^(\d+)m$/.exec(String(headers["grpc-timeout"]))![1]);
}

test("a call returns the typed answer", async () => {
  const answer = create(RedeemCouponResponseSchema, { redemption: { id: "r1" } });
  service.answer = () => toBinary(RedeemCouponResponseSchema, answer);
  assert.deepEqual(await open().query.redeemCoupon({ code: "X" }), answer);
  assert.equal(sent().path, "/phoenix_coupons.v1.CouponQuery/RedeemCoupon");
});

test("the credential and the caller's headers travel", async () => {
  await open().admin.listRewardItems({}, { headers: { "x-trace": "7" } });
  assert.equal(sent().headers["x-api-key"], KEY);
  assert.equal(sent().headers["x-trace"], "7");
});

test("HMAC signs the bytes on the wire", async () => {
  const client = open({}, new Hmac(TENANT, SECRET));
  const metadata = Object.fromEntries(
    [...Array(20).keys()].map((n) => [`ключ ${n}`, "v".repeat(n)]),
  );
  const request = create(RedeemCouponRequestSchema, { tenantId: TENANT, code: "Ünï🎟", metadata });
  request.$unknown = [{ no: 900, wireType: 2, data: Uint8Array.of(2, 0xff, 0xfe) }];
  await client.query.redeemCoupon(request);
  await client.query.listActiveDefinitions({});
  assert.equal(service.received.length, 2);
  for (const { path, body, headers } of service.received) {
    const digest = createHmac("sha256", SECRET)
      .update(Buffer.concat([Buffer.from(`POST\n${path}\n${headers["x-timestamp"]}\n`), body]))
      .digest("hex");
    assert.equal(headers["x-signature"], `hmac-sha256=${digest}`);
    assert.equal(headers["x-tenant-id"], TENANT);
  }
});

test("a mutation gets a request id of its own, without touching the caller's message", async () => {
  const request = create(RedeemCouponRequestSchema, { code: "X" });
  const client = open();
  await client.query.redeemCoupon(request);
  await client.query.redeemCoupon(request);
  const ids = service.received.map(
    ({ body }) => fromBinary(RedeemCouponRequestSchema, body).requestId,
  );
  assert.equal(new Set(ids).size, 2);
  for (const id of ids) assert.match(id, /^[0-9a-f-]{36}$/);
  assert.equal(request.requestId, "");
});

test("a given request id is kept", async () => {
  const request = create(RedeemCouponRequestSchema, { code: "X", requestId: "mine" });
  await open().query.redeemCoupon(request);
  assert.deepEqual(fromBinary(RedeemCouponRequestSchema, sent().body), request);
});

test("a call without timeout has the client's", async () => {
  await open().query.validateCoupon({});
  await open({ timeoutMs: 60_000 }).query.validateCoupon({});
  await open().query.validateCoupon({}, { timeoutMs: 30_000 });
  assert.deepEqual(service.received.map(milliseconds), [5000, 60_000, 30_000]);
});

test("UNAVAILABLE is retried with one request id and what is left of the deadline", async () => {
  service.answer = () => (service.received.length < 3 ? UNAVAILABLE : new Uint8Array());
  await open({}, new Hmac(TENANT, SECRET)).query.redeemCoupon({ code: "X" });
  const [first, second, third] = service.received;
  assert.ok(first && second && third);
  assert.deepEqual([second.body, third.body], [first.body, first.body]);
  assert.ok(milliseconds(second) <= 4920 && milliseconds(third) <= 4760);
});

test("the largest generation is retried", async () => {
  service.answer = () => (service.received.length < 2 ? UNAVAILABLE : new Uint8Array());
  const userIds = Array.from({ length: 10_000 }, (_, n) => String(n).padStart(128, "0"));
  await open().admin.generateCoupons({ userIds });
  const [first, second] = service.received;
  assert.ok(first && second?.body.equals(first.body));
});

test("a lost connection is UNAVAILABLE, and retried", async () => {
  service.answer = () => (service.received.length < 2 ? "drop" : new Uint8Array());
  await open().query.redeemCoupon({ code: "X" });
  assert.equal(service.received.length, 2);
});

test("retries end", async () => {
  service.answer = () => UNAVAILABLE;
  await assert.rejects(open().query.validateCoupon({}), { code: "UNAVAILABLE", message: "down" });
  assert.equal(service.received.length, 4);
});

test("no attempt begins after the timeout: the last error is thrown instead", async () => {
  service.answer = () => UNAVAILABLE;
  // The delays are 80 ms, 160 ms and 320 ms at least.
  const call = open().query.validateCoupon({}, { timeoutMs: 500 });
  await assert.rejects(call, { code: "UNAVAILABLE", message: "down" });
  assert.ok(service.received.length < 4);
});

test("an answer that does not come ends with the timeout", async () => {
  service.answer = () => "ignore";
  const call = open({ timeoutMs: 100 }).query.validateCoupon({});
  await assert.rejects(call, { code: "DEADLINE_EXCEEDED", callId: "" });
});

test("nothing but UNAVAILABLE is retried", async () => {
  service.answer = () => new Failure(13, "fault");
  await assert.rejects(open().query.redeemCoupon({}), { code: "INTERNAL" });
  sent();
});

test("where nobody listens, a call is UNAVAILABLE", async () => {
  const client = open();
  await service[Symbol.asyncDispose]();
  service = await Service.start();
  await assert.rejects(client.query.validateCoupon({}), { code: "UNAVAILABLE", reason: "" });
});

test("an aborted call is CANCELLED", async () => {
  const abort = new AbortController();
  service.answer = () => (abort.abort(), "ignore");
  const call = open().query.redeemCoupon({}, { signal: abort.signal });
  await assert.rejects(call, { code: "CANCELLED" });
});

test("closing cancels calls under way and later ones, and closes the connection", async () => {
  const client = open();
  service.answer = () => (client.close(), "ignore");
  await assert.rejects(client.query.redeemCoupon({}), { code: "CANCELLED" });
  await assert.rejects(client.query.redeemCoupon({}), {
    code: "CANCELLED",
    message: "The client is closed",
  });
  sent();
  while (service.connections) await new Promise(setImmediate);
});

test("one connection carries all calls", async () => {
  process.once("warning", (warning) => assert.fail(warning));
  const client = open();
  await Promise.all(Array.from({ length: 20 }, () => client.query.validateCoupon({})));
  assert.equal(service.connections, 1);
});

test("answers may be larger than 4 MiB, up to 64 MiB", async () => {
  const coupon = { id: "x".repeat(1 << 20) };
  const answer = (size: number) =>
    toBinary(
      GenerateCouponsResponseSchema,
      create(GenerateCouponsResponseSchema, { coupons: Array<typeof coupon>(size).fill(coupon) }),
    );
  service.answer = () => answer(20);
  assert.equal((await open().admin.generateCoupons({})).coupons.length, 20);
  service.answer = () => answer(65);
  await assert.rejects(open().admin.generateCoupons({}), { code: "RESOURCE_EXHAUSTED" });
});

test("a bad address or timeout is refused", async () => {
  for (const address of [
    "",
    "localhost",
    "localhost:1/x",
    "http://localhost:1/x",
    "ftp://localhost:1",
    "dns:///localhost:1",
    "u@h:1",
    "h:99999",
  ]) {
    assert.throws(
      () => new CouponsClient(address, new ApiKeyCredential(KEY)),
      /host:port/,
      address,
    );
  }
  for (const timeoutMs of [0, -1, 1.5, NaN, 1e9]) {
    assert.throws(() => open({ timeoutMs }), RangeError);
    await assert.rejects(open().query.validateCoupon({}, { timeoutMs }), RangeError);
  }
});

test("every option is checked, and named", () => {
  const names = [
    ...["timeoutMs", "maxAttempts", "initialBackoffMs", "maxBackoffMs"],
    ...["keepaliveMs", "keepaliveTimeoutMs", "connectTimeoutMs"],
  ];
  for (const name of names) {
    for (const value of [0, -1, NaN, "5"]) {
      assert.throws(
        () => open({ [name]: value }),
        (error: Error) => error instanceof RangeError && error.message.startsWith(name),
      );
    }
  }
});

test("an address may be a URL, which must agree with tls", async () => {
  using client = new CouponsClient(`http://${service.address}`, new ApiKeyCredential(KEY));
  await client.query.validateCoupon({});
  for (const [address, tls] of [
    [`http://${service.address}`, true],
    [`https://${service.address}`, false],
  ] as const) {
    assert.throws(() => new CouponsClient(address, new ApiKeyCredential(KEY), { tls }), /tls/);
  }
});

test("no proxy of the environment is used", async (context) => {
  const names = ["http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY"];
  const before = { ...process.env };
  context.after(() => (process.env = before));
  for (const name of names) process.env[name] = "http://127.0.0.1:9";
  await open().query.validateCoupon({});
});

test("the user agent begins with the client's name and version", async () => {
  const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
  await open().query.validateCoupon({});
  await open().query.validateCoupon({}, { headers: { "user-agent": "shop/7" } });
  const [first, second] = service.received.map(({ headers }) => String(headers["user-agent"]));
  assert.match(first!, new RegExp(`^phoenix-coupons-typescript/${version} connect-es/`));
  assert.equal(second, `phoenix-coupons-typescript/${version} shop/7`);
});

test("an error has the request id that was sent, and the name of the call in the logs", async () => {
  service.answer = () => new Failure(9, "no");
  const failure = async (call: Promise<unknown>) => {
    const error: unknown = await call.catch((error: unknown) => error);
    assert.ok(error instanceof CouponsError);
    return [error.requestId, error.callId];
  };
  const { query } = open();
  assert.deepEqual(await failure(query.redeemCoupon({ requestId: "mine" })), ["mine", "req-1"]);
  const [chosen] = await failure(query.redeemCoupon({}));
  const sent = fromBinary(RedeemCouponRequestSchema, service.received.at(-1)!.body);
  assert.equal(chosen, sent.requestId);
  assert.deepEqual(await failure(query.validateCoupon({})), ["", "req-1"]);
  // The only other way to the id is a message that was never answered.
  service.answer = () => "ignore";
  const [unanswered, callId] = await failure(query.redeemCoupon({}, { timeoutMs: 50 }));
  assert.match(unanswered!, /^[0-9a-f-]{36}$/);
  assert.equal(callId, "");
});

test("a request that is larger than the service takes is not sent, and breaks nothing", async () => {
  const client = open();
  const code = "x".repeat(4 * 1024 * 1024);
  await assert.rejects(client.query.validateCoupon({ code }), {
    code: "RESOURCE_EXHAUSTED",
    reason: "",
    message: "The request has 4194309 bytes; the service takes at most 4194304",
  });
  assert.equal(service.received.length, 0);
  await client.query.validateCoupon({ code: code.slice(5) });
  assert.equal(sent().body.length, 4 * 1024 * 1024);
});

test("many large requests at a time go through one connection", async () => {
  const client = open({ timeoutMs: 60_000 });
  const code = "x".repeat(4_000_000);
  await Promise.all(Array.from({ length: 25 }, () => client.query.validateCoupon({ code })));
  assert.equal(service.received.length, 25);
  assert.equal(service.connections, 1);
});

/** Answers without reading the request, and resets its stream. */
function refusing(code: number) {
  return async ({ stream }: Call) => {
    const headers = { ":status": 200, "content-type": "application/grpc" };
    stream.respond({ ...headers, ...new Failure(8, "full").trailers() }, { endStream: true });
    // Node.js would send the reset instead of the headers.
    await new Promise(setImmediate);
    stream.close(code);
    // What nobody reads, the server of Node.js counts among the memory of its session.
    stream.resume();
  };
}

test("a large request that the service refuses before its end wedges nothing", async () => {
  const code = "x".repeat(4_000_000);
  const client = open({ maxAttempts: 1 });
  for (const reset of [constants.NGHTTP2_NO_ERROR, constants.NGHTTP2_CANCEL]) {
    // Node.js breaks a connection when 1000 MB were not sent to their end.
    for (let call = 0; call < 150; call++) {
      service.handle = refusing(reset);
      await assert.rejects(client.query.validateCoupon({ code }), {
        code: "RESOURCE_EXHAUSTED",
        message: "full",
      });
      service.handle = undefined;
      await client.query.validateCoupon({});
    }
  }
});

test("a large request that is given up before its end wedges nothing", async () => {
  const code = "x".repeat(4_000_000);
  const client = open({ maxAttempts: 1 });
  for (let call = 0; call < 30; call++) {
    service.handle = () => Promise.resolve();
    const abort = new AbortController();
    const given = client.query.validateCoupon({ code }, { signal: abort.signal });
    setTimeout(() => abort.abort(), 5);
    await assert.rejects(given, { code: "CANCELLED" });
    service.handle = undefined;
    await client.query.validateCoupon({});
  }
});

test("a failed connection names the address, and says why", async () => {
  const client = open({ maxAttempts: 1 });
  const { address } = service;
  service.answer = () => "drop";
  await assert.rejects(client.query.validateCoupon({}), (error: Error) =>
    error.message.startsWith(`The service at ${address} cannot be reached: `),
  );
  await service[Symbol.asyncDispose]();
  await assert.rejects(client.query.validateCoupon({}), {
    code: "UNAVAILABLE",
    message: `The service at ${address} cannot be reached: nobody listens there (ECONNREFUSED)`,
  });
  service = await Service.start();
  using nowhere = new CouponsClient("no-such-host.invalid:1", new ApiKeyCredential(KEY), {
    maxAttempts: 1,
  });
  await assert.rejects(nowhere.query.validateCoupon({}), {
    code: "UNAVAILABLE",
    message: /^The service at no-such-host.invalid:1 cannot be reached: the host name /,
  });
  service.answer = () => "ignore";
  await assert.rejects(open({ timeoutMs: 50 }).query.validateCoupon({}), {
    code: "DEADLINE_EXCEEDED",
    message: `The service at ${service.address} did not answer within the timeout`,
  });
});

test("a connection that ends while an idle client pings it wedges nothing", async () => {
  const client = open({ keepaliveMs: 10, keepaliveTimeoutMs: 60_000, timeoutMs: 60_000 });
  const endings = [
    (session: ServerHttp2Session) => session.destroy(),
    (session: ServerHttp2Session) => session.close(),
    () => service.dropConnections(),
    (session: ServerHttp2Session) => session.goaway(),
  ];
  let ended = 0;
  for (const end of endings) {
    service.onPing = undefined;
    await client.query.validateCoupon({});
    service.onPing = (session) => {
      service.onPing = undefined;
      ended++;
      end(session);
    };
    await sleep(30);
    await client.query.validateCoupon({});
  }
  assert.equal(ended, endings.length);
});

test("the second close does nothing", async () => {
  const client = open();
  await client.query.validateCoupon({});
  client.close();
  client.close();
  await assert.rejects(client.query.validateCoupon({}), { message: "The client is closed" });
});

test("a client that is closed while it connects or pings leaves no connection", async () => {
  const connecting = open();
  const first = connecting.query.validateCoupon({});
  connecting.close();
  await assert.rejects(first, { code: "CANCELLED" });
  const pinging = open({ keepaliveMs: 1 });
  await pinging.query.validateCoupon({});
  await sleep(20);
  const second = pinging.query.validateCoupon({});
  pinging.close();
  await assert.rejects(second, { code: "CANCELLED" });
  await sleep(50);
  while (service.connections) await new Promise(setImmediate);
});

test("no error shows the credential", async () => {
  const { inspect } = await import("node:util");
  service.answer = () => UNAVAILABLE;
  const error: unknown = await open()
    .query.validateCoupon({})
    .catch((error: unknown) => error);
  assert.ok(error instanceof CouponsError);
  assert.ok(!inspect(error, { depth: null, showHidden: true }).includes(KEY));
  assert.ok(!inspect(clients, { depth: null, showHidden: true }).includes(KEY));
});
