import { setTimeout as sleep } from "node:timers/promises";

import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { headerGrpcStatus, headerTimeout, parseTimeout } from "@connectrpc/connect/protocol-grpc";

const MAX_ATTEMPTS = 4;
const INITIAL_BACKOFF_MS = 100;
const MAX_BACKOFF_MS = 2000;

/**
 * Tries UNAVAILABLE again, as a gRPC retry policy does (gRFC A6): up to 4 attempts, 0.1 s to 2 s
 * apart. That is safe whatever the call, because mutations carry a `request_id`.
 */
export const retryUnavailable: Interceptor = (next) => async (request) => {
  const { timeoutMs } = parseTimeout(request.header.get(headerTimeout), Infinity);
  const start = performance.now();
  for (let attempt = 1; ; attempt++) {
    try {
      return await next(request);
    } catch (cause) {
      const error = request.signal.aborted ? cause : asUnavailableIfLost(cause);
      if (!isUnavailable(error) || attempt === MAX_ATTEMPTS) throw error;
    }
    await sleep(backoff(attempt), undefined, { signal: request.signal });
    if (timeoutMs !== undefined) {
      const left = Math.ceil(timeoutMs - (performance.now() - start));
      request.header.set(headerTimeout, `${Math.max(left, 1)}m`);
    }
  }
};

function isUnavailable(error: unknown): boolean {
  return error instanceof ConnectError && error.code === Code.Unavailable;
}

/**
 * gRPC calls a lost connection UNAVAILABLE. Connect tells the ways to lose it apart: a reset
 * stream is CANCELLED or ABORTED, other errors of Node.js, TLS among them, are INTERNAL.
 */
function asUnavailableIfLost(reason: unknown): unknown {
  const error = ConnectError.from(reason);
  const answered = error.metadata.has(headerGrpcStatus);
  const lost =
    error.code === Code.Canceled ||
    error.code === Code.Aborted ||
    (error.cause instanceof Error && "code" in error.cause);
  if (answered || !lost) return error;
  return new ConnectError(error.rawMessage, Code.Unavailable, undefined, undefined, error.cause);
}

/** Exponential, with the jitter of gRPC's connection backoff. */
function backoff(attempt: number): number {
  const delay = Math.min(INITIAL_BACKOFF_MS * 2 ** (attempt - 1), MAX_BACKOFF_MS);
  return delay * (0.8 + 0.4 * Math.random());
}
