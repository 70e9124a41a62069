/**
 * The caller's requests. What its own iterator throws is kept, because Connect makes an error of
 * the call of it.
 */
export class Requests<Message> {
  failure: { readonly cause: unknown } | undefined;
  readonly #source: AsyncIterable<Message>;
  #iterator: AsyncIterator<Message> | undefined;

  constructor(source: AsyncIterable<Message>) {
    this.#source = source;
  }

  /** Reads the caller's iterator, and closes it when the call ends before. */
  async *all(): AsyncGenerator<Message> {
    const source = (this.#iterator = this.#source[Symbol.asyncIterator]());
    try {
      for (;;) {
        const { done, value } = await this.#next(source);
        if (done) {
          this.#iterator = undefined;
          return;
        }
        yield value;
      }
    } finally {
      await this.#return();
    }
  }

  /**
   * Closes the caller's iterator, though its next request may be awaited still: that one can be
   * long in coming.
   */
  close(): void {
    // What goes wrong in its clean-up is no outcome of the call, which has ended.
    this.#return().catch(() => {});
  }

  async #return(): Promise<void> {
    const iterator = this.#iterator;
    this.#iterator = undefined;
    await iterator?.return?.();
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
