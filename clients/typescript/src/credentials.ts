import { SignJWT, type JWTPayload } from "jose";

import { headerValue, secretValue } from "./header-value.js";
import { signature } from "./signature.js";

/** What a client needs of a credential; an object of your own will do. */
export interface Credential {
  /**
   * Returns the headers that authenticate one call.
   *
   * @param path the full gRPC path, `/package.Service/Method`
   * @param body the exact bytes of the request message
   */
  headers(path: string, body: Uint8Array): Record<string, string> | Promise<Record<string, string>>;

  /**
   * Takes note that the service refused these headers (CREDENTIAL_INVALID), and returns whether
   * `headers()` will now return others, with which the call is made once more. Optional.
   *
   * @param sent what `headers()` returned
   * @param serviceTime the `date` of the answer, where it has one
   */
  refused?(sent: Readonly<Record<string, string>>, serviceTime: Date | undefined): boolean;
}

/** An API key, sent as it is. For the back office: `admin` and `tenants`. */
export class ApiKeyCredential implements Credential {
  readonly #value: string;

  constructor(value: string) {
    this.#value = headerValue("the API key", secretValue("the API key", value));
  }

  headers(): Record<string, string> {
    return { "x-api-key": this.#value };
  }
}

/** A ready-made JWT, such as one that a backend gave to an app. */
export class BearerToken implements Credential {
  readonly #value: string;

  constructor(value: string) {
    this.#value = headerValue("the token", value);
  }

  headers(): Record<string, string> {
    return authorization(this.#value);
  }
}

/** Options of tokens that are made here. */
export interface TokenOptions {
  /** How long each token is valid, in seconds, at least 5. Default 600. */
  readonly lifetimeSeconds?: number;
}

/** Options of a {@link TenantToken}. */
export interface TenantTokenOptions extends TokenOptions {
  /**
   * Confines the token to this user, and must not be empty. Default: the whole tenant, but only
   * if the option is absent: one that is undefined is refused, for it may be a mistake.
   */
  readonly userId?: string;
}

const SHORTEST_LIFETIME = 5;

/** `date` has whole seconds; what is less is no skew. */
const LEAST_SKEW = 2;

/**
 * A JWT (RFC 7519) signed here with HS256, and replaced, by the wall clock, while it is valid for a
 * tenth of its lifetime yet, or for a second: `exp` has whole seconds.
 */
class MintedToken implements Credential {
  readonly #claims: JWTPayload;
  readonly #key: Uint8Array;
  readonly #lifetime: number;
  #token: Promise<string> = Promise.resolve("");
  #issuedAt = 0;
  #renewAt = 0;
  /** The headers with the current token. */
  #sent: Record<string, string> = {};
  /** Seconds by which the service's clock is ahead of this one. */
  #skew = 0;

  constructor(claims: JWTPayload, key: string, { lifetimeSeconds = 600 }: TokenOptions) {
    if (!(lifetimeSeconds >= SHORTEST_LIFETIME && lifetimeSeconds < Infinity)) {
      throw new RangeError(`lifetimeSeconds must be at least ${SHORTEST_LIFETIME}, and finite`);
    }
    this.#claims = claims;
    this.#key = new TextEncoder().encode(key);
    this.#lifetime = lifetimeSeconds;
  }

  /** Returns a token that is valid for a tenth of the lifetime yet, and at least for a second. */
  token(): Promise<string> {
    const now = Date.now() / 1000 + this.#skew;
    // A clock that was put back makes tokens of the future.
    if (now >= this.#renewAt || now < this.#issuedAt) this.#mint(now);
    return this.#token;
  }

  async headers(): Promise<Record<string, string>> {
    const minted = this.token();
    const headers = authorization(await minted);
    if (minted === this.#token) this.#sent = headers;
    return headers;
  }

  refused(sent: Readonly<Record<string, string>>, serviceTime: Date | undefined): boolean {
    if (serviceTime) {
      const skew = (serviceTime.getTime() - Date.now()) / 1000;
      this.#skew = Math.abs(skew) < LEAST_SKEW ? 0 : skew;
    }
    // Of many calls that were refused with one token, the first renews it.
    if (sent["authorization"] === this.#sent["authorization"]) this.#renewAt = 0;
    return true;
  }

  #mint(now: number): void {
    this.#issuedAt = Math.floor(now);
    const expiresAt = Math.floor(now + this.#lifetime);
    this.#renewAt = expiresAt - Math.max(1, 0.1 * this.#lifetime);
    this.#token = new SignJWT(this.#claims)
      .setProtectedHeader({ alg: "HS256", typ: "JWT" })
      .setIssuedAt(this.#issuedAt)
      .setExpirationTime(expiresAt)
      .sign(this.#key);
  }
}

function authorization(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` };
}

/**
 * An admin JWT signed with an API key, which itself never travels. For the back office: `admin`
 * and `tenants`.
 */
export class AdminToken extends MintedToken {
  constructor(keyId: string, key: string, options: TokenOptions = {}) {
    super({ sub_type: "admin", sub_id: keyId }, secretValue("the API key", key), options);
  }
}

/**
 * A tenant JWT signed with the tenant secret. For `query` and `events`.
 *
 * With `userId` it reaches that user's data alone: `token()` is then what a backend hands to a
 * browser.
 */
export class TenantToken extends MintedToken {
  constructor(tenantId: string, secret: string, options: TenantTokenOptions = {}) {
    const user = "userId" in options ? { user_id: userIdOf(options) } : {};
    const key = secretValue("the tenant secret", secret);
    super({ sub_type: "tenant", sub_id: tenantId, ...user }, key, options);
  }
}

function userIdOf({ userId }: TenantTokenOptions): string {
  if (typeof userId !== "string" || !userId) {
    throw new TypeError("userId must be a string, and not empty");
  }
  return userId;
}

/**
 * A signature (HMAC-SHA256, RFC 2104) of every request with the tenant secret. For `query` and
 * `events`. The service accepts it within 300 s of its own clock.
 */
export class Hmac implements Credential {
  readonly #tenantId: string;
  readonly #secret: string;

  constructor(tenantId: string, secret: string) {
    this.#tenantId = headerValue("the tenant id", tenantId);
    this.#secret = secretValue("the tenant secret", secret);
  }

  headers(path: string, body: Uint8Array): Record<string, string> {
    const timestamp = Math.floor(Date.now() / 1000).toString();
    return {
      "x-tenant-id": this.#tenantId,
      "x-timestamp": timestamp,
      "x-signature": signature(this.#secret, "POST", path, timestamp, body),
    };
  }
}
