import {
  createAsyncIterable,
  type UniversalClientFn,
  type UniversalClientRequest,
} from "@connectrpc/connect/protocol";

import type { Credential } from "./credentials.js";

/** The compressed flag and the length that gRPC puts before a message. */
const PREFIX_LENGTH = 5;

/**
 * Adds the credential's headers to each HTTP request of a call with one request.
 *
 * It stands below Connect's serialisation, so that a signature covers the bytes that travel: an
 * interceptor would see the message, and serialise it a second time. Connect's
 * `protocol` modules do not follow semantic versioning, hence the `~` in package.json.
 */
export function signed(send: UniversalClientFn, credential: Credential): UniversalClientFn {
  return async (request) => {
    const body = await concatenated(request.body);
    const header = await headerOf(request, credential, body.subarray(PREFIX_LENGTH));
    return send({ ...request, header, body: createAsyncIterable([body]) });
  };
}

/** The same for a stream of requests, of which none is there to be signed when the call begins. */
export function unsigned(send: UniversalClientFn, credential: Credential): UniversalClientFn {
  return async (request) =>
    send({ ...request, header: await headerOf(request, credential, new Uint8Array()) });
}

async function headerOf(request: UniversalClientRequest, credential: Credential, body: Uint8Array) {
  const header = new Headers(request.header);
  const own = await credential.headers(new URL(request.url).pathname, body);
  for (const [name, value] of Object.entries(own)) header.set(name, value);
  // A closed client must not open its connection again.
  request.signal?.throwIfAborted();
  return header;
}

async function concatenated(chunks: AsyncIterable<Uint8Array> = createAsyncIterable([])) {
  const parts: Uint8Array[] = [];
  for await (const part of chunks) parts.push(part);
  return Buffer.concat(parts);
}
