import { setMaxListeners } from "node:events";
import type { SecureClientSessionOptions } from "node:http2";

import type {
  DescMessage,
  DescMethodStreaming,
  DescMethodUnary,
  MessageInitShape,
} from "@bufbuild/protobuf";
import {
  Code,
  ConnectError,
  type ContextValues,
  type StreamResponse,
  type Transport,
  type UnaryResponse,
} from "@connectrpc/connect";
import { createNodeHttpClient, Http2SessionManager } from "@connectrpc/connect-node";
import { createLinkedAbortController } from "@connectrpc/connect/protocol";
import { createTransport } from "@connectrpc/connect/protocol-grpc";

import { signed, unsigned } from "./authentication.js";
import type { Credential } from "./credentials.js";
import { toCouponsError } from "./grpc-errors.js";
import { fillRequestId } from "./request-ids.js";
import { Requests } from "./requests.js";
import { asUnavailableIfLost, retryUnavailable } from "./retries.js";

/** As much as servers of earlier releases send; those of today keep to gRPC's usual 4 MiB. */
const READ_MAX_BYTES = 64 * 1024 * 1024;
/** As much as the header `grpc-timeout` can say in milliseconds. */
const MAX_TIMEOUT_MS = 99_999_999;

/** Options of a client. */
export interface ClientOptions {
  /**
   * Milliseconds that a call with one request and one answer may take with all its retries, unless
   * the call says otherwise. Default 5000.
   */
  readonly timeoutMs?: number;
  /**
   * `true` for TLS with the authorities that Node.js trusts, or the options of `tls.connect`:
   * `ca`, and `cert` and `key` for mutual TLS. Default: no encryption, for a trusted network
   * only.
   */
  readonly tls?: boolean | SecureClientSessionOptions;
}

/**
 * A gRPC connection that adds what every call needs. Calls with one request and one answer that
 * fail throw `CouponsError`; those with streams what `createStub` makes one of.
 */
export class CouponsTransport implements Transport {
  readonly #sessions: Http2SessionManager;
  readonly #oneRequest: Transport;
  readonly #manyRequests: Transport;
  readonly #timeoutMs: number;
  readonly #closing = new AbortController();

  constructor(address: string, credential: Credential, { timeoutMs, tls }: ClientOptions) {
    const baseUrl = originOf(address, tls ? "https" : "http");
    this.#timeoutMs = requireTimeout(timeoutMs ?? 5000);
    // Every call under way listens.
    setMaxListeners(0, this.#closing.signal);
    this.#sessions = new Http2SessionManager(
      baseUrl,
      // Notices a dead connection before the system does; servers allow no ping without calls.
      { pingIntervalMs: 30_000, pingTimeoutMs: 10_000 },
      typeof tls === "object" ? tls : undefined,
    );
    const httpClient = createNodeHttpClient({
      httpVersion: "2",
      sessionProvider: () => this.#sessions,
    });
    const options = {
      baseUrl,
      interceptors: [fillRequestId, retryUnavailable],
      useBinaryFormat: true,
      acceptCompression: [],
      sendCompression: null,
      compressMinBytes: 0,
      readMaxBytes: READ_MAX_BYTES,
      writeMaxBytes: 0xffffffff,
    };
    this.#oneRequest = createTransport({ ...options, httpClient: signed(httpClient, credential) });
    this.#manyRequests = createTransport({
      ...options,
      httpClient: unsigned(httpClient, credential),
    });
  }

  async unary<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    signal: AbortSignal | undefined,
    timeoutMs: number | undefined,
    header: HeadersInit | undefined,
    input: MessageInitShape<I>,
    contextValues?: ContextValues,
  ): Promise<UnaryResponse<I, O>> {
    const timeout = timeoutMs === undefined ? this.#timeoutMs : requireTimeout(timeoutMs);
    const call = createLinkedAbortController(signal, this.#closing.signal);
    try {
      return await this.#oneRequest.unary(
        method,
        call.signal,
        timeout,
        header,
        input,
        contextValues,
      );
    } catch (error) {
      throw toCouponsError(error);
    } finally {
      call.abort();
    }
  }

  async stream<I extends DescMessage, O extends DescMessage>(
    method: DescMethodStreaming<I, O>,
    signal: AbortSignal | undefined,
    timeoutMs: number | undefined,
    header: HeadersInit | undefined,
    input: AsyncIterable<MessageInitShape<I>>,
    contextValues?: ContextValues,
  ): Promise<StreamResponse<I, O>> {
    const transport =
      method.methodKind === "server_streaming" ? this.#oneRequest : this.#manyRequests;
    const timeout = timeoutMs === undefined ? undefined : requireTimeout(timeoutMs);
    const call = createLinkedAbortController(signal, this.#closing.signal);
    const requests = new Requests(input);
    const causeOf = (error: unknown): unknown => {
      if (requests.failure) return requests.failure.cause;
      return call.signal.aborted ? error : asUnavailableIfLost(error);
    };
    try {
      const response = await transport.stream(
        method,
        call.signal,
        timeout,
        header,
        requests.all(),
        contextValues,
      );
      return { ...response, message: untilDone(response.message, call, causeOf) };
    } catch (error) {
      const cause = causeOf(error);
      call.abort();
      throw cause;
    }
  }

  /** Closes the connection; calls under way, and later ones, are cancelled. */
  close(): void {
    this.#closing.abort(new ConnectError("the client is closed", Code.Canceled));
    this.#sessions.abort();
  }
}

async function* untilDone<Message>(
  messages: AsyncIterable<Message>,
  call: AbortController,
  causeOf: (error: unknown) => unknown,
) {
  try {
    yield* messages;
  } catch (error) {
    throw causeOf(error);
  } finally {
    call.abort();
  }
}

function originOf(address: string, scheme: string): string {
  const url = URL.canParse(`${scheme}://${address}`)
    ? new URL(`${scheme}://${address}`)
    : undefined;
  if (!url || url.href !== `${url.origin}/` || !/:\d+$/.test(address)) {
    throw new TypeError("the address must be host:port");
  }
  return url.origin;
}

function requireTimeout(timeoutMs: number): number {
  if (!Number.isInteger(timeoutMs) || timeoutMs < 1 || timeoutMs > MAX_TIMEOUT_MS) {
    throw new RangeError(`timeoutMs must be a whole number from 1 to ${MAX_TIMEOUT_MS}`);
  }
  return timeoutMs;
}
