import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { afterEach, beforeEach, test } from "node:test";

import { create, fromBinary, toBinary } from "@bufbuild/protobuf";

import {
  ApiKey,
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
import { Failure, Service, type Received } from "./service.js";

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
  credential: Credential = new ApiKey(KEY),
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

test("the timeout bounds all attempts", async () => {
  service.answer = () => UNAVAILABLE;
  const call = open().query.validateCoupon({}, { timeoutMs: 500 });
  await assert.rejects(call, { code: "DEADLINE_EXCEEDED", reason: "" });
  assert.ok(service.received.length < 4);
});

test("an answer that does not come ends with the timeout", async () => {
  service.answer = () => "ignore";
  const call = open({ timeoutMs: 100 }).query.validateCoupon({});
  await assert.rejects(call, { code: "DEADLINE_EXCEEDED", requestId: "" });
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
    message: "the client is closed",
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
    "http://localhost:1",
    "localhost:1/x",
    "u@h:1",
    "h:99999",
  ]) {
    assert.throws(() => new CouponsClient(address, new ApiKey(KEY)), /host:port/, address);
  }
  for (const timeoutMs of [0, -1, 1.5, NaN, 1e9]) {
    assert.throws(() => open({ timeoutMs }), RangeError);
    await assert.rejects(open().query.validateCoupon({}, { timeoutMs }), RangeError);
  }
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
