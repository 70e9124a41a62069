import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { afterEach, beforeEach, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { create, fromBinary, toBinary, type DescService } from "@bufbuild/protobuf";
import type { CallOptions } from "@connectrpc/connect";

import { ApiKeyCredential, CouponsError, Hmac, Reason, type Credential } from "../src/index.js";
import { ErrorInfoSchema } from "../src/gen/google/rpc/error_details_pb.js";
import {
  CouponQuery,
  RedeemCouponRequestSchema,
} from "../src/gen/phoenix_coupons/v1/coupon_query_pb.js";
import { RedemptionSchema } from "../src/gen/phoenix_coupons/v1/coupons_pb.js";
import { createStub } from "../src/stub.js";
import { CouponsTransport } from "../src/transport.js";
import { Failure, Service, type Call } from "./service.js";

const TENANT = "0198c2f0-0000-7000-8000-000000000001";
const SECRET = "ts_" + "s".repeat(43);
const KEY = "pk_" + "k".repeat(43);
const UNAVAILABLE = new Failure(14, "down").with(
  ErrorInfoSchema,
  create(ErrorInfoSchema, { reason: Reason.SERVICE_UNAVAILABLE }),
);

interface Request {
  code?: string;
  requestId?: string;
}
type Requests = AsyncIterable<Request>;
type Answer = { code: string };

/** A method of each kind, as no service of the contract has them. */
interface Streams {
  watch(request: Request, options?: CallOptions): AsyncIterable<Answer>;
  gather(requests: Requests, options?: CallOptions): Promise<Answer>;
  mirror(requests: Requests, options?: CallOptions): AsyncIterable<Answer>;
}
const METHODS = [
  ["watch", "server_streaming"],
  ["gather", "client_streaming"],
  ["mirror", "bidi_streaming"],
].map(([localName, methodKind]) => ({
  ...CouponQuery.method.redeemCoupon,
  name: "Stream",
  localName,
  methodKind,
  output: RedemptionSchema,
}));
const STREAMS = { ...CouponQuery, methods: METHODS } as unknown as DescService;

let service: Service;
let transports: CouponsTransport[];

beforeEach(async () => {
  service = await Service.start();
  transports = [];
});

afterEach(async () => {
  for (const transport of transports) transport.close();
  await service[Symbol.asyncDispose]();
});

function open(credential: Credential = new ApiKeyCredential(KEY)): Streams {
  const transport = new CouponsTransport(service.address, credential, { timeoutMs: 1 });
  transports.push(transport);
  return createStub(STREAMS, transport) as unknown as Streams;
}

async function* asking(...codes: string[]): AsyncGenerator<Request> {
  for (const code of codes) yield { code };
}

/** The codes of the answers, and the error that ended them. */
async function heard(answers: AsyncIterable<Answer>): Promise<[string[], unknown]> {
  const codes: string[] = [];
  try {
    for await (const { code } of answers) codes.push(code);
    return [codes, undefined];
  } catch (error) {
    return [codes, error];
  }
}

function say(call: Call, code: string) {
  call.send(toBinary(RedemptionSchema, create(RedemptionSchema, { code })));
}

function parsed(body: Buffer) {
  return fromBinary(RedeemCouponRequestSchema, body);
}

async function asked(call: Call) {
  const requests = [];
  for await (const body of call.requests()) requests.push(parsed(body));
  return requests;
}

async function mirror(call: Call) {
  for await (const body of call.requests()) say(call, parsed(body).code);
  call.end();
}

test("a stream of answers is signed, and named", async () => {
  service.handle = async (call) => {
    const body = (await call.requests().next()).value as Buffer;
    const { ":path": path, "x-timestamp": timestamp, "x-signature": given } = call.headers;
    const digest = createHmac("sha256", SECRET)
      .update(Buffer.concat([Buffer.from(`POST\n${path}\n${timestamp}\n`), body]))
      .digest("hex");
    say(call, given === `hmac-sha256=${digest}` ? "signed" : "forged");
    say(call, parsed(body).requestId ? "named" : "nameless");
    call.end();
  };
  const answers = open(new Hmac(TENANT, SECRET)).watch({ code: "X" });
  assert.deepEqual(await heard(answers), [["signed", "named"], undefined]);
});

test("the first of many requests names the call", async () => {
  const calls: { code: string; requestId: string }[][] = [];
  service.handle = async (call) => {
    calls.push(await asked(call));
    say(call, String(call.headers["x-api-key"]));
    call.end();
  };
  const client = open();
  assert.equal((await client.gather(asking("A", "B"))).code, KEY);
  const mine = { code: "A", requestId: "mine" };
  await client.gather(
    (async function* () {
      yield mine;
    })(),
  );
  const [[first, second] = [], [given] = []] = calls;
  assert.match(first!.requestId, /^[0-9a-f-]{36}$/);
  assert.deepEqual([second?.code, second?.requestId, given?.requestId], ["B", "", "mine"]);
});

test("both directions take turns", async () => {
  service.handle = mirror;
  let answered = "";
  const requests = async function* () {
    for (const code of ["A", "B", "C"]) {
      yield { code };
      while (answered !== code) await sleep(1);
    }
  };
  const codes = [];
  for await (const { code } of open().mirror(requests())) codes.push((answered = code));
  assert.deepEqual(codes, ["A", "B", "C"]);
});

test("a stream that fails midway tells why", async () => {
  service.handle = (call) => {
    say(call, "A");
    call.end(UNAVAILABLE);
    return Promise.resolve();
  };
  for (const answers of [open().watch({}), open().mirror(asking("A"))]) {
    const [codes, error] = await heard(answers);
    assert.ok(error instanceof CouponsError);
    assert.deepEqual(
      [codes, error.code, error.reason, error.callId],
      [["A"], "UNAVAILABLE", "SERVICE_UNAVAILABLE", "req-1"],
    );
  }
});

test("a stream of requests that is refused tells why, and is read no further", async () => {
  service.handle = (call) => {
    call.end(new Failure(7, "No"));
    return Promise.resolve();
  };
  let closed = false;
  const requests = async function* () {
    try {
      for (;;) {
        yield { code: "X" };
        await sleep(1);
      }
    } finally {
      closed = true;
    }
  };
  const refused = { name: "CouponsError", code: "PERMISSION_DENIED", message: "No" };
  await assert.rejects(open().gather(requests()), refused);
  while (!closed) await sleep(1);
});

test("an answer that is missing is an error of the client, too", async () => {
  service.handle = async (call) => (await asked(call), call.end());
  await assert.rejects(open().gather(asking("A")), { name: "CouponsError" });
});

test("a stream has no timeout but the call's", async () => {
  const timeouts: unknown[] = [];
  service.handle = async (call) => {
    timeouts.push(call.headers["grpc-timeout"]);
    // Longer than the client's timeout, which is for calls without streams.
    await sleep(50);
    if (!call.headers["grpc-timeout"]) await mirror(call);
  };
  assert.deepEqual(await heard(open().mirror(asking("A"))), [["A"], undefined]);
  const [, error] = await heard(open().mirror(asking("A"), { timeoutMs: 800 }));
  assert.equal((error as CouponsError).code, "DEADLINE_EXCEEDED");
  assert.deepEqual(timeouts, [undefined, "800m"]);
  const [, refused] = await heard(open().watch({}, { timeoutMs: 0 }));
  assert.ok(refused instanceof RangeError);
});

test("leaving the loop cancels the call, and closes the requests", async () => {
  let left: Promise<unknown> | undefined;
  service.handle = async (call) => {
    ({ left } = call);
    for await (const body of call.requests()) say(call, parsed(body).code);
  };
  let closed = false;
  const requests = async function* () {
    try {
      for (;;) yield { code: "A" };
    } finally {
      closed = true;
    }
  };
  for await (const { code } of open().mirror(requests())) {
    assert.equal(code, "A");
    break;
  }
  await left;
  while (!closed) await sleep(1);
});

test("aborting the signal cancels the call", async () => {
  const abort = new AbortController();
  let left: Promise<unknown> | undefined;
  service.handle = (call) => {
    ({ left } = call);
    say(call, "A");
    return Promise.resolve();
  };
  const answers = open().watch({}, { signal: abort.signal })[Symbol.asyncIterator]();
  assert.equal((await answers.next()).value.code, "A");
  abort.abort();
  await assert.rejects(answers.next(), { name: "CouponsError", code: "CANCELLED" });
  await left;
});

test("closing the client cancels its streams", async () => {
  service.handle = (call) => (say(call, "A"), Promise.resolve());
  const answers = open().watch({})[Symbol.asyncIterator]();
  await answers.next();
  transports[0]!.close();
  await assert.rejects(answers.next(), { code: "CANCELLED", message: "The client is closed" });
});

test("a stream that nobody reads never begins", async () => {
  service.handle = () => assert.fail("it began");
  open().watch({});
  open().mirror(asking("A"));
  await sleep(20);
});

test("a stream of answers is tried again until the service answers", async () => {
  const ids: string[] = [];
  service.handle = async (call) => {
    const [first] = await asked(call);
    ids.push(first!.requestId);
    if (ids.length === 3) say(call, "A");
    call.end(UNAVAILABLE);
  };
  const [codes, error] = await heard(open().watch({ code: "A" }));
  assert.deepEqual([codes, (error as CouponsError).code], [["A"], "UNAVAILABLE"]);
  assert.equal(ids.length, 3);
  assert.equal(new Set(ids).size, 1);
  assert.equal((error as CouponsError).requestId, ids[0]);
});

test("a stream of requests is not tried again", async () => {
  let attempts = 0;
  service.handle = async (call) => {
    attempts++;
    await asked(call);
    call.end(UNAVAILABLE);
  };
  await assert.rejects(open().gather(asking("A")), { code: "UNAVAILABLE" });
  const [codes, error] = await heard(open().mirror(asking("A")));
  assert.deepEqual([codes, (error as CouponsError).code], [[], "UNAVAILABLE"]);
  assert.match((error as CouponsError).requestId, /^[0-9a-f-]{36}$/);
  assert.equal(attempts, 2);
});

test("a request of a stream that is too large ends it before it is sent", async () => {
  service.handle = mirror;
  const large = "x".repeat(4 * 1024 * 1024);
  await assert.rejects(open().gather(asking(large)), {
    code: "RESOURCE_EXHAUSTED",
    message: /^The request has \d+ bytes; the service takes at most 4194304$/,
  });
});

test("leaving the loop closes an iterator whose next request is awaited still", async () => {
  service.handle = mirror;
  let closed = false;
  const requests = {
    sent: 0,
    [Symbol.asyncIterator]() {
      return this;
    },
    next() {
      return this.sent++
        ? new Promise<never>(() => {})
        : Promise.resolve({ done: false as const, value: { code: "A" } });
    },
    return() {
      closed = true;
      return Promise.resolve({ done: true as const, value: undefined });
    },
  };
  for await (const { code } of open().mirror(requests)) {
    assert.equal(code, "A");
    break;
  }
  while (!closed) await sleep(1);
});

test("what the caller's iterator throws is thrown, and nothing is tried again", async () => {
  let attempts = 0;
  let left: Promise<unknown> | undefined;
  service.handle = async (call) => {
    attempts++;
    ({ left } = call);
    await asked(call).catch(() => {});
  };
  const broken = Object.assign(new Error("no such file"), { code: "ENOENT" });
  const requests = async function* () {
    yield { code: "A" };
    await sleep(20);
    throw broken;
  };
  await assert.rejects(open().gather(requests()), broken);
  assert.deepEqual(await heard(open().mirror(requests())), [[], broken]);
  await left;
  assert.equal(attempts, 2);
});

test("a connection that is lost midway is UNAVAILABLE", async () => {
  service.handle = (call) => (say(call, "A"), Promise.resolve());
  const answers = open().watch({})[Symbol.asyncIterator]();
  await answers.next();
  service.dropConnections();
  await assert.rejects(answers.next(), { code: "UNAVAILABLE", reason: "" });
});

test("where nobody listens, a stream is UNAVAILABLE", async () => {
  const client = open();
  await service[Symbol.asyncDispose]();
  service = await Service.start();
  await assert.rejects(client.gather(asking("A")), { code: "UNAVAILABLE", reason: "" });
});

test("a stream of requests waits for a service that does not read", async () => {
  service.handle = (call) => (say(call, "A"), Promise.resolve());
  let sent = 0;
  const requests = async function* () {
    for (;;) {
      sent++;
      yield { code: "x".repeat(1 << 16) };
    }
  };
  for await (const { code } of open().mirror(requests())) {
    assert.equal(code, "A");
    const before = await settled(() => sent);
    assert.ok(before < 10, `${before} requests were read`);
    break;
  }
});

/** The value, once it changes no more. */
async function settled(value: () => number): Promise<number> {
  for (let last = NaN; ; last = value()) {
    if (last === value()) return last;
    await sleep(100);
  }
}
