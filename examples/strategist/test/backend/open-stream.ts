// Reads a stream of the backend: its text as it came, and what its events say.

import { createParser } from "throughline/core";

/** What an event of the backend says. */
export type Payload = Readonly<Record<string, unknown>>;

/** A response that streams. */
export class OpenStream {
  readonly response: Response;
  /** Everything that has come, as text. */
  text = "";
  readonly payloads: Payload[] = [];
  isDone = false;
  /** How the reading failed, if it did. */
  error: unknown;
  readonly #abort: AbortController;
  #wake: () => void = () => {};

  private constructor(response: Response, abort: AbortController) {
    this.response = response;
    this.#abort = abort;
    void this.#pump();
  }

  /**
   * Opens one, on a connection of its own: one that is kept could be closed under the next request.
   * But with `connection: close` fetch takes any end for a clean one; who wants to tell says otherwise.
   */
  static async open(url: string, cookie = "", connection = "close"): Promise<OpenStream> {
    const abort = new AbortController();
    const headers = { cookie, connection };
    const init = { headers, redirect: "manual", signal: abort.signal } as const;
    return new OpenStream(await fetch(url, init), abort);
  }

  /** The `type` of each event so far. */
  get types(): unknown[] {
    return this.payloads.map(({ type }) => type);
  }

  /** The `data` of each event of a type so far. */
  data(type: string): Payload[] {
    return this.payloads.filter((one) => one["type"] === type).map((one) => one["data"] as Payload);
  }

  count(type: string): number {
    return this.types.filter((one) => one === type).length;
  }

  /** Waits until something holds; fails when the response ends before. */
  async until(holds: (stream: this) => boolean): Promise<this> {
    while (!holds(this)) {
      if (this.isDone) throw new Error(`ended after ${this.text}`, { cause: this.error });
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this;
  }

  /** Waits for so many more events of a type. */
  async untilMore(type: string, count = 1): Promise<this> {
    const wanted = this.count(type) + count;
    return this.until((stream) => stream.count(type) >= wanted);
  }

  /** Waits for the end, clean or not. */
  async end(): Promise<this> {
    return this.until(({ isDone }) => isDone);
  }

  /** Closes the connection. */
  close(): void {
    this.#abort.abort();
  }

  async #pump(): Promise<void> {
    const parser = createParser({
      onEvent: ({ data }) => this.payloads.push(JSON.parse(data) as Payload),
    });
    const decoder = new TextDecoder();
    try {
      for await (const bytes of this.response.body ?? []) {
        const text = decoder.decode(bytes, { stream: true });
        this.text += text;
        parser.push(text);
        this.#wake();
      }
    } catch (error) {
      this.error = error;
    }
    this.isDone = true;
    this.#wake();
  }
}
