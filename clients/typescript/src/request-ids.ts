import { randomUUID } from "node:crypto";

import { clone, type DescMessage, type Message } from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import { createContextKey, type ContextValues, type Interceptor } from "@connectrpc/connect";

/** The `request_id` of a call, once it is known; empty if its requests have none. */
export const requestId = createContextKey("", { description: "request_id" });

/**
 * Makes mutations safe to retry: one without a `request_id` is given one. That of a stream of
 * requests is in the first.
 */
export const fillRequestId: Interceptor = (next) => (request) => {
  const { method, contextValues } = request;
  return next(
    request.stream
      ? { ...request, message: firstWithRequestId(method.input, request.message, contextValues) }
      : { ...request, message: withRequestId(method.input, request.message, contextValues) },
  );
};

async function* firstWithRequestId(
  schema: DescMessage,
  messages: AsyncIterable<Message>,
  context: ContextValues,
) {
  let isFirst = true;
  for await (const message of messages) {
    yield isFirst ? withRequestId(schema, message, context) : message;
    isFirst = false;
  }
}

function withRequestId(schema: DescMessage, message: Message, context: ContextValues): Message {
  const field = schema.field["requestId"];
  if (field?.fieldKind !== "scalar") return message;
  const given = reflect(schema, message).get(field) as string;
  context.set(requestId, given || randomUUID());
  if (given) return message;
  // The caller's message stays as it was.
  const copy = clone(schema, message);
  reflect(schema, copy).set(field, context.get(requestId));
  return copy;
}
