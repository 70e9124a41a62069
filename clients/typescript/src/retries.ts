import { setTimeout as sleep } from "node:timers/promises";

import type { DescMessage } from "@bufbuild/protobuf";
import { Code, ConnectError, type Interceptor, type StreamRequest } from "@connectrpc/connect";
import { createLinkedAbortController } from "@connectrpc/connect/protocol";
import { headerGrpcStatus, headerTimeout, parseTimeout } from "@connectrpc/connect/protocol-grpc";

import { Replay } from "./replay.js";

const MAX_ATTEMPTS = 4;
const INITIAL_BACKOFF_MS = 100;
const MAX_BACKOFF_MS = 2000;

/**
 * Tries UNAVAILABLE again, as a gRPC retry policy does (gRFC A6): up to 4 attempts, 0.1 s to 2 s
 * apart. That is safe whatever the call, because mutations carry a `request_id`. A call with a
 * stream on either side is tried again until the service answers, for as long as all its requests
 * can be sent again.
 */
export const retryUnavailable: Interceptor = (next) => async (request) => {
  const { timeoutMs } = parseTimeout(request.header.get(headerTimeout), Infinity);
  const start = performance.now();
  const replay = request.stream ? new Replay(request.method.input, request.message) : undefined;
  for (let attempt = 1; ; attempt++) {
    try {
      return await (request.stream && replay
        ? attemptStream(next, request, replay)
        : next(request));
    } catch (cause) {
      const error = request.signal.aborted ? cause : asUnavailableIfLost(cause);
      if (!isUnavailable(error) || attempt === MAX_ATTEMPTS || replay?.possible === false) {
        throw error;
      }
    }
    await sleep(backoff(attempt), undefined, { signal: request.signal });
    if (timeoutMs !== undefined) {
      const left = Math.ceil(timeoutMs - (performance.now() - start));
      request.header.set(headerTimeout, `${Math.max(left, 1)}m`);
    }
  }
};

async function attemptStream(
  next: Parameters<Interceptor>[0],
  request: StreamRequest,
  replay: Replay<DescMessage>,
) {
  const attempt = createLinkedAbortController(request.signal);
  try {
    const response = await next({ ...request, signal: attempt.signal, message: replay.requests() });
    replay.end();
    return response;
  } catch (error) {
    // The failed attempt may be sending still.
    attempt.abort(error);
    throw error;
  }
}

function isUnavailable(error: unknown): boolean {
  return error instanceof ConnectError && error.code === Code.Unavailable;
}

/**
 * gRPC calls a lost connection UNAVAILABLE. Connect tells the ways to lose it apart: a reset
 * stream is CANCELLED or ABORTED, other errors of Node.js, TLS among them, are INTERNAL.
 */
export function asUnavailableIfLost(reason: unknown): unknown {
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
