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
