import { createHmac } from "node:crypto";

/**
 * The value of `x-signature`: HMAC-SHA256 (RFC 2104) over `METHOD\nPATH\nTIMESTAMP\nBODY`.
 *
 * `timestamp` is the text of `x-timestamp`, `body` the exact bytes that are sent.
 */
export function signature(
  secret: string,
  method: string,
  path: string,
  timestamp: string,
  body: Uint8Array,
): string {
  const digest = createHmac("sha256", secret)
    .update(`${method}\n${path}\n${timestamp}\n`)
    .update(body)
    .digest("hex");
  return `hmac-sha256=${digest}`;
}
