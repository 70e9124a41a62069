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

export class Service implements AsyncDisposable {
  readonly received: Received[] = [];
  answer: (received: Received) => Answer = () => new Uint8Array();
  readonly #server: http2.Http2Server | http2.Http2SecureServer;
  readonly #sockets = new Set<Socket>();

  private constructor(server: http2.Http2Server | http2.Http2SecureServer) {
    this.#server = server;
    server.on("connection", (socket: Socket) => this.#sockets.add(socket));
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
    const received = { path: headers[":path"] as string, body: await messageOf(stream), headers };
    this.received.push(received);
    const answer = this.answer(received);
    if (answer === "drop") this.#dropConnections();
    else if (answer instanceof Failure) respond(stream, answer.trailers());
    else if (answer !== "ignore") respond(stream, { "grpc-status": 0 }, answer);
  }

  #dropConnections() {
    for (const socket of this.#sockets) socket.destroy();
  }

  async [Symbol.asyncDispose]() {
    this.#dropConnections();
    const closed = once(this.#server, "close");
    this.#server.close();
    await closed;
  }
}

async function messageOf(stream: http2.ServerHttp2Stream): Promise<Buffer> {
  const data = Buffer.concat(await stream.toArray());
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
  if (message) {
    const prefix = Buffer.alloc(5);
    prefix.writeUInt32BE(message.length, 1);
    stream.write(Buffer.concat([prefix, message]));
  }
  stream.end();
}
