/**
 * The caller's requests. What its own iterator throws is kept, because Connect makes an error of
 * the call of it.
 */
export class Requests<Message> {
  failure: { readonly cause: unknown } | undefined;
  readonly #source: AsyncIterable<Message>;

  constructor(source: AsyncIterable<Message>) {
    this.#source = source;
  }

  /** Reads the caller's iterator, and closes it when the call ends before. */
  async *all(): AsyncGenerator<Message> {
    const source = this.#source[Symbol.asyncIterator]();
    try {
      for (;;) {
        const { done, value } = await this.#next(source);
        if (done) return;
        yield value;
      }
    } finally {
      await source.return?.();
    }
  }

  async #next(source: AsyncIterator<Message>): Promise<IteratorResult<Message>> {
    try {
      return await source.next();
    } catch (cause) {
      this.failure = { cause };
      throw cause;
    }
  }
}
