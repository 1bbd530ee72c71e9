// What stands on the way back: it may collect bytes, cut them, or break off at any of them.

import type { Head } from "./client-end.js";
import type { Conditions } from "./conditions.js";

/** A break that waits for its byte. */
export interface Cut {
  /** How many more bytes pass; with a pattern, how many behind that. */
  readonly afterBytes: number;
  /** What has to come first, and how often it passes before it counts. */
  readonly behind?: { readonly pattern: Uint8Array; readonly skip: number } | undefined;
  readonly how: "reset" | "end" | "silence";
}

/** Where a relay passes things on to. */
export interface RelayTarget {
  head(head: Head): void;
  bytes(bytes: Uint8Array): void;
  /** Breaks the exchange on both sides. */
  breakOff(how: Cut["how"]): void;
  /** Bytes have been taken from the server that the client does not have yet. */
  took(byteLength: number): void;
}

/** The way back of one exchange. */
export class Relay {
  readonly #conditions: Conditions;
  readonly #target: RelayTarget;
  readonly #random: () => number;
  #heldHead: Head | undefined;
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #cut: Cut | undefined;
  #isSilent = false;

  constructor(conditions: Conditions, target: RelayTarget, random: () => number) {
    this.#conditions = conditions;
    this.#target = target;
    this.#random = random;
  }

  head(head: Head): void {
    if (this.#conditions.buffering?.holdsHead) this.#heldHead = head;
    else this.#target.head(head);
  }

  bytes(bytes: Uint8Array): void {
    if (this.#isSilent) {
      this.#target.took(bytes.length);
      return;
    }
    const { buffering } = this.#conditions;
    if (buffering === undefined && this.#heldBytes === 0) {
      this.#pass(bytes);
      return;
    }
    this.#held.push(bytes);
    this.#heldBytes += bytes.length;
    this.#target.took(bytes.length);
    if (this.#heldBytes >= (buffering?.bytes ?? 0)) this.flush();
  }

  /** Passes on what is held: the response is over, or nothing is held back any more. */
  flush(): void {
    const head = this.#heldHead;
    this.#heldHead = undefined;
    if (head !== undefined) this.#target.head(head);
    const held = this.#held;
    this.#held = [];
    this.#heldBytes = 0;
    for (const bytes of held) this.#pass(bytes);
  }

  /** Arms a break; of two the one that comes first counts. */
  arm(cut: Cut): void {
    if (this.#cut === undefined || cut.afterBytes < this.#cut.afterBytes) this.#cut = cut;
  }

  #pass(bytes: Uint8Array): void {
    const cut = this.#awaited(bytes);
    if (cut !== undefined && bytes.length >= cut.afterBytes) {
      this.#cut = undefined;
      if (cut.afterBytes > 0) this.#send(bytes.subarray(0, cut.afterBytes));
      this.#isSilent = true;
      this.#target.breakOff(cut.how);
      return;
    }
    if (cut !== undefined) this.#cut = { ...cut, afterBytes: cut.afterBytes - bytes.length };
    this.#send(bytes);
  }

  /** The cut that is armed, with its bytes counted from the first of these; `undefined` if it has time. */
  #awaited(bytes: Uint8Array): Cut | undefined {
    const cut = this.#cut;
    if (cut?.behind === undefined) return cut;
    const { pattern } = cut.behind;
    let { skip } = cut.behind;
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let at = text.indexOf(pattern); at >= 0; at = text.indexOf(pattern, at + 1)) {
      if (skip === 0) {
        this.#cut = { ...cut, behind: undefined, afterBytes: at + pattern.length + cut.afterBytes };
        return this.#cut;
      }
      skip -= 1;
    }
    this.#cut = { ...cut, behind: { pattern, skip } };
    return undefined;
  }

  /** Nothing is to be cut any more. */
  disarm(): void {
    this.#cut = undefined;
  }

  #send(bytes: Uint8Array): void {
    const { splits } = this.#conditions;
    if (splits > 0 && bytes.length > 1 && this.#random() < splits) {
      const at = 1 + Math.floor(this.#random() * (bytes.length - 1));
      this.#target.bytes(bytes.subarray(0, at));
      this.#target.bytes(bytes.subarray(at));
    } else this.#target.bytes(bytes);
  }
}
