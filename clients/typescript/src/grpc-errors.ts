import { durationMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";

import { CouponsError, type StatusCode } from "./errors.js";
import {
  BadRequestSchema,
  ErrorInfoSchema,
  RetryInfoSchema,
} from "./gen/google/rpc/error_details_pb.js";
import { asUnavailableIfLost, naming } from "./lost-connections.js";

/** What Connect calls each gRPC status code, in gRPC's own words. */
const STATUS_CODES: Readonly<Record<Code, StatusCode>> = {
  [Code.Canceled]: "CANCELLED",
  [Code.Unknown]: "UNKNOWN",
  [Code.InvalidArgument]: "INVALID_ARGUMENT",
  [Code.DeadlineExceeded]: "DEADLINE_EXCEEDED",
  [Code.NotFound]: "NOT_FOUND",
  [Code.AlreadyExists]: "ALREADY_EXISTS",
  [Code.PermissionDenied]: "PERMISSION_DENIED",
  [Code.ResourceExhausted]: "RESOURCE_EXHAUSTED",
  [Code.FailedPrecondition]: "FAILED_PRECONDITION",
  [Code.Aborted]: "ABORTED",
  [Code.OutOfRange]: "OUT_OF_RANGE",
  [Code.Unimplemented]: "UNIMPLEMENTED",
  [Code.Internal]: "INTERNAL",
  [Code.Unavailable]: "UNAVAILABLE",
  [Code.DataLoss]: "DATA_LOSS",
  [Code.Unauthenticated]: "UNAUTHENTICATED",
};

/** What a call knows of itself when it fails. */
export interface Circumstances {
  /** `host:port` of the service. */
  readonly host: string;
  /** Whether the caller aborted the call, or closed the client. */
  readonly isAborted: boolean;
  readonly requestId: string;
}

/** Translates an error of Connect; another one is the caller's own. */
export function toCouponsError(error: unknown, circumstances?: Circumstances): unknown {
  if (!(error instanceof ConnectError)) return error;
  if (!circumstances) return fromConnectError(error, error.rawMessage, "");
  const { host, isAborted, requestId } = circumstances;
  if (isAborted) return fromConnectError(error, error.rawMessage, requestId);
  const lost = asUnavailableIfLost(error);
  return fromConnectError(lost, naming(host, lost), requestId);
}

function fromConnectError(error: ConnectError, message: string, requestId: string): CouponsError {
  const [info] = error.findDetails(ErrorInfoSchema);
  const [badRequest] = error.findDetails(BadRequestSchema);
  const [retry] = error.findDetails(RetryInfoSchema);
  const code = STATUS_CODES[error.code];
  return new CouponsError(message || code, {
    code,
    reason: info?.reason,
    metadata: info?.metadata,
    fieldViolations: badRequest?.fieldViolations.map(({ field, description }) => ({
      field,
      description,
    })),
    retryDelayMs: retry?.retryDelay && durationMs(retry.retryDelay),
    callId: error.metadata.get("x-request-id") ?? "",
    requestId,
    cause: error,
  });
}
