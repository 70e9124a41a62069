/** The options of `tls.connect` of Node.js; these and any others. */
export interface TlsOptions {
  /** Authorities to trust, in PEM, instead of those that Node.js trusts. */
  readonly ca?: Pem | readonly Pem[];
  /** The client's own certificate, in PEM, for mutual TLS. */
  readonly cert?: Pem;
  /** The private key of that certificate, in PEM. */
  readonly key?: Pem;
  /** The server's name, where it is not that of the address. */
  readonly servername?: string;
  readonly [option: string]: unknown;
}

/** PEM, as text or as a file has it. */
export type Pem = string | Uint8Array;

/** Options of a client. */
export interface ClientOptions {
  /**
   * Milliseconds that a call with one request and one answer may take with all its retries, unless
   * the call says otherwise. A whole number, at least 1. Default 5000.
   */
  readonly timeoutMs?: number;
  /**
   * `true` for TLS with the authorities that Node.js trusts, or options. Default: no encryption,
   * for a trusted network only, unless the address is an `https` URL.
   */
  readonly tls?: boolean | TlsOptions;
  /** How often UNAVAILABLE is attempted, the first time included; 1 for no retries. Default 4. */
  readonly maxAttempts?: number;
  /**
   * Milliseconds before the second attempt, doubled for each further one, with a jitter of a
   * fifth. Default 100.
   */
  readonly initialBackoffMs?: number;
  /** The longest of these delays. Default 2000. */
  readonly maxBackoffMs?: number;
  /**
   * Milliseconds without anything from the service after which a connection with open calls is
   * pinged, and an idle one before its next call. The service permits a ping every 10,000; that is
   * the default.
   */
  readonly keepaliveMs?: number;
  /** Milliseconds after which a connection that does not answer a ping is dead. Default 5000. */
  readonly keepaliveTimeoutMs?: number;
  /** Milliseconds that opening a connection may take, TLS included. Default 5000. */
  readonly connectTimeoutMs?: number;
}

/** {@link ClientOptions} with their defaults, checked; all but `tls`. */
export type Settings = Required<Omit<ClientOptions, "tls">>;

const DEFAULTS: Settings = {
  timeoutMs: 5000,
  maxAttempts: 4,
  initialBackoffMs: 100,
  maxBackoffMs: 2000,
  keepaliveMs: 10_000,
  keepaliveTimeoutMs: 5000,
  connectTimeoutMs: 5000,
};

/** As much as the header `grpc-timeout` can hold in milliseconds. */
const MAX_MS = 99_999_999;

/** Returns the options with their defaults. Throws a `RangeError` that names the option. */
export function settingsOf(options: ClientOptions): Settings {
  const settings = { ...DEFAULTS };
  for (const name of Object.keys(DEFAULTS) as (keyof Settings)[]) {
    settings[name] = wholeNumber(name, options[name] ?? DEFAULTS[name]);
  }
  return settings;
}

/** Returns the number if it is a whole one from 1 to 99,999,999. */
export function wholeNumber(name: string, value: number): number {
  if (!Number.isInteger(value) || value < 1 || value > MAX_MS) {
    throw new RangeError(`${name} must be a whole number from 1 to ${MAX_MS}`);
  }
  return value;
}
