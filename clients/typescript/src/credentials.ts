import { SignJWT, type JWTPayload } from "jose";

import { headerValue } from "./header-value.js";
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
}

/** An API key, sent as it is. For the back office: `admin` and `tenants`. */
export class ApiKey implements Credential {
  readonly #value: string;

  constructor(value: string) {
    this.#value = headerValue("the API key", value);
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
    return { authorization: `Bearer ${this.#value}` };
  }
}

/** Options of tokens that are made here. */
export interface TokenOptions {
  /** How long each token is valid, in seconds, at least 1. Default 600. */
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

/** A JWT (RFC 7519) signed here with HS256, replaced before it expires. */
class MintedToken implements Credential {
  readonly #claims: JWTPayload;
  readonly #key: Uint8Array;
  readonly #lifetime: number;
  #token: Promise<string> = Promise.resolve("");
  #renewAt = 0;

  constructor(claims: JWTPayload, key: string, { lifetimeSeconds = 600 }: TokenOptions) {
    if (!key) throw new TypeError("the signing key must not be empty");
    if (!(lifetimeSeconds >= 1 && lifetimeSeconds < Infinity)) {
      throw new RangeError("lifetimeSeconds must be at least 1, and finite");
    }
    this.#claims = claims;
    this.#key = new TextEncoder().encode(key);
    this.#lifetime = lifetimeSeconds;
  }

  /** Returns a token that is valid for at least a fifth of the lifetime. */
  token(): Promise<string> {
    const now = Date.now() / 1000;
    if (now >= this.#renewAt) {
      this.#renewAt = now + 0.8 * this.#lifetime;
      this.#token = new SignJWT(this.#claims)
        .setProtectedHeader({ alg: "HS256", typ: "JWT" })
        .setIssuedAt(Math.floor(now))
        .setExpirationTime(Math.floor(now + this.#lifetime))
        .sign(this.#key);
    }
    return this.#token;
  }

  async headers(): Promise<Record<string, string>> {
    return { authorization: `Bearer ${await this.token()}` };
  }
}

/**
 * An admin JWT signed with an API key, which itself never travels. For the back office: `admin`
 * and `tenants`.
 */
export class AdminToken extends MintedToken {
  constructor(keyId: string, key: string, options: TokenOptions = {}) {
    super({ sub_type: "admin", sub_id: keyId }, key, options);
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
    super({ sub_type: "tenant", sub_id: tenantId, ...user }, secret, options);
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
    this.#secret = secret;
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
