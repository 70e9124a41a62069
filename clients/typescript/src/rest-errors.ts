import { CouponsError, Reason, type InvalidField, type StatusCode } from "./errors.js";
import type { components } from "./gen/rest.js";

type Schemas = components["schemas"];

/** google/rpc/code.proto, backwards; 400 and 409 stand for two codes each, see below. */
const SERVICE_CODES: Readonly<Record<number, StatusCode>> = {
  400: "FAILED_PRECONDITION",
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  404: "NOT_FOUND",
  405: "UNIMPLEMENTED",
  409: "ALREADY_EXISTS",
  413: "RESOURCE_EXHAUSTED",
  429: "RESOURCE_EXHAUSTED",
  499: "CANCELLED",
  500: "INTERNAL",
  501: "UNIMPLEMENTED",
  502: "UNAVAILABLE",
  503: "UNAVAILABLE",
  504: "DEADLINE_EXCEEDED",
};

const SPECIAL_CODES: Readonly<Record<string, StatusCode>> = {
  [Reason.INVALID_FIELD]: "INVALID_ARGUMENT",
  [Reason.MALFORMED_MESSAGE]: "INVALID_ARGUMENT",
  [Reason.INVALID_PAGE_TOKEN]: "INVALID_ARGUMENT",
  [Reason.ETAG_MISMATCH]: "ABORTED",
};

/** What gRPC makes of an HTTP status that does not come from the service. */
const PROXY_CODES: Readonly<Record<number, StatusCode>> = {
  400: "INTERNAL",
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  404: "UNIMPLEMENTED",
  429: "UNAVAILABLE",
  502: "UNAVAILABLE",
  503: "UNAVAILABLE",
  504: "UNAVAILABLE",
};

/**
 * Translates an answer that is an error, or a success without the JSON that it should have;
 * `body` is whatever the answer's JSON or text is.
 */
export function fromResponse(response: Response, body: unknown, requestId: string): CouponsError {
  const { error, code: reason, details } = isError(body) ? body : NOT_FROM_THE_SERVICE;
  const detail = <Name extends "ErrorInfo" | "BadRequest" | "RetryInfo">(name: Name) =>
    details
      .map(fieldsOf)
      .find((each) => each["@type"] === `type.googleapis.com/google.rpc.${name}`) as
      Partial<Schemas[Name]> | undefined;
  const codes = reason ? SERVICE_CODES : PROXY_CODES;
  const problem = response.ok ? " without a JSON object" : "";
  return new CouponsError(error || `HTTP ${response.status}${problem}`, {
    code: SPECIAL_CODES[reason] ?? codes[response.status] ?? "UNKNOWN",
    reason,
    metadata: texts(detail("ErrorInfo")?.metadata),
    fieldViolations: violations(detail("BadRequest")?.field_violations),
    retryDelayMs: milliseconds(detail("RetryInfo")?.retry_delay),
    callId: response.headers.get("x-request-id") ?? "",
    requestId,
  });
}

/** Translates what `fetch` throws when there is no answer. */
export function fromFetchError(cause: unknown, url: string, requestId: string): CouponsError {
  const { name, message } = cause instanceof Error ? cause : { name: "", message: String(cause) };
  const { origin } = new URL(url);
  if (name === "TimeoutError") {
    const words = `The service at ${origin} did not answer within the timeout`;
    return new CouponsError(words, { code: "DEADLINE_EXCEEDED", requestId, cause });
  }
  if (name === "TypeError") {
    const words = `The service at ${origin} cannot be reached: ${innermost(cause)}`;
    return new CouponsError(words, { code: "UNAVAILABLE", requestId, cause });
  }
  return new CouponsError(message, { code: "CANCELLED", requestId, cause });
}

/** A browser says no more than "Failed to fetch"; Node.js has the reason in the cause. */
function innermost(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const inner = error instanceof AggregateError ? (error.errors as unknown[])[0] : error.cause;
  return inner === undefined ? error.message : innermost(inner);
}

const NOT_FROM_THE_SERVICE: Schemas["Error"] = { error: "", code: "", details: [] };

/** A proxy on the way may answer for the service, with anything. */
function isError(body: unknown): body is Schemas["Error"] {
  const { error, code, details } = Object(body) as Partial<Schemas["Error"]>;
  return typeof error === "string" && typeof code === "string" && Array.isArray(details);
}

// Details that can't be read are as good as none.

function fieldsOf(value: unknown): Record<string, unknown> {
  return Object(value) as Record<string, unknown>;
}

function texts(value: unknown): Record<string, string> {
  const entries = Object.entries(fieldsOf(value));
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => {
      return typeof entry[1] === "string";
    }),
  );
}

function violations(value: unknown): InvalidField[] {
  if (!Array.isArray(value)) return [];
  return value.map(fieldsOf).map(({ field, description }) => ({
    field: String(field ?? ""),
    description: String(description ?? ""),
  }));
}

/** A Duration as ProtoJSON has it, `"1.5s"`. */
function milliseconds(duration: unknown): number | undefined {
  const seconds = /^(\d+(?:\.\d+)?)s$/.exec(String(duration))?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}
