import { Code, ConnectError } from "@connectrpc/connect";
import { headerGrpcStatus } from "@connectrpc/connect/protocol-grpc";

/** What Node.js calls the ways to lose a connection, or to get none, in words. */
const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nobody listens there",
  ECONNRESET: "the other side reset the connection",
  EPIPE: "the other side closed the connection",
  ENOTFOUND: "the host name is unknown",
  EAI_AGAIN: "the host name could not be resolved for now",
  ETIMEDOUT: "nothing came from there in time",
  EHOSTUNREACH: "there is no route to the host",
  ENETUNREACH: "there is no route to the network",
  ERR_HTTP2_GOAWAY_SESSION: "the other side is closing the connection",
  ERR_HTTP2_ERROR: "the other side does not speak HTTP/2 without TLS",
};

/** Connect's own words for a stream or connection that ended without an answer. */
const ENDED = /^(http\/2 stream closed|http\/2 connection closed|received GOAWAY)/;
const CUT_OFF = /^protocol error: (missing status|promised \d+ bytes|premature end)/;

/**
 * gRPC calls a lost connection UNAVAILABLE. Connect tells the ways to lose it apart: a reset
 * stream is CANCELLED or ABORTED, other errors of Node.js, TLS among them, are INTERNAL.
 */
export function asUnavailableIfLost(reason: unknown): ConnectError {
  const error = ConnectError.from(reason);
  if (error.metadata.has(headerGrpcStatus)) return error;
  const lost =
    error.code === Code.Canceled ||
    error.code === Code.Aborted ||
    ENDED.test(error.rawMessage) ||
    CUT_OFF.test(error.rawMessage) ||
    (error.cause instanceof Error && "code" in error.cause);
  if (!lost) return error;
  return new ConnectError(error.rawMessage, Code.Unavailable, undefined, undefined, error.cause);
}

/** What happened, in words that name the address if no answer came from it. */
export function naming(host: string, error: ConnectError): string {
  if (error.metadata.has(headerGrpcStatus)) return error.rawMessage;
  if (error.code === Code.DeadlineExceeded) {
    return `The service at ${host} did not answer within the timeout`;
  }
  if (error.code !== Code.Unavailable) return error.rawMessage;
  const { code, message } = systemError(error.cause) ?? { code: "", message: error.rawMessage };
  const why = WORDS[code] ?? message;
  return `The service at ${host} cannot be reached: ${why}${code && ` (${code})`}`;
}

/** The innermost error with a code of the system's; that of several addresses is the first's. */
function systemError(cause: unknown): { code: string; message: string } | undefined {
  if (!(cause instanceof Error)) return undefined;
  const inner = cause instanceof AggregateError ? (cause.errors as unknown[])[0] : cause.cause;
  const found = systemError(inner);
  if (found) return found;
  const { code } = cause as { code?: unknown };
  return typeof code === "string" ? { code, message: cause.message } : undefined;
}
