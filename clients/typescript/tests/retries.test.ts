import assert from "node:assert/strict";
import { afterEach, beforeEach, test, type TestContext } from "node:test";

import { create } from "@bufbuild/protobuf";

import {
  ApiKeyCredential,
  CouponsClient,
  Reason,
  TenantToken,
  type ClientOptions,
  type Credential,
} from "../src/index.js";
import { ErrorInfoSchema, RetryInfoSchema } from "../src/gen/google/rpc/error_details_pb.js";
import { Failure, Service, type Call } from "./service.js";

const SECRET = "ts_" + "s".repeat(43);
const REFUSED = new Failure(16, "No").with(
  ErrorInfoSchema,
  create(ErrorInfoSchema, { reason: Reason.CREDENTIAL_INVALID }),
);

let service: Service;
let client: CouponsClient;

beforeEach(async () => {
  service = await Service.start();
});

afterEach(async () => {
  client.close();
  await service[Symbol.asyncDispose]();
});

function open(options: ClientOptions = {}, credential: Credential = new ApiKeyCredential(SECRET)) {
  return (client = new CouponsClient(service.address, credential, options));
}

/** UNAVAILABLE with a delay that the service asks for. */
function later(milliseconds: number): Failure {
  const retryDelay = {
    seconds: BigInt(Math.floor(milliseconds / 1000)),
    nanos: (milliseconds % 1000) * 1_000_000,
  };
  return new Failure(14, "later").with(RetryInfoSchema, create(RetryInfoSchema, { retryDelay }));
}

/** The milliseconds between the attempts, as `setTimeout` was asked for them. */
function answeringFirst(failure: Failure, more: Record<string, string> = {}): number[] {
  const times: number[] = [];
  service.handle = ({ stream }: Call) => {
    times.push(performance.now());
    const trailers = times.length < 2 ? { ...failure.trailers(), ...more } : { "grpc-status": 9 };
    stream.respond({ ":status": 200, "content-type": "application/grpc", ...trailers });
    stream.end();
    return Promise.resolve();
  };
  return times;
}

const ANSWERED = { code: "FAILED_PRECONDITION" };

test("RetryInfo says when the next attempt is", async () => {
  const times = answeringFirst(later(700));
  await assert.rejects(open().query.validateCoupon({}), ANSWERED);
  assert.equal(times.length, 2);
  // The backoff would be 120 ms at most.
  assert.ok(times[1]! - times[0]! >= 690);
});

test("pushback says when the next attempt is, and comes before RetryInfo", async () => {
  const times = answeringFirst(later(60_000), { "grpc-retry-pushback-ms": "400" });
  await assert.rejects(open().query.validateCoupon({}), ANSWERED);
  assert.ok(times[1]! - times[0]! >= 390);
});

test("pushback that is negative, or no number, says that there is none", async () => {
  for (const pushback of ["-1", "never"]) {
    const times = answeringFirst(later(1), { "grpc-retry-pushback-ms": pushback });
    await assert.rejects(open().query.validateCoupon({}), { code: "UNAVAILABLE" });
    assert.equal(times.length, 1);
  }
});

test("a delay that would pass the deadline is not waited for", async () => {
  for (const failure of [later(60_000), later(5001)]) {
    const times = answeringFirst(failure);
    const call = open().query.validateCoupon({});
    await assert.rejects(call, { code: "UNAVAILABLE", message: "later" });
    assert.equal(times.length, 1);
  }
});

test("the number of attempts and the backoff are options", async () => {
  service.answer = () => new Failure(14, "down");
  for (const maxAttempts of [1, 2, 7]) {
    service.received.length = 0;
    const call = open({ maxAttempts, initialBackoffMs: 1, maxBackoffMs: 1 }).query.validateCoupon(
      {},
    );
    await assert.rejects(call, { code: "UNAVAILABLE" });
    assert.equal(service.received.length, maxAttempts);
    client.close();
  }
});

function authorizations(): string[] {
  return service.received.map(({ headers }) => String(headers.authorization));
}

function clock(context: TestContext) {
  context.mock.timers.enable({ apis: ["Date"], now: 1_767_225_600_000 });
  return context.mock.timers;
}

test("a minted token that is refused is minted anew, once", async (context) => {
  const timers = clock(context);
  service.answer = () => {
    timers.tick(1000);
    return service.received.length < 2 ? REFUSED : new Uint8Array();
  };
  const { query } = open({}, new TenantToken("t1", SECRET));
  await query.redeemCoupon({});
  const [first, second] = authorizations();
  assert.notEqual(first, second);
  assert.equal(service.received.length, 2);
  assert.ok(service.received[0]!.body.equals(service.received[1]!.body));
  service.received.length = 0;
  service.answer = () => REFUSED;
  await assert.rejects(query.redeemCoupon({}), { reason: Reason.CREDENTIAL_INVALID });
  assert.equal(service.received.length, 2);
});

test("a clock that is slow learns the time from a refusal", async (context) => {
  clock(context);
  const serviceTime = new Date(Date.now() + 7_200_000);
  service.handle = ({ stream, headers }) => {
    const token = String(headers.authorization).replace("Bearer ", "").split(".")[1]!;
    const { exp } = JSON.parse(Buffer.from(token, "base64url").toString()) as { exp: number };
    const valid = exp > serviceTime.getTime() / 1000;
    const status = valid ? { "grpc-status": 9 } : REFUSED.trailers();
    stream.respond({
      ":status": 200,
      "content-type": "application/grpc",
      ...status,
      date: serviceTime.toUTCString(),
    });
    stream.end();
    return Promise.resolve();
  };
  await assert.rejects(open({}, new TenantToken("t1", SECRET)).query.redeemCoupon({}), ANSWERED);
});

test("a credential that is sent as it is, or another failure, is not tried again", async () => {
  service.answer = () => REFUSED;
  await assert.rejects(open().query.redeemCoupon({}), { reason: Reason.CREDENTIAL_INVALID });
  client.close();
  service.answer = () => new Failure(16, "No");
  const call = open({}, new TenantToken("t1", SECRET)).query.redeemCoupon({});
  await assert.rejects(call, { code: "UNAUTHENTICATED" });
  assert.equal(service.received.length, 2);
});

test("a stream of answers that is refused begins once more with a new token", async (context) => {
  const timers = clock(context);
  let calls = 0;
  service.handle = (call) => {
    timers.tick(1000);
    if (++calls % 2) call.end(REFUSED);
    else (call.send(new Uint8Array()), call.end());
    return Promise.resolve();
  };
  const answers = open({}, new TenantToken("t1", SECRET)).grants.watchGrants({});
  let count = 0;
  for await (const _ of answers) count++;
  assert.equal(count, 1);
  assert.equal(calls, 2);
});
