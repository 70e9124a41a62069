import { setMaxListeners } from "node:events";

import type {
  DescMessage,
  DescMethod,
  DescMethodStreaming,
  DescMethodUnary,
  MessageInitShape,
} from "@bufbuild/protobuf";
import {
  Code,
  ConnectError,
  createContextValues,
  type ContextValues,
  type StreamResponse,
  type Transport,
  type UnaryResponse,
} from "@connectrpc/connect";
import { createNodeHttpClient } from "@connectrpc/connect-node";
import { createLinkedAbortController } from "@connectrpc/connect/protocol";
import { createTransport } from "@connectrpc/connect/protocol-grpc";

import { targetOf, type Target } from "./address.js";
import { Authentication } from "./authentication.js";
import type { Credential } from "./credentials.js";
import { toCouponsError } from "./grpc-errors.js";
import { settingsOf, wholeNumber, type ClientOptions, type Settings } from "./options.js";
import { fillRequestId, requestId } from "./request-ids.js";
import { Requests } from "./requests.js";
import { retrying } from "./retries.js";
import { Sessions } from "./sessions.js";
import { withDecisiveStatus } from "./statuses.js";

/** As much as servers of earlier releases send; those of today keep to gRPC's usual 4 MiB. */
const READ_MAX_BYTES = 64 * 1024 * 1024;

/** A gRPC connection that adds what every call needs. Calls that fail throw `CouponsError`. */
export class CouponsTransport implements Transport {
  readonly #target: Target;
  readonly #settings: Settings;
  readonly #sessions: Sessions;
  readonly #oneRequest: Transport;
  readonly #manyRequests: Transport;
  readonly #closing = new AbortController();

  constructor(address: string, credential: Credential, options: ClientOptions) {
    const tls = options.tls === undefined ? undefined : options.tls !== false;
    this.#target = targetOf(address, tls);
    this.#settings = settingsOf(options);
    // Every call under way listens.
    setMaxListeners(0, this.#closing.signal);
    const tlsOptions = typeof options.tls === "object" ? options.tls : undefined;
    this.#sessions = new Sessions(this.#target.origin, this.#settings, tlsOptions);
    const send = withDecisiveStatus(
      createNodeHttpClient({ httpVersion: "2", sessionProvider: () => this.#sessions }),
    );
    const authentication = new Authentication(credential);
    const common = {
      baseUrl: this.#target.origin,
      interceptors: [fillRequestId, retrying(this.#settings, authentication)],
      useBinaryFormat: true,
      acceptCompression: [],
      sendCompression: null,
      compressMinBytes: 0,
      readMaxBytes: READ_MAX_BYTES,
      writeMaxBytes: 0xffffffff,
    };
    this.#oneRequest = createTransport({ ...common, httpClient: authentication.signed(send) });
    this.#manyRequests = createTransport({ ...common, httpClient: authentication.unsigned(send) });
  }

  async unary<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    signal: AbortSignal | undefined,
    timeoutMs: number | undefined,
    header: HeadersInit | undefined,
    input: MessageInitShape<I>,
    contextValues: ContextValues = createContextValues(),
  ): Promise<UnaryResponse<I, O>> {
    const timeout = wholeNumber("timeoutMs", timeoutMs ?? this.#settings.timeoutMs);
    const call = createLinkedAbortController(signal, this.#closing.signal);
    try {
      this.#closing.signal.throwIfAborted();
      return await this.#oneRequest.unary(
        method,
        call.signal,
        timeout,
        header,
        input,
        contextValues,
      );
    } catch (error) {
      throw this.#translated(error, call.signal, contextValues);
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
    contextValues: ContextValues = createContextValues(),
  ): Promise<StreamResponse<I, O>> {
    const timeout = timeoutMs === undefined ? undefined : wholeNumber("timeoutMs", timeoutMs);
    const call = createLinkedAbortController(signal, this.#closing.signal);
    const requests = new Requests(input);
    call.signal.addEventListener("abort", () => requests.close());
    const translated = (error: unknown): unknown =>
      requests.failure
        ? requests.failure.cause
        : this.#translated(error, call.signal, contextValues);
    try {
      this.#closing.signal.throwIfAborted();
      const response = await this.#transportOf(method).stream(
        method,
        call.signal,
        timeout,
        header,
        requests.all(),
        contextValues,
      );
      return { ...response, message: untilDone(response.message, call, translated) };
    } catch (error) {
      const cause = translated(error);
      call.abort();
      throw cause;
    }
  }

  /** Closes the connection; calls under way, and later ones, are cancelled. */
  close(): void {
    this.#closing.abort(new ConnectError("The client is closed", Code.Canceled));
    this.#sessions.close();
  }

  #transportOf({ methodKind }: DescMethod): Transport {
    return methodKind === "server_streaming" ? this.#oneRequest : this.#manyRequests;
  }

  #translated(error: unknown, signal: AbortSignal, contextValues: ContextValues): unknown {
    return toCouponsError(error, {
      host: this.#target.host,
      isAborted: signal.aborted,
      requestId: contextValues.get(requestId),
    });
  }
}

async function* untilDone<Message>(
  messages: AsyncIterable<Message>,
  call: AbortController,
  translated: (error: unknown) => unknown,
) {
  try {
    yield* messages;
  } catch (error) {
    throw translated(error);
  } finally {
    call.abort();
  }
}
