import { randomUUID } from "node:crypto";

import { clone, type DescMessage, type Message } from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import type { Interceptor } from "@connectrpc/connect";

/**
 * Makes mutations safe to retry: one without a `request_id` is given one. That of a stream of
 * requests is in the first.
 */
export const fillRequestId: Interceptor = (next) => (request) =>
  next(
    request.stream
      ? { ...request, message: firstWithRequestId(request.method.input, request.message) }
      : { ...request, message: withRequestId(request.method.input, request.message) },
  );

async function* firstWithRequestId(schema: DescMessage, messages: AsyncIterable<Message>) {
  let isFirst = true;
  for await (const message of messages) {
    yield isFirst ? withRequestId(schema, message) : message;
    isFirst = false;
  }
}

function withRequestId(schema: DescMessage, message: Message): Message {
  const field = schema.field["requestId"];
  if (field?.fieldKind !== "scalar" || reflect(schema, message).isSet(field)) return message;
  // The caller's message stays as it was.
  const copy = clone(schema, message);
  reflect(schema, copy).set(field, randomUUID());
  return copy;
}
