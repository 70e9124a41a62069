/** The REST edges of the Phoenix coupon service, for browsers and whatever else has `fetch`. */
import createClient, {
  defaultPathSerializer,
  type Client,
  type ClientPathsWithMethod,
  type MaybeOptionalInit,
  type MethodResponse,
} from "openapi-fetch";

import type { components, paths } from "./gen/rest.js";
import { Reason } from "./errors.js";
import { headerValue } from "./header-value.js";
import { wholeNumber } from "./options.js";
import { fromFetchError, fromResponse } from "./rest-errors.js";

export { CouponsError, Reason, type InvalidField, type StatusCode } from "./errors.js";
export type { components, paths };

/** Options of {@link createRestClient}. */
export interface RestOptions {
  /** The edge, such as `https://coupons.example.com`. Default: the page's own origin. */
  readonly baseUrl?: string;
  /**
   * A JWT: in a browser a tenant JWT that is confined to the user. A function is asked before
   * every call, so that it can fetch a new token before the old one expires, and once more after
   * CREDENTIAL_INVALID: if it returns another token then, the call is sent again with that.
   */
  readonly token: string | (() => string | Promise<string>);
  /** Milliseconds that a call may take: a whole number, at least 1. Default 5000. */
  readonly timeoutMs?: number;
}

const IDEMPOTENCY_KEY = "idempotency-key";

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
  const timeout = wholeNumber("timeoutMs", timeoutMs);
  const edge: Edge = createClient<paths, "application/json">({
    baseUrl,
    fetch: (request) => sendRenewing(request, timeout, token),
    // The service never redirects; whoever does shall not get the token.
    redirect: "error",
    pathSerializer: serializePath,
  });
  edge.use({
    async onRequest({ request }) {
      request.headers.set("authorization", await authorization(token));
      if (request.method !== "GET" && !request.headers.has(IDEMPOTENCY_KEY)) {
        request.headers.set(IDEMPOTENCY_KEY, crypto.randomUUID());
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
    if (!response.ok || !body) throw fromResponse(response, body, KEYS.get(response) ?? "");
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

/** The `Idempotency-Key` of the request that got this response. */
const KEYS = new WeakMap<Response, string>();

/** Sends the request once more if its token was refused, and there is another one. */
async function sendRenewing(request: Request, timeoutMs: number, token: RestOptions["token"]) {
  const deadline = AbortSignal.timeout(timeoutMs);
  if (typeof token === "string") return send(request, deadline);
  const again = request.clone();
  const response = await send(request, deadline);
  if (response.status !== 401 || !(await isRefusal(response.clone()))) return response;
  const renewed = await authorization(token);
  if (renewed === request.headers.get("authorization")) return response;
  again.headers.set("authorization", renewed);
  return send(again, deadline);
}

async function isRefusal(response: Response): Promise<boolean> {
  const { code } = (jsonObject(await response.text()) ?? {}) as { code?: unknown };
  return code === Reason.CREDENTIAL_INVALID;
}

async function authorization(token: RestOptions["token"]): Promise<string> {
  const value = typeof token === "string" ? token : await token();
  return `Bearer ${headerValue("the token", value)}`;
}

/** Fetches the whole answer in the time it may take. */
async function send(request: Request, deadline: AbortSignal): Promise<Response> {
  const signal = AbortSignal.any([request.signal, deadline]);
  const key = request.headers.get(IDEMPOTENCY_KEY) ?? "";
  try {
    const fetched = await fetch(request, { signal });
    // A status that has no body, such as 204, must not get an empty one.
    const response = new Response((await fetched.text()) || null, fetched);
    KEYS.set(response, key);
    return response;
  } catch (error) {
    throw fromFetchError(error, request.url, key);
  }
}
