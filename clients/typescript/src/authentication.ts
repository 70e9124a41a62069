import { createAsyncIterable, type UniversalClientFn } from "@connectrpc/connect/protocol";

import type { Credential } from "./credentials.js";

/** The compressed flag and the length that gRPC puts before a message. */
const PREFIX_LENGTH = 5;

/**
 * Adds the credential's headers to each HTTP request.
 *
 * It stands below Connect's serialisation, so that a signature covers the bytes that travel: an
 * interceptor would see the message, and serialise it a second time. Connect's
 * `protocol` modules do not follow semantic versioning, hence the `~` in package.json.
 */
export function authenticated(send: UniversalClientFn, credential: Credential): UniversalClientFn {
  return async (request) => {
    // Calls are unary: the body is one message.
    const body = await concatenated(request.body);
    const path = new URL(request.url).pathname;
    const header = new Headers(request.header);
    const own = await credential.headers(path, body.subarray(PREFIX_LENGTH));
    for (const [name, value] of Object.entries(own)) header.set(name, value);
    // A closed client must not open its connection again.
    request.signal?.throwIfAborted();
    return send({ ...request, header, body: createAsyncIterable([body]) });
  };
}

async function concatenated(chunks: AsyncIterable<Uint8Array> = createAsyncIterable([])) {
  const parts: Uint8Array[] = [];
  for await (const part of chunks) parts.push(part);
  return Buffer.concat(parts);
}
