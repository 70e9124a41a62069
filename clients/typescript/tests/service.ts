/** A gRPC server on a real socket that records what arrives and answers as it is told. */
import { once } from "node:events";
import http2 from "node:http2";
import type { AddressInfo, Socket } from "node:net";

import { toBinary, type DescMessage, type MessageShape } from "@bufbuild/protobuf";
import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { anyPack, AnySchema, type Any } from "@bufbuild/protobuf/wkt";

export interface Received {
  path: string;
  /** The message's bytes, cut out of the HTTP/2 stream. */
  body: Buffer;
  headers: http2.IncomingHttpHeaders;
}

/** Sends the message's bytes, or the status that a `Failure` tells, or drops the connection. */
export type Answer = Uint8Array | Failure | "drop" | "ignore";

export class Failure {
  readonly details: Any[] = [];

  constructor(
    readonly code: number,
    readonly message: string,
  ) {}

  with<Schema extends DescMessage>(schema: Schema, detail: MessageShape<Schema>): this {
    this.details.push(anyPack(schema, detail));
    return this;
  }

  trailers(): http2.OutgoingHttpHeaders {
    // google.rpc.Status
    const status = new BinaryWriter().tag(1, 0).int32(this.code).tag(2, 2).string(this.message);
    for (const detail of this.details) status.tag(3, 2).bytes(toBinary(AnySchema, detail));
    return {
      "grpc-status": this.code,
      "grpc-message": encodeURIComponent(this.message),
      "grpc-status-details-bin": Buffer.from(status.finish()).toString("base64"),
      "x-request-id": "req-1",
    };
  }
}

/** A call with a stream on either side, as the service has it. */
export class Call {
  /** Ends when the caller gives the call up. */
  readonly left: Promise<unknown>;

  constructor(
    readonly headers: http2.IncomingHttpHeaders,
    readonly stream: http2.ServerHttp2Stream,
  ) {
    // Not `once`, which an error would make reject.
    this.left = new Promise((resolve) => stream.once("aborted", resolve));
  }

  /** The requests, cut out of the HTTP/2 stream as they come. */
  async *requests(): AsyncGenerator<Buffer> {
    let data = Buffer.alloc(0);
    for await (const chunk of this.stream as AsyncIterable<Buffer>) {
      data = Buffer.concat([data, chunk]);
      while (data.length >= 5 && data.length >= 5 + data.readUInt32BE(1)) {
        const end = 5 + data.readUInt32BE(1);
        yield data.subarray(5, end);
        data = data.subarray(end);
      }
    }
  }

  send(message: Uint8Array): void {
    if (!this.stream.headersSent) this.#respond({ waitForTrailers: true });
    this.stream.write(enveloped(message));
  }

  end(failure?: Failure): void {
    const trailers = failure?.trailers() ?? { "grpc-status": 0 };
    if (this.stream.headersSent) {
      this.stream.on("wantTrailers", () => this.stream.sendTrailers(trailers));
      this.stream.end();
    } else {
      this.#respond({ endStream: true }, trailers);
    }
  }

  #respond(options: http2.ServerStreamResponseOptions, headers: http2.OutgoingHttpHeaders = {}) {
    this.stream.respond(
      { ":status": 200, "content-type": "application/grpc", ...headers },
      options,
    );
  }
}

export class Service implements AsyncDisposable {
  readonly received: Received[] = [];
  answer: (received: Received) => Answer = () => new Uint8Array();
  /** What to do with calls of every method, if set; `answer` is not asked then. */
  handle: ((call: Call) => Promise<void>) | undefined;
  /** What to do when a client pings; the ping is answered, too. */
  onPing: ((session: http2.ServerHttp2Session) => void) | undefined;
  readonly #server: http2.Http2Server | http2.Http2SecureServer;
  readonly #sockets = new Set<Socket>();

  private constructor(server: http2.Http2Server | http2.Http2SecureServer) {
    this.#server = server;
    server.on("connection", (socket: Socket) => this.#sockets.add(socket));
    server.on("session", (session) => session.on("ping", () => this.onPing?.(session)));
    server.on("stream", (stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders) => {
      void this.#serve(stream, headers);
    });
  }

  static async start(tls?: http2.SecureServerOptions): Promise<Service> {
    const server = tls ? http2.createSecureServer(tls) : http2.createServer();
    const service = new Service(server);
    await once(server.listen(0, "127.0.0.1"), "listening");
    return service;
  }

  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get connections(): number {
    return [...this.#sockets].filter((socket) => !socket.destroyed).length;
  }

  async #serve(stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders) {
    stream.on("error", () => {});
    if (this.handle) {
      return this.handle(new Call(headers, stream)).catch((error: unknown) => {
        // Reading the requests of a caller that has left fails.
        if (!stream.destroyed) throw error;
      });
    }
    const body = await messageOf(stream).catch((error: unknown) => {
      // Reading the request of a caller that has left fails.
      if (!stream.destroyed) throw error;
    });
    if (!body) return;
    const received = { path: headers[":path"] as string, body, headers };
    this.received.push(received);
    const answer = this.answer(received);
    if (answer === "drop") this.dropConnections();
    else if (answer instanceof Failure) respond(stream, answer.trailers());
    else if (answer !== "ignore") respond(stream, { "grpc-status": 0 }, answer);
  }

  dropConnections() {
    for (const socket of this.#sockets) socket.destroy();
  }

  async [Symbol.asyncDispose]() {
    this.dropConnections();
    const closed = once(this.#server, "close");
    this.#server.close();
    await closed;
  }
}

/** The message; nothing if the caller gave the call up before it was there. */
async function messageOf(stream: http2.ServerHttp2Stream): Promise<Buffer | undefined> {
  const data = Buffer.concat(await stream.toArray());
  if (data.length < 5 || data.length < 5 + data.readUInt32BE(1)) return undefined;
  if (data[0] !== 0 || data.readUInt32BE(1) !== data.length - 5) {
    throw new Error("not one uncompressed gRPC message");
  }
  return data.subarray(5);
}

function respond(
  stream: http2.ServerHttp2Stream,
  trailers: http2.OutgoingHttpHeaders,
  message?: Uint8Array,
) {
  stream.on("wantTrailers", () => stream.sendTrailers(trailers));
  stream.respond(
    { ":status": 200, "content-type": "application/grpc+proto" },
    { waitForTrailers: true },
  );
  if (message) stream.write(enveloped(message));
  stream.end();
}

function enveloped(message: Uint8Array): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}
