import type { DescService } from "@bufbuild/protobuf";
import {
  Code,
  ConnectError,
  createClient,
  type CallOptions,
  type Client,
  type Transport,
} from "@connectrpc/connect";
import { createLinkedAbortController } from "@connectrpc/connect/protocol";

import { toCouponsError } from "./grpc-errors.js";

type ManyAnswers = (request: unknown, options?: CallOptions) => AsyncIterable<unknown>;
type OneAnswer = (requests: unknown, options?: CallOptions) => Promise<unknown>;

/** A service's methods. Connect's streams throw its own errors, and go on when a loop is left. */
export function createStub<Service extends DescService>(
  service: Service,
  transport: Transport,
): Client<Service> {
  const stub = createClient(service, transport) as Record<string, ManyAnswers | OneAnswer>;
  for (const { localName, methodKind } of service.methods) {
    if (methodKind === "client_streaming") {
      stub[localName] = throwing(stub[localName] as OneAnswer);
    } else if (methodKind !== "unary") {
      stub[localName] = leavable(stub[localName] as ManyAnswers);
    }
  }
  return stub as Client<Service>;
}

function throwing(call: OneAnswer): OneAnswer {
  return async (requests, options) => {
    try {
      return await call(requests, options);
    } catch (error) {
      throw toCouponsError(error);
    }
  };
}

/** The call begins when its first answer is asked for, so that one that nobody reads never does. */
function leavable(call: ManyAnswers): ManyAnswers {
  return async function* (request, options) {
    const leaving = createLinkedAbortController(options?.signal);
    try {
      yield* call(request, { ...options, signal: leaving.signal });
    } catch (error) {
      throw toCouponsError(error);
    } finally {
      leaving.abort(new ConnectError("the stream was left", Code.Canceled));
    }
  };
}
