// The client's end of one exchange: what `fetch` gives to whoever called it.

import { Dechunker } from "./dechunker.js";

/** The head of an answer. */
export interface Head {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** How an exchange ended, as the client saw it. */
export type Ending =
  /** The answer is whole. */
  | "complete"
  /** It broke before it was answered, or in the middle of the answer. */
  | "broken"
  /** The client did not want it any more. */
  | "left";

/** Who is told what reaches a client, in the order in which it does. */
export interface ClientWitness {
  onHead(head: Head): void;
  /** Bytes of the body, when they are read. */
  onBytes(byteLength: number): void;
  onOver(ending: Ending): void;
}

/** A chunk as a reader of a stream is given it. */
export interface Read {
  readonly done: boolean;
  readonly value: Uint8Array | undefined;
}

interface Waiting<T> {
  resolve(value: T): void;
  reject(error: unknown): void;
}

/** The client's end. */
export class ClientEnd {
  readonly head: Promise<Head>;
  /** Whether nothing more will come of it. */
  isOver = false;
  hasHead = false;
  readonly #witness: ClientWitness;
  readonly #onTaken: (byteLength: number) => void;
  readonly #dechunker = new Dechunker();
  readonly #parts: Uint8Array[] = [];
  #awaitsHead: Waiting<Head> | undefined;
  #awaitsPart: Waiting<Read> | undefined;
  #error: unknown;
  #end: "complete" | "broken" | undefined;

  /** @param onTaken is told how many bytes of the connection the program has taken */
  constructor(witness: ClientWitness, onTaken: (byteLength: number) => void) {
    this.#witness = witness;
    this.#onTaken = onTaken;
    this.head = new Promise((resolve, reject) => {
      this.#awaitsHead = { resolve, reject };
    });
  }

  // ---- what comes from the network ----------------------------------------------------------------

  receiveHead(head: Head): void {
    if (this.isOver || this.hasHead) return;
    this.hasHead = true;
    this.#witness.onHead(head);
    this.#awaitsHead?.resolve(head);
  }

  /** Bytes of the connection, framing included. */
  receive(bytes: Uint8Array): void {
    if (this.isOver) return;
    this.#dechunker.push(bytes, (part) => this.#parts.push(part));
    this.#onTaken(bytes.length);
    if (this.#dechunker.isOver) this.#end = "complete";
    this.#serve();
  }

  /** Bytes of a body that has no framing of its own. */
  receiveBody(bytes: Uint8Array): void {
    if (this.isOver) return;
    this.#parts.push(bytes);
    this.#serve();
  }

  /** The connection is reset, or was refused. */
  fail(): void {
    if (this.isOver || this.#end !== undefined) return;
    this.#error = new TypeError("fetch failed: the connection broke");
    this.#end = "broken";
    if (!this.hasHead) {
      this.#finish("broken");
      this.#awaitsHead?.reject(this.#error);
    } else this.#serve();
  }

  /** The connection is closed in good order, which ends a body that has no framing of its own. */
  endCleanly(): void {
    if (this.isOver || this.#end !== undefined) return;
    if (!this.hasHead) {
      this.fail();
      return;
    }
    this.#end = "complete";
    this.#serve();
  }

  // ---- what the program does ----------------------------------------------------------------------

  read(): Promise<Read> {
    return new Promise((resolve, reject) => {
      this.#awaitsPart = { resolve, reject };
      this.#serve();
    });
  }

  /** The program does not want it any more. */
  abandon(reason: unknown): void {
    if (this.isOver) return;
    this.#finish("left");
    this.#awaitsHead?.reject(reason);
    this.#awaitsPart?.reject(reason);
  }

  #serve(): void {
    const reader = this.#awaitsPart;
    if (reader === undefined) return;
    const value = this.#parts.shift();
    if (value !== undefined) {
      this.#awaitsPart = undefined;
      this.#witness.onBytes(value.length);
      reader.resolve({ done: false, value });
      return;
    }
    if (this.#end === undefined) return;
    this.#awaitsPart = undefined;
    if (!this.isOver) this.#finish(this.#end);
    if (this.#end === "complete") reader.resolve({ done: true, value: undefined });
    else reader.reject(this.#error);
  }

  #finish(ending: Ending): void {
    this.isOver = true;
    this.#witness.onOver(ending);
  }
}
