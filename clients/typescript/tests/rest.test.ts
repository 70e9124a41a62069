import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, test } from "node:test";
import { inspect } from "node:util";

import { CouponsError, createRestClient, Reason, type RestOptions } from "../src/rest.js";

const TENANT = "0198c2f0-0000-7000-8000-000000000001";
const TOKEN = "header.claims.signature";

interface Received {
  method: string | undefined;
  url: string | undefined;
  headers: IncomingMessage["headers"];
  body: string;
}

let server: Server;
let received: Received[];
let answer: (response: ServerResponse) => void;

beforeEach(async () => {
  received = [];
  answer = json(200, {});
  server = createServer((request, response) => {
    void text(request).then((body) => {
      const { method, url, headers } = request;
      received.push({ method, url, headers, body });
      answer(response);
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
});

afterEach(async () => {
  server.closeAllConnections();
  if (server.listening) await once(server.close(), "close");
});

function json(status: number, body: unknown, headers: Record<string, string> = {}) {
  return (response: ServerResponse) => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(JSON.stringify(body));
  };
}

function open(options: Partial<RestOptions> = {}) {
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return createRestClient({ baseUrl, token: TOKEN, ...options });
}

function redeem(
  client = open(),
  init: { headers?: Record<string, string>; signal?: AbortSignal } = {},
) {
  return client.POST("/v1/coupons/{tenant_id}/redeem/{code}", {
    params: { path: { tenant_id: TENANT, code: "50 % off/✓" } },
    body: { user_id: "ada" },
    ...init,
  });
}

async function failed(call: Promise<unknown>): Promise<CouponsError> {
  const error: unknown = await call.catch((error: unknown) => error);
  assert.ok(error instanceof CouponsError, inspect(error));
  return error;
}

test("a call sends what the contract says and returns the typed answer", async () => {
  answer = json(200, { redemption: { code: "X" }, coupon: null, reward_item: null });
  const redeemed = await redeem();
  assert.equal(redeemed.redemption?.code, "X");
  const [{ method, url, headers, body } = assert.fail()] = received;
  assert.equal(method, "POST");
  assert.equal(url, `/v1/coupons/${TENANT}/redeem/50%20%25%20off%2F%E2%9C%93`);
  assert.equal(headers.authorization, `Bearer ${TOKEN}`);
  assert.equal(headers["content-type"], "application/json");
  assert.deepEqual(JSON.parse(body), { user_id: "ada" });
});

test("a list takes its query", async () => {
  await open().GET("/v1/coupons/{tenant_id}/user/{user_id}", {
    params: {
      path: { tenant_id: TENANT, user_id: "ada" },
      query: { status: "active", page_size: 5 },
    },
  });
  assert.equal(received[0]?.url, `/v1/coupons/${TENANT}/user/ada?status=active&page_size=5`);
});

test("mutations get an idempotency key of their own, or keep the caller's", async () => {
  await redeem();
  await redeem();
  await redeem(open(), { headers: { "Idempotency-Key": "mine" } });
  await open().GET("/health");
  const [first, second, ...others] = received.map(({ headers }) => headers["idempotency-key"]);
  assert.match(String(first), /^[0-9a-f-]{36}$/);
  assert.notEqual(first, second);
  assert.deepEqual(others, ["mine", undefined]);
});

test("a token that was refused is replaced once, if there is another one", async () => {
  const refused = json(401, { error: "No", code: "CREDENTIAL_INVALID", details: [] });
  answer = (response) => (received.length < 2 ? refused : json(200, {}))(response);
  let count = 0;
  await redeem(open({ token: () => `token-${++count}` }));
  const [first, second] = received.map(({ headers, body }) => [headers["idempotency-key"], body]);
  assert.deepEqual(first, second);
  assert.deepEqual(
    received.map(({ headers }) => headers.authorization),
    ["Bearer token-1", "Bearer token-2"],
  );
  answer = refused;
  for (const token of [TOKEN, () => TOKEN]) {
    received.length = 0;
    assert.equal((await failed(redeem(open({ token })))).reason, "CREDENTIAL_INVALID");
    assert.equal(received.length, 1);
  }
});

test("details that can't be read leave the status as it is", async () => {
  for (const details of [
    [null],
    [7, "x"],
    [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", metadata: null }],
    [{ "@type": "type.googleapis.com/google.rpc.BadRequest", field_violations: {} }],
    [{ "@type": "type.googleapis.com/google.rpc.BadRequest", field_violations: [null] }],
    [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retry_delay: "later" }],
  ]) {
    answer = json(404, { error: "Gone", code: "COUPON_NOT_FOUND", details });
    const error = await failed(redeem());
    assert.deepEqual([error.code, error.reason], ["NOT_FOUND", "COUPON_NOT_FOUND"]);
    assert.equal(error.retryDelayMs, undefined);
  }
});

test("a timeout that is no number of milliseconds is refused", () => {
  for (const timeoutMs of [0, -1, 0.5, NaN]) {
    assert.throws(() => open({ timeoutMs }), RangeError);
  }
});

test("no answer names the address, and says why", async () => {
  answer = (response) => response.destroy();
  const { port } = server.address() as AddressInfo;
  const error = await failed(redeem(open(), { headers: { "Idempotency-Key": "mine" } }));
  assert.match(
    error.message,
    new RegExp(`^The service at http://127.0.0.1:${port} cannot be reached`),
  );
  assert.equal(error.requestId, "mine");
});

test("a token's function is asked before every call", async () => {
  let count = 0;
  const client = open({ token: () => Promise.resolve(`token-${++count}`) });
  await redeem(client);
  await redeem(client);
  assert.deepEqual(
    received.map(({ headers }) => headers.authorization),
    ["Bearer token-1", "Bearer token-2"],
  );
});

test("an error tells all that the service said", async () => {
  const details = [
    {
      "@type": "type.googleapis.com/google.rpc.ErrorInfo",
      reason: "INVALID_FIELD",
      domain: "coupons.phoenix",
      metadata: { field: "code" },
    },
    {
      "@type": "type.googleapis.com/google.rpc.BadRequest",
      field_violations: [{ field: "code", description: "too long", reason: "" }],
    },
    { "@type": "type.googleapis.com/google.rpc.RetryInfo", retry_delay: "1.5s" },
  ];
  const body = { error: "code: too long", code: "INVALID_FIELD", details };
  answer = json(400, body, { "x-request-id": "req-1" });
  const error = await failed(redeem());
  assert.equal(error.message, "code: too long");
  assert.equal(error.code, "INVALID_ARGUMENT");
  assert.equal(error.reason, Reason.INVALID_FIELD);
  assert.deepEqual(error.metadata, { field: "code" });
  assert.deepEqual(error.fieldViolations, [{ field: "code", description: "too long" }]);
  assert.equal(error.retryDelayMs, 1500);
  assert.equal(error.callId, "req-1");
});

test("the gRPC code follows from status and reason", async () => {
  const expected = [
    [400, "COUPON_EXPIRED", "FAILED_PRECONDITION"],
    [400, "INVALID_PAGE_TOKEN", "INVALID_ARGUMENT"],
    [400, "BRAND_NEW", "FAILED_PRECONDITION"],
    [401, "CREDENTIAL_INVALID", "UNAUTHENTICATED"],
    [404, "COUPON_NOT_FOUND", "NOT_FOUND"],
    [409, "CODE_TAKEN", "ALREADY_EXISTS"],
    [409, "ETAG_MISMATCH", "ABORTED"],
    [503, "SERVICE_UNAVAILABLE", "UNAVAILABLE"],
    [418, "", "UNKNOWN"],
  ] as const;
  for (const [status, reason, code] of expected) {
    answer = json(status, { error: "no", code: reason, details: [] });
    const error = await failed(redeem());
    assert.deepEqual([error.code, error.reason], [code, reason]);
  }
});

test("a path value that would lead elsewhere is refused", async () => {
  for (const user_id of ["", ".", "..", undefined as unknown as string]) {
    const call = open().GET("/v1/coupons/{tenant_id}/user/{user_id}", {
      params: { path: { tenant_id: TENANT, user_id } },
    });
    await assert.rejects(call, (error) => {
      assert.ok(error instanceof TypeError, inspect(error));
      return error.message.includes("user_id");
    });
  }
  await open().GET("/v1/coupons/{tenant_id}/user/{user_id}", {
    params: { path: { tenant_id: TENANT, user_id: "%2e." } },
  });
  assert.deepEqual(
    received.map(({ url }) => url),
    [`/v1/coupons/${TENANT}/user/%252e.`],
  );
});

test("a success that is no JSON object is UNKNOWN", async () => {
  const headers = { "x-request-id": "req-1" };
  const empty = { ...headers, "content-length": "0" };
  const answers: ((response: ServerResponse) => void)[] = [
    (response) => response.writeHead(200, headers).end("<html>Welcome to the WiFi</html>"),
    (response) => response.writeHead(200, { ...headers, "content-length": "1" }).end("{"),
    (response) => response.writeHead(200, headers).end("null"),
    (response) => response.writeHead(200, headers).end("[]"),
    (response) => response.writeHead(200, headers).end(),
    (response) => response.writeHead(200, empty).end(),
    (response) => response.writeHead(204, headers).end(),
  ];
  for (answer of answers) {
    const { code, reason, message, callId } = await failed(redeem());
    assert.deepEqual([code, reason, callId], ["UNKNOWN", "", "req-1"]);
    assert.match(message, /^HTTP 20[04] without a JSON object$/);
  }
});

test("without a reason, the gRPC code is that of gRPC's HTTP mapping", async () => {
  const expected = [
    [400, "INTERNAL"],
    [401, "UNAUTHENTICATED"],
    [403, "PERMISSION_DENIED"],
    [404, "UNIMPLEMENTED"],
    [409, "UNKNOWN"],
    [429, "UNAVAILABLE"],
    [500, "UNKNOWN"],
    [503, "UNAVAILABLE"],
    [504, "UNAVAILABLE"],
  ] as const;
  for (const [status, code] of expected) {
    for (const body of [{ error: "no", code: "", details: [] }, { message: "no" }]) {
      answer = json(status, body);
      assert.equal((await failed(redeem())).code, code, `${status}`);
    }
  }
});

test("a proxy's answer is an error of its status", async () => {
  for (const page of ["<html>Bad gateway</html>", "", "null", "[1]", '{"error": {"code": 502}}']) {
    answer = (response) => response.writeHead(502).end(page);
    const error = await failed(redeem());
    assert.deepEqual([error.code, error.reason, error.message], ["UNAVAILABLE", "", "HTTP 502"]);
  }
});

test("no answer is UNAVAILABLE, DEADLINE_EXCEEDED or CANCELLED", async () => {
  answer = (response) => response.destroy();
  assert.equal((await failed(redeem())).code, "UNAVAILABLE");
  answer = (response) => response.writeHead(200, { "content-length": "9" }).write("{");
  assert.equal((await failed(redeem(open({ timeoutMs: 50 })))).code, "DEADLINE_EXCEEDED");
  assert.equal((await failed(redeem(open(), { signal: AbortSignal.abort() }))).code, "CANCELLED");
});

test("a redirect is not followed", async () => {
  answer = (response) => response.writeHead(307, { location: "/elsewhere" }).end();
  await failed(redeem());
  assert.equal(received.length, 1);
});

test("a token that no header can carry is refused, without a word of it", async () => {
  await assert.rejects(redeem(open({ token: "two words" })), (error: Error) => {
    assert.ok(!inspect(error).includes("two words"));
    return error instanceof TypeError;
  });
  assert.deepEqual(received, []);
});

test("what the contract does not have does not compile", () => {
  const never = () => {
    // @ts-expect-error: no such path
    void open().GET("/v1/nowhere");
    // @ts-expect-error: path parameters are required
    void open().GET("/v1/coupons/{tenant_id}/definitions");
    const params = { path: { tenant_id: TENANT, code: "X" } };
    // @ts-expect-error: a redemption needs a user
    void open().POST("/v1/coupons/{tenant_id}/redeem/{code}", { params, body: {} });
  };
  assert.ok(never);
});
