/** The REST edges of the Phoenix coupon service, for browsers and whatever else has `fetch`. */
import createClient, {
  defaultPathSerializer,
  type Client,
  type ClientPathsWithMethod,
  type MaybeOptionalInit,
  type MethodResponse,
} from "openapi-fetch";

import type { components, paths } from "./gen/rest.js";
import { headerValue } from "./header-value.js";
import { fromFetchError, fromResponse } from "./rest-errors.js";

export { CouponsError, Reason, type FieldViolation, type StatusCode } from "./errors.js";
export type { components, paths };

/** Options of {@link createRestClient}. */
export interface RestOptions {
  /** The edge, such as `https://coupons.example.com`. Default: the page's own origin. */
  readonly baseUrl?: string;
  /**
   * A JWT: in a browser a tenant JWT that is confined to the user. A function is asked before
   * every call, so that it can fetch a new token before the old one expires.
   */
  readonly token: string | (() => string | Promise<string>);
  /** Milliseconds that a call may take. Default 5000. */
  readonly timeoutMs?: number;
}

type Edge = Client<paths, "application/json">;
type Method = "get" | "post" | "patch" | "delete";
type Optional<Init> = undefined extends Init ? [init?: Init] : [init: Init];

/**
 * Calls a path of the contract and returns the answer's body.
 *
 * `init` has `params` (`path`, `query`, `header`), `body`, and what `fetch` takes, such as
 * `signal`. A failed call throws a `CouponsError`.
 */
export type RestCall<Verb extends Method> = <Path extends ClientPathsWithMethod<Edge, Verb>>(
  path: Path,
  ...init: Optional<MaybeOptionalInit<paths[Path], Verb>>
) => Promise<MethodResponse<Edge, Verb, Path>>;

/** One function for each HTTP method. */
export interface RestClient {
  readonly GET: RestCall<"get">;
  readonly POST: RestCall<"post">;
  readonly PATCH: RestCall<"patch">;
  readonly DELETE: RestCall<"delete">;
}

/**
 * Makes a client of a REST edge.
 *
 * Every call but GET has the header `Idempotency-Key`, a new UUID unless the call brings its own,
 * so that it has one effect however often it arrives.
 */
export function createRestClient({
  baseUrl = "",
  token,
  timeoutMs = 5000,
}: RestOptions): RestClient {
  const edge: Edge = createClient<paths, "application/json">({
    baseUrl,
    fetch: (request) => send(request, timeoutMs),
    // The service never redirects; whoever does shall not get the token.
    redirect: "error",
    pathSerializer: serializePath,
  });
  edge.use({
    async onRequest({ request }) {
      const value = typeof token === "string" ? token : await token();
      request.headers.set("authorization", `Bearer ${headerValue("the token", value)}`);
      if (request.method !== "GET" && !request.headers.has("idempotency-key")) {
        request.headers.set("idempotency-key", crypto.randomUUID());
      }
    },
  });
  return {
    GET: call(edge, "get"),
    POST: call(edge, "post"),
    PATCH: call(edge, "patch"),
    DELETE: call(edge, "delete"),
  };
}

function call<Verb extends Method>(edge: Edge, method: Verb): RestCall<Verb> {
  // The generic types of `request` say the same; TypeScript can't follow them through here.
  const request = edge.request as (...args: unknown[]) => ReturnType<Edge["request"]>;
  return async (path, ...[init]) => {
    // For a success that is not JSON, openapi-fetch would throw a SyntaxError, or return nothing.
    const asText = { ...init, parseAs: "text" };
    const { data, error, response } = await request(method, path, asText);
    const body = response.ok ? jsonObject(data) : error;
    if (!response.ok || !body) throw fromResponse(response, body);
    return body as MethodResponse<Edge, Verb, typeof path>;
  };
}

/** Every answer of the contract is a JSON object. */
function jsonObject(text: unknown): object | undefined {
  try {
    const value: unknown = JSON.parse(String(text));
    return value instanceof Object && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Puts the values into the path. The URL parser would resolve `.` and `..` to another one. */
function serializePath(template: string, values: Record<string, unknown>): string {
  for (const [name, value] of Object.entries(values)) {
    if (["", ".", ".."].includes(String(value ?? ""))) {
      throw new TypeError(`${name} must not be empty, "." or ".." in a path`);
    }
  }
  return defaultPathSerializer(template, values);
}

/** Fetches the whole answer in the time it may take. */
async function send(request: Request, timeoutMs: number): Promise<Response> {
  const signal = AbortSignal.any([request.signal, AbortSignal.timeout(timeoutMs)]);
  try {
    const response = await fetch(request, { signal });
    // A status that has no body, such as 204, must not get an empty one.
    return new Response((await response.text()) || null, response);
  } catch (error) {
    throw fromFetchError(error);
  }
}
