import type { Reason } from "./reasons.js";

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
