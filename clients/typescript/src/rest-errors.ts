import { CouponsError, Reason, type StatusCode } from "./errors.js";
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
export function fromResponse(response: Response, body: unknown): CouponsError {
  const { error, code: reason, details } = isError(body) ? body : NOT_FROM_THE_SERVICE;
  const detail = <Name extends "ErrorInfo" | "BadRequest" | "RetryInfo">(name: Name) =>
    details.find((each) => each["@type"] === `type.googleapis.com/google.rpc.${name}`) as
      Schemas[Name] | undefined;
  const codes = reason ? SERVICE_CODES : PROXY_CODES;
  const problem = response.ok ? " without a JSON object" : "";
  return new CouponsError(error || `HTTP ${response.status}${problem}`, {
    code: SPECIAL_CODES[reason] ?? codes[response.status] ?? "UNKNOWN",
    reason,
    metadata: detail("ErrorInfo")?.metadata,
    fieldViolations: detail("BadRequest")?.field_violations?.map(({ field, description }) => ({
      field,
      description,
    })),
    retryDelayMs: milliseconds(detail("RetryInfo")?.retry_delay),
    requestId: response.headers.get("x-request-id") ?? "",
  });
}

/** Translates what `fetch` throws when there is no answer. */
export function fromFetchError(cause: unknown): CouponsError {
  const { name, message } = cause instanceof Error ? cause : { name: "", message: String(cause) };
  const code =
    name === "TimeoutError"
      ? "DEADLINE_EXCEEDED"
      : name === "TypeError"
        ? "UNAVAILABLE"
        : "CANCELLED";
  return new CouponsError(message, { code, cause });
}

const NOT_FROM_THE_SERVICE: Schemas["Error"] = { error: "", code: "", details: [] };

/** A proxy on the way may answer for the service, with anything. */
function isError(body: unknown): body is Schemas["Error"] {
  const { error, code, details } = Object(body) as Partial<Schemas["Error"]>;
  return typeof error === "string" && typeof code === "string" && Array.isArray(details);
}

/** A Duration as ProtoJSON has it, `"1.5s"`. */
function milliseconds(duration: string | undefined): number | undefined {
  return duration === undefined ? undefined : parseFloat(duration) * 1000;
}
