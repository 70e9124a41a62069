import { Code, ConnectError } from "@connectrpc/connect";
import {
  createAsyncIterable,
  type UniversalClientFn,
  type UniversalClientRequest,
} from "@connectrpc/connect/protocol";

import type { Credential } from "./credentials.js";
import { Reason } from "./reasons.js";
import { ErrorInfoSchema } from "./gen/google/rpc/error_details_pb.js";
import { VERSION } from "./version.js";

/** The compressed flag and the length that gRPC puts before a message. */
const PREFIX_LENGTH = 5;
/** The largest message that the service takes. */
const MAX_REQUEST_BYTES = 4 * 1024 * 1024;

/**
 * Adds the credential's headers to each HTTP request.
 *
 * It stands below Connect's serialisation, so that a signature covers the bytes that travel: an
 * interceptor would see the message, and serialise it a second time. Connect's
 * `protocol` modules do not follow semantic versioning, hence the `~` in package.json.
 */
export class Authentication {
  readonly #credential: Credential;
  /** What the credential added to the attempt with these headers of Connect's. */
  readonly #sent = new WeakMap<Headers, Record<string, string>>();

  constructor(credential: Credential) {
    this.#credential = credential;
  }

  /** For calls with one request. */
  signed(send: UniversalClientFn): UniversalClientFn {
    return async (request) => {
      const body = await concatenated(request.body);
      requireSize(body);
      const header = await this.#headerOf(request, body.subarray(PREFIX_LENGTH));
      return send({ ...request, header, body: createAsyncIterable([body]) });
    };
  }

  /** For a stream of requests, of which none is there to be signed when the call begins. */
  unsigned(send: UniversalClientFn): UniversalClientFn {
    return async (request) => {
      const header = await this.#headerOf(request, new Uint8Array());
      return send({ ...request, header, body: eachOfSize(request.body) });
    };
  }

  /**
   * Whether the call may be made again with other headers, because these were refused. The service
   * did nothing yet then.
   */
  renew(header: Headers, error: ConnectError): boolean {
    const sent = this.#sent.get(header);
    if (!sent || error.code !== Code.Unauthenticated || !this.#credential.refused) return false;
    const [info] = error.findDetails(ErrorInfoSchema);
    if (info?.reason !== Reason.CREDENTIAL_INVALID) return false;
    const date = Date.parse(error.metadata.get("date") ?? "");
    return this.#credential.refused(sent, Number.isNaN(date) ? undefined : new Date(date));
  }

  async #headerOf(request: UniversalClientRequest, body: Uint8Array): Promise<Headers> {
    const header = new Headers(request.header);
    header.set("user-agent", `phoenix-coupons-typescript/${VERSION} ${header.get("user-agent")}`);
    const own = await this.#credential.headers(new URL(request.url).pathname, body);
    this.#sent.set(request.header, own);
    for (const [name, value] of Object.entries(own)) header.set(name, value);
    // A closed client must not open its connection again.
    request.signal?.throwIfAborted();
    return header;
  }
}

async function concatenated(chunks: AsyncIterable<Uint8Array> = createAsyncIterable([])) {
  const parts: Uint8Array[] = [];
  for await (const part of chunks) parts.push(part);
  return Buffer.concat(parts);
}

/** Connect yields one message at a time. */
async function* eachOfSize(messages: AsyncIterable<Uint8Array> = createAsyncIterable([])) {
  for await (const message of messages) {
    requireSize(message);
    yield message;
  }
}

function requireSize({ length }: Uint8Array): void {
  const bytes = length - PREFIX_LENGTH;
  if (bytes <= MAX_REQUEST_BYTES) return;
  throw new ConnectError(
    `The request has ${bytes} bytes; the service takes at most ${MAX_REQUEST_BYTES}`,
    Code.ResourceExhausted,
  );
}
