/// <reference lib="esnext.disposable" preserve="true" />
import type { Client } from "@connectrpc/connect";

import type { Credential } from "./credentials.js";
import { CouponAdmin } from "./gen/phoenix_coupons/v1/coupon_admin_pb.js";
import { CouponJobs } from "./gen/phoenix_coupons/v1/coupon_jobs_pb.js";
import { CouponQuery } from "./gen/phoenix_coupons/v1/coupon_query_pb.js";
import { EventIngest } from "./gen/phoenix_coupons/v1/event_ingest_pb.js";
import { GrantDelivery } from "./gen/phoenix_coupons/v1/grant_delivery_pb.js";
import { TenantAdmin } from "./gen/phoenix_coupons/v1/tenant_admin_pb.js";
import { createStub } from "./stub.js";
import type { ClientOptions } from "./options.js";
import { CouponsTransport } from "./transport.js";

/**
 * The service over one gRPC connection, which is opened by the first call, and again by the first
 * one after it was lost.
 *
 * Calls that fail throw a `CouponsError`. Those that fail with UNAVAILABLE are attempted up to 4
 * times within their timeout; to that end, a mutation without a `requestId` is given one.
 *
 * Streams are async iterables of messages, in both directions. They have no default timeout. A
 * stream of answers is attempted again until the service answers, a stream of requests never. A
 * stream of answers begins when its first one is asked for; leaving its loop cancels it, as its
 * `signal` does.
 */
export class CouponsClient implements Disposable {
  /** A tenant's back office. Takes `ApiKeyCredential` and `AdminToken`. */
  readonly admin: Client<typeof CouponAdmin>;
  /** What is too much for one call. Takes `ApiKeyCredential` and `AdminToken`. */
  readonly jobs: Client<typeof CouponJobs>;
  /** A tenant's backends and apps. Takes `TenantToken` and `Hmac`. */
  readonly query: Client<typeof CouponQuery>;
  /** What users have reached. Takes `TenantToken` and `Hmac`. */
  readonly events: Client<typeof EventIngest>;
  /** The stream of a tenant's events. Takes `TenantToken`, and but for the stream `Hmac`. */
  readonly grants: Client<typeof GrantDelivery>;
  /** A tenant's operators. Takes `ApiKeyCredential` and `AdminToken`. */
  readonly tenants: Client<typeof TenantAdmin>;
  readonly #transport: CouponsTransport;

  /**
   * @param address `host:port`, or a URL such as `https://host:port`; never by way of a proxy
   * @param credential what the service takes, see the attributes; `BearerToken` for any
   */
  constructor(address: string, credential: Credential, options: ClientOptions = {}) {
    this.#transport = new CouponsTransport(address, credential, options);
    this.admin = createStub(CouponAdmin, this.#transport);
    this.jobs = createStub(CouponJobs, this.#transport);
    this.query = createStub(CouponQuery, this.#transport);
    this.events = createStub(EventIngest, this.#transport);
    this.grants = createStub(GrantDelivery, this.#transport);
    this.tenants = createStub(TenantAdmin, this.#transport);
  }

  /** Closes the connection; calls under way are cancelled, and so is each later one. */
  close(): void {
    this.#transport.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
