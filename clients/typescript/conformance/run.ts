/**
 * Runs the cases of tests/conformance, whose README.md says what they and the answers mean.
 *
 * node build/conformance/run.js cases.json
 */
import { readFileSync } from "node:fs";
import { argv, exit, stderr, stdout } from "node:process";

import {
  fromJson,
  toJson,
  type DescMethod,
  type DescService,
  type JsonObject,
  type JsonValue,
  type Message,
} from "@bufbuild/protobuf";

import {
  AdminToken,
  ApiKeyCredential,
  BearerToken,
  CouponsClient,
  CouponsError,
  Hmac,
  TenantToken,
  type Credential,
} from "../src/index.js";
import { signature } from "../src/signature.js";
import {
  CouponAdmin,
  CouponJobs,
  CouponQuery,
  EventIngest,
  GrantDelivery,
  TenantAdmin,
} from "../src/v1.js";

type Variables = Record<string, JsonValue>;
type Strings = Record<string, string>;

interface Case {
  name: string;
  sign?: { secret: string; method: string; path: string; timestamp: string; body: string };
  as: Strings & { kind: string; lifetime?: number };
  call: string;
  request: JsonObject;
  requests: JsonObject[];
  take?: number;
  closed: boolean;
  local: boolean;
  address: string;
  timeout: number;
  show: string[];
  save: Strings;
  pages?: { items: string; show: string };
}

const DEFAULTS = {
  request: {},
  requests: [],
  address: "${address}",
  timeout: 10,
  closed: false,
  local: false,
  show: [],
  save: {},
};
type Stub = "admin" | "jobs" | "query" | "events" | "grants" | "tenants";
/** A stub's method, of any kind. */
type Method = (
  request: Message | AsyncIterable<Message>,
  options: { timeoutMs: number },
) => Promise<Message> | AsyncIterable<Message>;
const SERVICES: Record<string, { service: DescService; stub: Stub }> = {
  CouponAdmin: { service: CouponAdmin, stub: "admin" },
  CouponQuery: { service: CouponQuery, stub: "query" },
  CouponJobs: { service: CouponJobs, stub: "jobs" },
  EventIngest: { service: EventIngest, stub: "events" },
  GrantDelivery: { service: GrantDelivery, stub: "grants" },
  TenantAdmin: { service: TenantAdmin, stub: "tenants" },
};

async function main(path: string) {
  const { variables, cases } = JSON.parse(readFileSync(path, "utf8")) as {
    variables: Variables;
    cases: JsonObject[];
  };
  for (const given of cases) {
    try {
      const filledIn = filled({ ...DEFAULTS, ...given }, variables) as unknown as Case;
      const outcome = await run(filledIn, variables);
      stdout.write(JSON.stringify({ name: filledIn.name, ...outcome }) + "\n");
    } catch (error) {
      stderr.write(`${String(given["name"])}: not understood: ${String(error)}\n`);
      exit(1);
    }
  }
}

/** The value with its `${variables}` replaced. */
function filled(value: JsonValue, variables: Variables): JsonValue {
  if (typeof value === "string") {
    return value.replace(/\$\{(\w+)\}/g, (_, name: string) => {
      const found = variables[name];
      if (found === undefined) throw new Error(`no variable ${name}`);
      return String(found);
    });
  }
  if (Array.isArray(value)) return value.map((item) => filled(item, variables));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, filled(item, variables)]),
  );
}

/** What came of the case. */
async function run(given: Case, variables: Variables): Promise<JsonObject> {
  if (given.sign) {
    const { secret, method, path, timestamp, body } = given.sign;
    return { signature: signature(secret, method, path, timestamp, Buffer.from(body, "base64")) };
  }
  const { method, stub } = methodOf(given.call);
  const answers: JsonObject[] = [];
  const shown = (answer: JsonObject) =>
    Object.fromEntries(given.show.map((path) => [path, follow(answer, path)]));
  const ofStream = () => (hasAnswers(method) ? { answers: answers.map(shown) } : {});
  try {
    for await (const answer of call(given, method, stub)) answers.push(answer);
  } catch (error) {
    if (error instanceof CouponsError) return { ...failure(error, given), ...ofStream() };
    if (error instanceof TypeError || error instanceof RangeError) return { refused: true };
    throw error;
  }
  const last = answers.at(-1);
  for (const [name, path] of Object.entries(given.save)) variables[name] = follow(last!, path);
  if (given.pages) return { code: "OK", ...listing(answers, given.pages) };
  if (hasAnswers(method)) return { code: "OK", ...ofStream() };
  return { code: "OK", values: shown(last!) };
}

