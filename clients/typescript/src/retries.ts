import { setTimeout as sleep } from "node:timers/promises";

import { durationMs } from "@bufbuild/protobuf/wkt";
import {
  Code,
  ConnectError,
  type Interceptor,
  type StreamRequest,
  type UnaryRequest,
} from "@connectrpc/connect";
import { createAsyncIterable } from "@connectrpc/connect/protocol";
import { headerTimeout, parseTimeout } from "@connectrpc/connect/protocol-grpc";

import type { Authentication } from "./authentication.js";
import { RetryInfoSchema } from "./gen/google/rpc/error_details_pb.js";
import { asUnavailableIfLost } from "./lost-connections.js";
import type { Settings } from "./options.js";

const PUSHBACK = "grpc-retry-pushback-ms";

/**
 * Attempts UNAVAILABLE again, as a gRPC retry policy does (gRFC A6), and a credential that was
 * refused once more with a new one. That is safe whatever the call, because mutations carry a
 * `request_id`. A stream of answers is attempted again until the service answers; a stream of
 * requests never, because its requests are gone.
 *
 * The delay is the one that the service asks for (RetryInfo, `grpc-retry-pushback-ms`), or the
 * backoff. Where it would pass the deadline, the error is thrown at once.
 */
export function retrying(settings: Settings, authentication: Authentication): Interceptor {
  return (next) => async (request) => {
    if (hasManyRequests(request)) {
      return next(request).catch((error: unknown) => {
        // The next call shall have a new credential.
        if (error instanceof ConnectError) authentication.renew(request.header, error);
        throw error;
      });
    }
    const attempt = await repeatable(request);
    const deadline = deadlineOf(request.header);
    let renewed = false;
    for (let attempts = 1; ;) {
      try {
        return await next(attempt());
      } catch (cause) {
        if (request.signal.aborted) throw cause;
        const error = asUnavailableIfLost(cause);
        if (!renewed && authentication.renew(request.header, error)) {
          renewed = true;
          continue;
        }
        const delay = attempts < settings.maxAttempts ? delayAfter(error, attempts, settings) : -1;
        if (delay < 0 || performance.now() + delay >= deadline) throw error;
        attempts++;
        await sleep(delay, undefined, { signal: request.signal });
      }
      if (deadline < Infinity) {
        const left = Math.ceil(deadline - performance.now());
        request.header.set(headerTimeout, `${Math.max(left, 1)}m`);
      }
    }
  };
}

type AnyRequest = UnaryRequest | StreamRequest;

function hasManyRequests({ stream, method }: AnyRequest): boolean {
  return stream && method.methodKind !== "server_streaming";
}

/** The request as often as it is asked for; Connect's can be read once. */
async function repeatable(request: AnyRequest): Promise<() => AnyRequest> {
  if (!request.stream) return () => request;
  const messages: (typeof request.message extends AsyncIterable<infer Message>
    ? Message
    : never)[] = [];
  for await (const message of request.message) messages.push(message);
  return () => ({ ...request, message: createAsyncIterable(messages) });
}

/** By the clock of `performance`. */
function deadlineOf(header: Headers): number {
  const { timeoutMs } = parseTimeout(header.get(headerTimeout), Infinity);
  return timeoutMs === undefined ? Infinity : performance.now() + timeoutMs;
}

/** Milliseconds before the next attempt; negative for none. */
function delayAfter(error: ConnectError, attempts: number, settings: Settings): number {
  if (error.code !== Code.Unavailable) return -1;
  const pushback = error.metadata.get(PUSHBACK);
  // What is no number is a reason to stop (gRFC A6).
  if (pushback !== null) return /^\d+$/.test(pushback) ? Number(pushback) : -1;
  const [retry] = error.findDetails(RetryInfoSchema);
  if (retry?.retryDelay) return Math.max(0, durationMs(retry.retryDelay));
  const backoff = settings.initialBackoffMs * 2 ** (attempts - 1) * (0.8 + 0.4 * Math.random());
  return Math.min(backoff, settings.maxBackoffMs);
}
