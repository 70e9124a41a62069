import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { ApiKeyCredential, CouponsClient, type ClientOptions } from "../src/index.js";
import { Service } from "./service.js";

const KEY = new ApiKeyCredential("pk_" + "1".repeat(43));

// Continuous integration has to have it.
const withoutOpenssl = !process.env["CI"] && spawnSync("openssl", ["version"]).status !== 0;

/** A key and a certificate of 127.0.0.1 that nobody but itself vouches for. */
function selfSigned() {
  const folder = mkdtempSync(join(tmpdir(), "tls-"));
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const request = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1";
  const subject = "-subj /CN=test -addext subjectAltName=IP:127.0.0.1";
  execFileSync(
    "openssl",
    [...request.split(" "), ...subject.split(" "), "-keyout", key, "-out", cert],
    { stdio: "ignore" },
  );
  const pair = { key: readFileSync(key), cert: readFileSync(cert) };
  rmSync(folder, { recursive: true });
  return pair;
}

test(
  "TLS: plain, mutual, and with a server that is not trusted",
  { skip: withoutOpenssl },
  async () => {
    const [server, own] = [selfSigned(), selfSigned()];
    await using service = await Service.start({ ...server, ca: own.cert, requestCert: true });
    const call = async (options: ClientOptions) => {
      using client = new CouponsClient(service.address, KEY, options);
      await client.query.validateCoupon({});
    };

    await call({ tls: { ca: server.cert, ...own } });
    assert.equal(service.received.length, 1);
    await assert.rejects(call({ tls: true }), { code: "UNAVAILABLE", message: /self-signed/ });
    await assert.rejects(call({ tls: { ca: server.cert } }), { code: "UNAVAILABLE" });
    await assert.rejects(call({}), { code: "UNAVAILABLE" });
    assert.equal(service.received.length, 1);
  },
);
