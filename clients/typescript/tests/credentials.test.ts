import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { inspect } from "node:util";

import { decodeJwt, jwtVerify } from "jose";

import {
  AdminToken,
  ApiKeyCredential,
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
  assert.deepEqual(new ApiKeyCredential(SECRET).headers(), { "x-api-key": SECRET });
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

test("a token is made once, and renewed while a tenth of its lifetime is left", async (context) => {
  const timers = clock(context);
  const credential = new TenantToken("t1", SECRET, { lifetimeSeconds: 100 });
  const [first, same] = await Promise.all([credential.token(), credential.token()]);
  assert.equal(first, same);
  timers.tick(89_999);
  assert.equal(await credential.token(), first);
  timers.tick(1);
  assert.equal(decodeJwt(await credential.token()).exp, START / 1000 + 190);
});

test("a token of any lifetime is valid for a second yet, whenever it is asked for", async (context) => {
  const timers = clock(context);
  for (const lifetimeSeconds of [5, 5.5, 7.3, 9.999]) {
    const credential = new TenantToken("t1", SECRET, { lifetimeSeconds });
    for (let call = 0; call < 500; call++) {
      const { exp } = decodeJwt(await credential.token());
      assert.ok(exp! - Date.now() / 1000 >= 1, `${exp} at ${Date.now()}`);
      timers.tick(37);
    }
  }
});

test("a token is renewed by the wall clock, also when that is put back", async (context) => {
  const timers = clock(context);
  const credential = new TenantToken("t1", SECRET);
  const first = await credential.token();
  // A machine that was asleep: no other clock moves.
  timers.setTime(START + 3_600_000);
  const second = decodeJwt(await credential.token());
  assert.equal(second.iat, START / 1000 + 3600);
  timers.setTime(START);
  assert.equal(decodeJwt(await credential.token()).iat, START / 1000);
  assert.ok(first);
});

test("the skew is learnt from the time of a refusal", async (context) => {
  clock(context);
  const credential = new TenantToken("t1", SECRET);
  const sent = await credential.headers();
  assert.equal(credential.refused(sent, new Date(START + 3_600_000)), true);
  const exp = START / 1000 + 3600 + 600;
  assert.equal(decodeJwt(await credential.token()).exp, exp);
  // A late refusal of the old token does not make another one.
  const token = await credential.token();
  credential.refused(sent, undefined);
  assert.equal(await credential.token(), token);
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
    new ApiKeyCredential(SECRET),
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
      () => new ApiKeyCredential(bad),
      () => new BearerToken(bad),
      () => new Hmac(bad, SECRET),
    ]) {
      assert.throws(make, (error: Error) => bad === "" || !error.message.includes(bad));
    }
  }
  for (const short of ["", "ts_456789012345", undefined as unknown as string]) {
    for (const make of [
      () => new ApiKeyCredential(short),
      () => new AdminToken("k1", short),
      () => new TenantToken("t1", short),
      () => new Hmac("t1", short),
    ]) {
      assert.throws(make, (error: Error) => {
        assert.ok(!short || !inspect(error).includes(short));
        return error instanceof TypeError && error.message.includes("at least 16 characters");
      });
    }
  }
  for (const lifetimeSeconds of [0, -1, 4.999, NaN, Infinity]) {
    for (const make of [
      () => new AdminToken("k1", SECRET, { lifetimeSeconds }),
      () => new TenantToken("t1", SECRET, { lifetimeSeconds }),
    ]) {
      assert.throws(make, { name: "RangeError", message: /lifetimeSeconds must be at least 5/ });
    }
  }
});
