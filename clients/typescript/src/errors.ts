import type { ErrorReason } from "./gen/phoenix_coupons/v1/error_reason_pb.js";

/** Why a call failed: the names of `phoenix_coupons.v1.ErrorReason`. */
export type Reason = Exclude<keyof typeof ErrorReason, "ERROR_REASON_UNSPECIFIED">;

/** Why a call failed: the names of `phoenix_coupons.v1.ErrorReason`. */
export const Reason = {
  COUPON_NOT_FOUND: "COUPON_NOT_FOUND",
  COUPON_NOT_YET_ACTIVE: "COUPON_NOT_YET_ACTIVE",
  COUPON_EXPIRED: "COUPON_EXPIRED",
  COUPON_ALREADY_REDEEMED: "COUPON_ALREADY_REDEEMED",
  COUPON_LIMIT_REACHED: "COUPON_LIMIT_REACHED",
  COUPON_REVOKED: "COUPON_REVOKED",
  COUPON_NOT_ASSIGNED: "COUPON_NOT_ASSIGNED",
  COUPON_UNAVAILABLE: "COUPON_UNAVAILABLE",
  REQUEST_ID_REUSED: "REQUEST_ID_REUSED",
  INVALID_FIELD: "INVALID_FIELD",
  MALFORMED_MESSAGE: "MALFORMED_MESSAGE",
  INVALID_PAGE_TOKEN: "INVALID_PAGE_TOKEN",
  CREDENTIAL_INVALID: "CREDENTIAL_INVALID",
  CREDENTIAL_NOT_ALLOWED: "CREDENTIAL_NOT_ALLOWED",
  TOO_MANY_ATTEMPTS: "TOO_MANY_ATTEMPTS",
  RATE_LIMITED: "RATE_LIMITED",
  QUOTA_EXCEEDED: "QUOTA_EXCEEDED",
  REWARD_ITEM_NOT_FOUND: "REWARD_ITEM_NOT_FOUND",
  REWARD_ITEM_IN_USE: "REWARD_ITEM_IN_USE",
  DEFINITION_NOT_FOUND: "DEFINITION_NOT_FOUND",
  DEFINITION_ARCHIVED: "DEFINITION_ARCHIVED",
  DEFINITION_PAUSED: "DEFINITION_PAUSED",
  DEFINITION_EXPIRED: "DEFINITION_EXPIRED",
  DEFINITION_FIELD_FIXED: "DEFINITION_FIELD_FIXED",
  LIMIT_BELOW_USAGE: "LIMIT_BELOW_USAGE",
  ETAG_MISMATCH: "ETAG_MISMATCH",
  CODE_TAKEN: "CODE_TAKEN",
  KEY_SPACE_TOO_SMALL: "KEY_SPACE_TOO_SMALL",
  ISSUE_LIMIT_REACHED: "ISSUE_LIMIT_REACHED",
  REDEMPTION_NOT_FOUND: "REDEMPTION_NOT_FOUND",
  REDEMPTION_NOT_REVERSIBLE: "REDEMPTION_NOT_REVERSIBLE",
  API_KEY_NOT_FOUND: "API_KEY_NOT_FOUND",
  TENANT_SECRET_NOT_FOUND: "TENANT_SECRET_NOT_FOUND",
  TENANT_SECRET_CURRENT: "TENANT_SECRET_CURRENT",
  SECRET_NOT_SHOWN_AGAIN: "SECRET_NOT_SHOWN_AGAIN",
  WEBHOOK_ENDPOINT_NOT_FOUND: "WEBHOOK_ENDPOINT_NOT_FOUND",
  WEBHOOK_ENDPOINT_LIMIT_REACHED: "WEBHOOK_ENDPOINT_LIMIT_REACHED",
  WEBHOOK_EVENT_NOT_FOUND: "WEBHOOK_EVENT_NOT_FOUND",
  TRIGGER_LIMIT_REACHED: "TRIGGER_LIMIT_REACHED",
  GENERATION_NOT_FOUND: "GENERATION_NOT_FOUND",
  REVOCATION_NOT_FOUND: "REVOCATION_NOT_FOUND",
  TOO_MANY_JOBS: "TOO_MANY_JOBS",
  TOO_MANY_STREAMS: "TOO_MANY_STREAMS",
  INTERNAL_FAULT: "INTERNAL_FAULT",
  SERVICE_UNAVAILABLE: "SERVICE_UNAVAILABLE",
  PATH_NOT_FOUND: "PATH_NOT_FOUND",
  METHOD_NOT_ALLOWED: "METHOD_NOT_ALLOWED",
  BODY_TOO_LARGE: "BODY_TOO_LARGE",
  DEADLINE_EXCEEDED: "DEADLINE_EXCEEDED",
} as const satisfies { [Name in Reason]: Name };

/** The names of the gRPC status codes that a failed call can have. */
export type StatusCode =
  | "CANCELLED"
  | "UNKNOWN"
  | "INVALID_ARGUMENT"
  | "DEADLINE_EXCEEDED"
  | "NOT_FOUND"
  | "ALREADY_EXISTS"
  | "PERMISSION_DENIED"
  | "RESOURCE_EXHAUSTED"
  | "FAILED_PRECONDITION"
  | "ABORTED"
  | "OUT_OF_RANGE"
  | "UNIMPLEMENTED"
  | "INTERNAL"
  | "UNAVAILABLE"
  | "DATA_LOSS"
  | "UNAUTHENTICATED";

/** A request field that broke a rule. */
export interface InvalidField {
  readonly field: string;
  readonly description: string;
}

/** What a {@link CouponsError} knows besides its message. */
export interface CouponsErrorInit {
  readonly code: StatusCode;
  readonly reason?: string | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly fieldViolations?: readonly InvalidField[] | undefined;
  readonly retryDelayMs?: number | undefined;
  readonly callId?: string | undefined;
  readonly requestId?: string | undefined;
  readonly cause?: unknown;
}

/** A call that failed. */
export class CouponsError extends Error {
  override readonly name = "CouponsError";
  /**
   * The gRPC status. UNAVAILABLE and DEADLINE_EXCEEDED: no answer in time or at all; a
   * mutation may have happened, and sent again with the same `requestId` it happens once.
   */
  readonly code: StatusCode;
  /**
   * One of `Reason`, or a name newer than this client; empty when the call never got an answer
   * from the service.
   */
  readonly reason: Reason | (string & {});
  /** What the reason is about, such as `field` or `coupon_id`. */
  readonly metadata: Readonly<Record<string, string>>;
  /** The request fields that broke a rule, at most 20. */
  readonly fieldViolations: readonly InvalidField[];
  /** How many milliseconds to wait before another try, where the service said so. */
  readonly retryDelayMs: number | undefined;
  /** Names the call in the service's logs; quote it to support. Empty without an answer. */
  readonly callId: string;
  /**
   * The `request_id` that was sent, the caller's or one that the client chose; over REST the
   * `Idempotency-Key`. Sent again with the same request it has one effect. Empty if the request
   * has none.
   */
  readonly requestId: string;

  constructor(message: string, init: CouponsErrorInit) {
    super(message, init.cause === undefined ? undefined : { cause: init.cause });
    this.code = init.code;
    this.reason = init.reason ?? "";
    this.metadata = init.metadata ?? {};
    this.fieldViolations = init.fieldViolations ?? [];
    this.retryDelayMs = init.retryDelayMs;
    this.callId = init.callId ?? "";
    this.requestId = init.requestId ?? "";
  }
}
