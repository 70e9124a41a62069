import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { inspect } from "node:util";

import { decodeJwt, jwtVerify } from "jose";

import {
  AdminToken,
  ApiKey,
  BearerToken,
  Hmac,
  TenantToken,
  type TenantTokenOptions,
} from "../src/index.js";

const SECRET = "ts_" + "s".repeat(43);
const KEY = new TextEncoder().encode(SECRET);
const START = 1_767_225_600_000;

function clock(context: TestContext) {
  context.mock.timers.enable({ apis: ["Date"], now: START });
  return context.mock.timers;
}

test("a key or ready-made token is sent as it is", () => {
  assert.deepEqual(new ApiKey("pk_1").headers(), { "x-api-key": "pk_1" });
  assert.deepEqual(new BearerToken("a.b.c").headers(), { authorization: "Bearer a.b.c" });
});

test("a tenant token is signed with the secret", async (context) => {
  clock(context);
  const token = await new TenantToken("t1", SECRET, { userId: "Zoë" }).token();
  const { payload, protectedHeader } = await jwtVerify(token, KEY);
  assert.deepEqual(protectedHeader, { alg: "HS256", typ: "JWT" });
  const [iat, exp] = [START / 1000, START / 1000 + 600];
  assert.deepEqual(payload, { sub_type: "tenant", sub_id: "t1", user_id: "Zoë", iat, exp });
});

test("a user id that is missing does not make a token of the whole tenant", () => {
  for (const userId of [undefined, null, "", 7]) {
    const options = { userId } as unknown as TenantTokenOptions;
    assert.throws(() => new TenantToken("t1", SECRET, options), TypeError, inspect(userId));
  }
});

test("an admin token is signed with the key", async () => {
  const { authorization } = await new AdminToken("k1", SECRET, { lifetimeSeconds: 60 }).headers();
  const { payload } = await jwtVerify(authorization!.replace("Bearer ", ""), KEY);
  assert.equal(payload["sub_type"], "admin");
  assert.equal(payload["sub_id"], "k1");
  assert.equal(payload.exp! - payload.iat!, 60);
});

test("a token is made once, and renewed at 80 % of its lifetime", async (context) => {
  const timers = clock(context);
  const credential = new TenantToken("t1", SECRET, { lifetimeSeconds: 100 });
  const [first, same] = await Promise.all([credential.token(), credential.token()]);
  assert.equal(first, same);
  timers.tick(79_999);
  assert.equal(await credential.token(), first);
  timers.tick(1);
  assert.equal(decodeJwt(await credential.token()).exp, START / 1000 + 180);
});

test("the signature is that of the security document", (context) => {
  context.mock.timers.enable({ apis: ["Date"], now: 1_767_225_600_000 });
  const body = Buffer.from(
    "0a2430313938633266302d356133622d376331642d386532662d303030303030303030303031" +
      "120757454c434f4d451a05616c696365",
    "hex",
  );
  const credential = new Hmac("t1", "ts_" + "A".repeat(43));
  assert.deepEqual(credential.headers("/phoenix_coupons.v1.CouponQuery/RedeemCoupon", body), {
    "x-tenant-id": "t1",
    "x-timestamp": "1767225600",
    "x-signature": "hmac-sha256=7eb98eb60e34ed44e429666168752694f454c083f14b4499c7317fa12f2d40d9",
  });
});

test("no string form shows the secret", async () => {
  const token = new TenantToken("t1", SECRET);
  const credentials = [
    new ApiKey(SECRET),
    new BearerToken(SECRET),
    new AdminToken("k1", SECRET),
    token,
    new Hmac("t1", SECRET),
  ];
  const jwt = await token.token();
  for (const credential of credentials) {
    const forms = [
      String(credential),
      JSON.stringify(credential),
      inspect(credential, { showHidden: true, depth: null }),
    ].join();
    assert.ok(!forms.includes(SECRET) && !forms.includes(jwt), forms);
  }
});

test("what can't be sent is refused, without a word of it", () => {
  for (const bad of ["", "two words", "line\n", "ключ"]) {
    for (const make of [
      () => new ApiKey(bad),
      () => new BearerToken(bad),
      () => new Hmac(bad, SECRET),
    ]) {
      assert.throws(make, (error: Error) => bad === "" || !error.message.includes(bad));
    }
  }
  assert.throws(() => new TenantToken("t1", ""), /signing key/);
  for (const lifetimeSeconds of [0, -1, 0.999, NaN, Infinity]) {
    assert.throws(() => new AdminToken("k1", SECRET, { lifetimeSeconds }), RangeError);
    assert.throws(() => new TenantToken("t1", SECRET, { lifetimeSeconds }), RangeError);
  }
});
