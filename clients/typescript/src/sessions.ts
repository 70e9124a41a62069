import {
  constants,
  type ClientHttp2Stream,
  type Http2Session,
  type OutgoingHttpHeaders,
  type SecureClientSessionOptions,
} from "node:http2";

import { Http2SessionManager } from "@connectrpc/connect-node";

import type { Settings, TlsOptions } from "./options.js";

/**
 * Megabytes that Node.js lets the streams of a connection hold before it breaks each new one with
 * ENHANCE_YOUR_CALM. Its own limit is 10.
 */
const MAX_SESSION_MEMORY = 1000;
/**
 * Requests that may end before all of their message is sent: Node.js never takes what is left of
 * them, at most 4 MiB each, off the memory of the connection.
 */
const MAX_CUT_SHORT = 100;

/**
 * Connect's HTTP/2 connections of one client: closed for good with it, and replaced before
 * Node.js would break every stream on them.
 */
export class Sessions {
  readonly authority: string;
  readonly #manager: Http2SessionManager;
  readonly #cutShort = new WeakMap<Http2Session, number>();
  /** One that the next call must not use. */
  #spent: Http2Session | undefined;
  #closed = false;

  constructor(origin: string, settings: Settings, tls: TlsOptions | undefined) {
    this.#manager = new Http2SessionManager(
      origin,
      {
        pingIntervalMs: settings.keepaliveMs,
        pingTimeoutMs: settings.keepaliveTimeoutMs,
        connectTimeoutMs: settings.connectTimeoutMs,
      },
      { maxSessionMemory: MAX_SESSION_MEMORY, ...(tls as SecureClientSessionOptions) },
    );
    this.authority = this.#manager.authority;
  }

  async request(
    method: string,
    path: string,
    headers: OutgoingHttpHeaders,
    options: object,
  ): Promise<ClientHttp2Stream> {
    // Calls under way on it go on.
    this.#spent?.close();
    this.#spent = undefined;
    const stream = await this.#manager.request(method, path, headers, options);
    // Connect would open another connection for a call that was waiting for one.
    if (this.#closed) this.#manager.abort();
    const { session } = stream;
    if (session) stream.once("close", () => this.#afterwards(stream, session));
    return stream;
  }

  notifyResponseByteRead(stream: ClientHttp2Stream): void {
    this.#manager.notifyResponseByteRead(stream);
  }

  /** Closes the connections, and those that are being opened. */
  close(): void {
    this.#closed = true;
    this.#manager.abort();
  }

  #afterwards(stream: ClientHttp2Stream, session: Http2Session): void {
    const cutShort = (this.#cutShort.get(session) ?? 0) + Number(!stream.writableFinished);
    this.#cutShort.set(session, cutShort);
    const broken = stream.rstCode === constants.NGHTTP2_ENHANCE_YOUR_CALM;
    if (cutShort >= MAX_CUT_SHORT || broken) this.#spent = session;
  }
}
