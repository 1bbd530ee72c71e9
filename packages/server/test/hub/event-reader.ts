// Reads the events of a response as they come.

import { createParser, type ParsedEvent } from "throughline/core";

export class EventReader {
  readonly events: ParsedEvent[] = [];
  isDone = false;
  error: unknown;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #wake: () => void = () => {};

  constructor(body: ReadableStream<Uint8Array> | null) {
    if (body === null) throw new Error("a response without a body");
    this.#reader = body.getReader();
    void this.#pump();
  }

  /** The data of the application's events so far. */
  get data(): string[] {
    return this.events
      .filter(({ type }) => !type.startsWith("throughline."))
      .map(({ data }) => data);
  }

  get types(): string[] {
    return this.events.map(({ type }) => type);
  }

  /** Waits until something holds of what has come; fails when the response ends before. */
  async until(holds: (reader: EventReader) => boolean): Promise<this> {
    while (!holds(this)) {
      if (this.isDone)
        throw new Error(`ended after ${this.types.join(", ")}`, { cause: this.error });
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this;
  }

  /** Waits for an event of a type, and returns its payload. */
  async payload(type: string): Promise<unknown> {
    await this.until(({ types }) => types.includes(type));
    return JSON.parse(this.events.find((event) => event.type === type)?.data ?? "null");
  }

  /** Waits for the end of the response. */
  async end(): Promise<this> {
    await this.until(({ isDone }) => isDone);
    return this;
  }

  async cancel(): Promise<void> {
    await this.#reader.cancel();
  }

  async #pump(): Promise<void> {
    const parser = createParser(
      { onEvent: (event) => this.events.push(event) },
      { decoder: new TextDecoder("utf-8", { ignoreBOM: true }) },
    );
    try {
      for (;;) {
        const { value, done } = await this.#reader.read();
        if (done) break;
        parser.push(value);
        this.#wake();
      }
    } catch (error) {
      this.error = error;
    }
    this.isDone = true;
    this.#wake();
  }
}
