import { Code } from "@connectrpc/connect";
import { createAsyncIterable, type UniversalClientFn } from "@connectrpc/connect/protocol";
import {
  findTrailerError,
  headerGrpcMessage,
  headerGrpcStatus,
  headerStatusDetailsBin,
  setTrailerStatus,
} from "@connectrpc/connect/protocol-grpc";

/**
 * Makes `grpc-status` decide. Connect prefers the code in the error details, and makes another one
 * of details, or of a message, that it can't decode.
 */
export function withDecisiveStatus(send: UniversalClientFn): UniversalClientFn {
  return async (request) => {
    const response = await send(request);
    decide(response.header);
    // An answer that is whole may be followed by a reset, because the request was not read to its
    // end; nothing of that matters any more.
    const body = response.header.has(headerGrpcStatus)
      ? createAsyncIterable<Uint8Array>([])
      : thenDecided(response.body, response.trailer);
    return { ...response, body };
  };
}

async function* thenDecided(body: AsyncIterable<Uint8Array>, trailer: Headers) {
  yield* body;
  decide(trailer);
}

function decide(headers: Headers): void {
  const status = headers.get(headerGrpcStatus);
  if (status === null) {
    headers.delete(headerStatusDetailsBin);
    return;
  }
  const message = headers.get(headerGrpcMessage);
  if (message !== null) headers.set(headerGrpcMessage, decodable(message));
  if (status !== "0" && Code[Number(status)] === undefined) {
    // gRPC makes UNKNOWN of a code that it doesn't know.
    headers.set(headerGrpcStatus, String(Code.Unknown));
  }
  const code = Number(headers.get(headerGrpcStatus));
  const error = detailed(headers);
  if (error === undefined || code === 0) headers.delete(headerStatusDetailsBin);
  else if (error.code !== code) {
    setTrailerStatus(headers, Object.assign(error, { code }));
  }
}

/** The error that the details are of, if they are any. */
function detailed(headers: Headers) {
  if (!headers.has(headerStatusDetailsBin)) return undefined;
  try {
    return findTrailerError(headers);
  } catch {
    return undefined;
  }
}

/** The message, percent-encoded as gRPC has it, with U+FFFD for what is not. */
function decodable(message: string): string {
  try {
    decodeURIComponent(message);
    return message;
  } catch {
    const bytes = message.replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
      String.fromCharCode(parseInt(hex, 16)),
    );
    return encodeURIComponent(Buffer.from(bytes, "latin1").toString("utf8"));
  }
}
