import { toBinary, type DescMessage, type MessageShape } from "@bufbuild/protobuf";

/** As much as gRPC keeps of a call in other languages. */
const MAX_KEPT_BYTES = 4 * 1024 * 1024;

/**
 * The requests of a stream, kept so that another attempt can send them again from the first, until
 * the call is answered or they outgrow 4 MiB.
 */
export class Replay<Schema extends DescMessage> {
  readonly #schema: Schema;
  readonly #source: AsyncIterator<MessageShape<Schema>>;
  readonly #kept: MessageShape<Schema>[] = [];
  #sent = 0;
  #bytes = 0;
  #possible = true;
  #exhausted = false;
  #reading: Promise<void> | undefined;
  #attempts = 0;

  constructor(schema: Schema, source: AsyncIterable<MessageShape<Schema>>) {
    this.#schema = schema;
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Whether another attempt can send all requests. */
  get possible(): boolean {
    return this.#possible;
  }

  /** Says that there will be no other attempt. */
  end(): void {
    this.#possible = false;
    this.#forgetSent();
  }

  /** The requests from the first, for a new attempt; those of the one before end. */
  async *requests(): AsyncGenerator<MessageShape<Schema>> {
    const attempt = ++this.#attempts;
    this.#sent = 0;
    while (attempt === this.#attempts) {
      const request = this.#kept[this.#sent];
      if (request) {
        this.#sent++;
        if (!this.#possible) this.#forgetSent();
        yield request;
      } else if (this.#exhausted) {
        return;
      } else {
        // Attempts share what is read: the one before may be waiting for it still.
        await (this.#reading ??= this.#read());
      }
    }
  }

  #forgetSent(): void {
    this.#kept.splice(0, this.#sent);
    this.#sent = 0;
  }

  async #read(): Promise<void> {
    try {
      const { done, value } = await this.#source.next();
      if (done) {
        this.#exhausted = true;
        return;
      }
      this.#kept.push(value);
      if (!this.#possible) return;
      this.#bytes += toBinary(this.#schema, value).length;
      this.#possible = this.#bytes <= MAX_KEPT_BYTES;
    } catch (error) {
      // What another attempt could send would look complete.
      this.#possible = false;
      throw error;
    } finally {
      this.#reading = undefined;
    }
  }
}
