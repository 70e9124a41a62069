/** RFC 2104 takes any key; one that is shorter than this is a mistake. */
const SHORTEST_SECRET = 16;

/**
 * Returns the value if an HTTP header can carry it. `Headers` would refuse it too, but with an
 * error that quotes it, and it is a secret.
 */
export function headerValue(name: string, value: string): string {
  if (!/^[!-~]+$/.test(value)) {
    throw new TypeError(`${name} must be printable ASCII without spaces, and not empty`);
  }
  return value;
}

/** Returns the secret if it is long enough to be one. */
export function secretValue(name: string, value: string): string {
  if (typeof value !== "string" || value.length < SHORTEST_SECRET) {
    throw new TypeError(`${name} must have at least ${SHORTEST_SECRET} characters`);
  }
  return value;
}