/** The answers: one, those of all pages, or those of a stream. */
async function* call(given: Case, method: DescMethod, stub: Stub): AsyncGenerator<JsonObject> {
  const timeoutMs = given.timeout * 1000;
  using client = new CouponsClient(given.address, credential(given.as), { timeoutMs });
  if (given.closed) for (let twice = 0; twice < 2; twice++) client.close();
  const send = (client[stub] as unknown as Record<string, Method>)[method.localName]!;
  let request = given.request;
  for (;;) {
    // Streams have no timeout of the client's.
    const outcome = send(messageOf(method, request, given.requests), { timeoutMs });
    if (Symbol.asyncIterator in outcome) {
      yield* taken(method, outcome, given.take);
      return;
    }
    const answer = printed(method, await outcome);
    yield answer;
    const pageToken = answer["next_page_token"];
    if (!given.pages || !pageToken) return;
    request = { ...request, page_token: pageToken };
  }
}

/** What a method takes: a message, or a stream of messages. */
function messageOf(method: DescMethod, request: JsonObject, requests: JsonObject[]) {
  const hasRequests =
    method.methodKind === "client_streaming" || method.methodKind === "bidi_streaming";
  return hasRequests
    ? streamed(requests.map((each) => fromJson(method.input, each)))
    : fromJson(method.input, request);
}

async function* streamed(messages: Message[]): AsyncGenerator<Message> {
  yield* messages;
}

/** The answers of a stream; so many of them, if it is told, and then the call is cancelled. */
async function* taken(method: DescMethod, stream: AsyncIterable<Message>, count = Infinity) {
  let taken = 0;
  for await (const answer of stream) {
    yield printed(method, answer);
    if (++taken === count) return;
  }
}

function printed(method: DescMethod, answer: Message): JsonObject {
  const options = { alwaysEmitImplicit: true, useProtoFieldName: true };
  return toJson(method.output, answer, options) as JsonObject;
}

function hasAnswers({ methodKind }: DescMethod): boolean {
  return methodKind === "server_streaming" || methodKind === "bidi_streaming";
}

function methodOf(name: string): { method: DescMethod; stub: Stub } {
  const [serviceName = "", methodName] = name.split(".");
  const known = SERVICES[serviceName];
  const method = known?.service.methods.find((each) => each.name === methodName);
  if (!known || !method) throw new Error(`no call ${name}`);
  return { method, stub: known.stub };
}

function credential({ kind, lifetime, ...given }: Case["as"]): Credential {
  const tokens = lifetime === undefined ? {} : { lifetimeSeconds: lifetime };
  const part = (name: string): string => {
    const value = given[name];
    if (value === undefined) throw new Error(`the credential lacks ${name}`);
    return value;
  };
  switch (kind) {
    case "api_key":
      return new ApiKeyCredential(part("key"));
    case "admin_jwt":
      return new AdminToken(part("key_id"), part("key"), tokens);
    case "tenant_jwt": {
      const userId = given["user_id"];
      const options = userId === undefined ? tokens : { ...tokens, userId };
      return new TenantToken(part("tenant_id"), part("secret"), options);
    }
    case "hmac":
      return new Hmac(part("tenant_id"), part("secret"));
    case "bearer":
      return new BearerToken(part("token"));
    default:
      throw new Error(`unknown kind of credential ${kind}`);
  }
}

/** What is at the dotted path; null where it leads nowhere. */
function follow(value: JsonValue, path: string): JsonValue {
  let found: JsonValue | undefined = value;
  for (const step of path.split(".")) {
    found =
      found !== null && typeof found === "object" && Object.hasOwn(found, step)
        ? (found as JsonObject)[step]
        : null;
  }
  return found ?? null;
}

function listing(answers: JsonValue[], { items, show }: { items: string; show: string }) {
  const found = answers.flatMap((answer) => follow(answer, items) as JsonValue[]);
  return { pages: answers.length, items: found.map((item) => follow(item, show)) };
}

function failure(error: CouponsError, { local, request, requests }: Case): JsonObject {
  const requestId = (requests[0] ?? request)["request_id"];
  return {
    code: error.code,
    reason: error.reason,
    // Without a reason the words are the transport's own, and differ between languages.
    message: error.reason || local ? error.message : "",
    metadata: Object.keys(error.metadata).sort(),
    fields: error.fieldViolations.map(({ field, description }) => [field, description]),
    retry_delay: error.retryDelayMs === undefined ? null : error.retryDelayMs / 1000,
    call_id: error.callId !== "",
    request_id: requestId ? error.requestId === requestId : error.requestId !== "",
  };
}

const [, , file] = argv;
if (file === undefined) {
  stderr.write("usage: node build/conformance/run.js cases.json\n");
  exit(2);
}
await main(file);
