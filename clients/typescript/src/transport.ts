import { setMaxListeners } from "node:events";
import type { SecureClientSessionOptions } from "node:http2";

import type { DescMessage, DescMethodUnary, MessageInitShape } from "@bufbuild/protobuf";
import {
  Code,
  ConnectError,
  type ContextValues,
  type Transport,
  type UnaryResponse,
} from "@connectrpc/connect";
import { createNodeHttpClient, Http2SessionManager } from "@connectrpc/connect-node";
import { createLinkedAbortController } from "@connectrpc/connect/protocol";
import { createTransport } from "@connectrpc/connect/protocol-grpc";

import { authenticated } from "./authentication.js";
import type { Credential } from "./credentials.js";
import { fromConnectError } from "./grpc-errors.js";
import { fillRequestId } from "./request-ids.js";
import { retryUnavailable } from "./retries.js";

/** As much as the service sends: a page of large payloads outgrows gRPC's usual 4 MiB. */
const READ_MAX_BYTES = 64 * 1024 * 1024;
/** As much as the header `grpc-timeout` can say in milliseconds. */
const MAX_TIMEOUT_MS = 99_999_999;

/** Options of a client. */
export interface ClientOptions {
  /**
   * Milliseconds that a call may take with all its retries, unless the call says otherwise.
   * Default 5000.
   */
  readonly timeoutMs?: number;
  /**
   * `true` for TLS with the authorities that Node.js trusts, or the options of `tls.connect`:
   * `ca`, and `cert` and `key` for mutual TLS. Default: no encryption, for a trusted network
   * only.
   */
  readonly tls?: boolean | SecureClientSessionOptions;
}

/** A gRPC connection that adds what every call needs; calls that fail throw `CouponsError`. */
export class CouponsTransport implements Transport {
  readonly #sessions: Http2SessionManager;
  readonly #transport: Transport;
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
    this.#transport = createTransport({
      baseUrl,
      httpClient: authenticated(httpClient, credential),
      interceptors: [fillRequestId, retryUnavailable],
      useBinaryFormat: true,
      acceptCompression: [],
      sendCompression: null,
      compressMinBytes: 0,
      readMaxBytes: READ_MAX_BYTES,
      writeMaxBytes: 0xffffffff,
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
      return await this.#transport.unary(
        method,
        call.signal,
        timeout,
        header,
        input,
        contextValues,
      );
    } catch (error) {
      throw error instanceof ConnectError ? fromConnectError(error) : error;
    } finally {
      call.abort();
    }
  }

  stream(): Promise<never> {
    return Promise.reject(new TypeError("the service has no streaming calls"));
  }

  /** Closes the connection; calls under way, and later ones, are cancelled. */
  close(): void {
    this.#closing.abort(new ConnectError("the client is closed", Code.Canceled));
    this.#sessions.abort();
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
