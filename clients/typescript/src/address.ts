/** Where the service is, and whether by TLS. */
export interface Target {
  /** `http://host:port` or `https://host:port`; a default port is left out. */
  readonly origin: string;
  /** `host:port`, for messages. */
  readonly host: string;
}

/**
 * Reads `host:port`, or a URL with `http` or `https` and no path. Throws a `TypeError` for anything
 * else, and where the URL and `tls` contradict each other.
 */
export function targetOf(address: string, tls: boolean | undefined): Target {
  const isUrl = /^https?:\/\//i.test(address);
  const text = isUrl ? address : `${tls ? "https" : "http"}://${address}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || url.href !== `${url.origin}/` || (!isUrl && !/:\d+$/.test(address))) {
    throw new TypeError(
      "the address must be host:port, or a URL such as https://host:port without a path",
    );
  }
  if (isUrl && tls !== undefined && tls !== (url.protocol === "https:")) {
    throw new TypeError(`the address begins with ${url.protocol}//, and tls says otherwise`);
  }
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  return { origin: url.origin, host: `${url.hostname}:${port}` };
}
