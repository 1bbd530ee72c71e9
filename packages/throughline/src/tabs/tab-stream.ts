// The body of one response in one tab: its own bytes at first, and another tab's from when both are at the same place.

import { RESERVED } from "../core/index.js";
import { BlockScanner, type ScannedBlock } from "./block-scanner.js";
import type { TopicView } from "./shared-topics.js";

/**
 * What a tab is for a stream at the moment: it reads its own connection (`alone`), passes it on to whoever asks
 * (`leads`), or is handed what another tab reads (`follows`).
 */
export type TabRole = "alone" | "leads" | "follows";

/** What a stream needs. */
export interface TabStreamOptions {
  /** The same in all tabs that may share. */
  readonly name: string;
  readonly locks: LockManager;
  /** The tab's own response. */
  readonly source: ReadableStream<Uint8Array>;
  /** Aborts the request. */
  readonly signal: AbortSignal;
  /** What the tab takes of it, where others take something else. */
  readonly view: TopicView | undefined;
  /** Told of each change. */
  readonly onRole: (role: TabRole) => void;
}

/** A block as it is passed on. */
interface Block {
  /** The id that a reader has after it. */
  readonly lastId: string;
  readonly topic: string | undefined;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** What tabs say to each other. */
type Message =
  | { readonly kind: "join"; readonly from: string }
  | {
      readonly kind: "welcome";
      readonly from: string;
      readonly to: string;
      readonly lastId: string;
      readonly hello: Uint8Array<ArrayBuffer> | undefined;
    }
  | ({ readonly kind: "block"; readonly from: string } & Block)
  | { readonly kind: "lead" | "over"; readonly from: string };

/** A leader that does not answer for so long is frozen, or busy beyond use: another tab takes its place. */
const WELCOME_WITHIN_MS = 1000;

/** What a tab is told when the one that holds the connection goes: to go on by a handover, at once. */
const DRAIN = new TextEncoder().encode(`event: ${RESERVED.drain}\ndata: {"withinMs":0}\n\n`);

/** Says, in the middle of a block that is not handed on yet, that bytes come: a comment. */
const SIGN_OF_LIFE = new TextEncoder().encode(":\n");

/** Blocks that are kept for the moment of the change; beyond them it is tried again later. */
const MOST_KEPT = 1000;

/** What another tab has sent since it was asked. */
interface Offer {
  readonly leader: string;
  readonly hello: Uint8Array<ArrayBuffer> | undefined;
  /** Where it was when it answered, then what it sent. */
  readonly blocks: Block[];
}

/**
 * One response, shared where it can be.
 *
 * Its own connection comes first, because only it can begin at the tab's own cursor. Whoever gets the lock leads: it goes on
 * with its own connection, and passes its blocks on. The others ask for what it passes on, and leave their own connection when
 * the last id of it has come from both. A leader holds another lock with its name for as long as it lives.
 */
export class TabStream {
  readonly body: ReadableStream<Uint8Array>;
  readonly #options: TabStreamOptions;
  readonly #id = crypto.randomUUID();
  readonly #channel: BroadcastChannel;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #scanner = new BlockScanner();
  /** Aborted when this is over: whatever waits for a lock waits no more. */
  readonly #over = new AbortController();
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  /** The bytes of the block that has not ended. */
  #begun: Uint8Array[] = [];
  #hello: Uint8Array<ArrayBuffer> | undefined;
  #isLeading = false;
  /** Whether the machine has been told to hand over to another stream. */
  #isLeaving = false;
  #hasFollowers = false;
  #stopLeading: (() => void) | undefined;
  #offer: Offer | undefined;
  #welcomeTimer: ReturnType<typeof setTimeout> | undefined;
  /** Whose blocks are handed on in place of the own ones. */
  #leader: string | undefined;

  constructor(options: TabStreamOptions) {
    this.#options = options;
    this.#reader = options.source.getReader();
    this.#channel = new BroadcastChannel(options.name);
    this.#channel.onmessage = ({ data }: MessageEvent<Message>) => this.#onMessage(data);
    this.body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#controller = controller;
      },
      cancel: () => this.#end(),
    });
    const onAbort = () => {
      this.#controller?.error(options.signal.reason);
      this.#end();
    };
    options.signal.addEventListener("abort", onAbort, { signal: this.#over.signal });
    options.onRole("alone");
    void this.#read();
    void this.#lead({ ifAvailable: true });
  }

  // ---- the own connection ------------------------------------------------------------------------

  async #read(): Promise<void> {
    try {
      for (;;) {
        const { value } = await this.#reader.read();
        if (this.#leader !== undefined || this.#over.signal.aborted) return;
        if (value === undefined) break;
        this.#onBytes(value);
      }
      this.#controller?.close();
      this.#sayOver();
      this.#end();
    } catch (error) {
      if (this.#leader === undefined) this.#fail(error);
    }
  }

  #onBytes(chunk: Uint8Array): void {
    let from = 0;
    for (const block of this.#scanner.scan(chunk)) {
      const part = chunk.subarray(from, block.end);
      from = block.end;
      this.#begun.push(part);
      const { topic, lastId } = block;
      const whole = { topic, lastId, bytes: joined(this.#begun) };
      if (this.#options.view === undefined) this.#controller?.enqueue(part);
      else this.#handOn(whole);
      this.#onBlock(block, whole);
      this.#begun = [];
      if (this.#changeOver(block.lastId)) return;
    }
    if (from === chunk.length) return;
    const rest = chunk.subarray(from);
    // Whose it is is not known before it is whole.
    this.#controller?.enqueue(this.#options.view === undefined ? rest : SIGN_OF_LIFE);
    this.#begun.push(rest);
    const { lastId } = this.#scanner;
    this.#tell({ lastId, topic: undefined, bytes: SIGN_OF_LIFE });
  }

  /** Hands a block to the tab. What is for others only moves its cursor. */
  #handOn({ topic, lastId, bytes }: Block): void {
    const isShown = this.#options.view?.shows(topic) ?? true;
    this.#controller?.enqueue(isShown ? bytes : new TextEncoder().encode(`id: ${lastId}\n\n`));
  }

  #onBlock({ type }: ScannedBlock, block: Block): void {
    if (type === RESERVED.hello) this.#hello = block.bytes;
    this.#tell(block);
    // Who is about to go is no place to go to, and goes nowhere else: its successor is on the way. What
    // follows is still for those who are here.
    if (type !== RESERVED.drain) return;
    this.#isLeaving = true;
    this.#forgetOffer();
    this.#stopLeading?.();
  }

  #tell(block: Block): void {
    if (this.#hasFollowers) this.#say({ kind: "block", from: this.#id, ...block });
  }

  // ---- leading -----------------------------------------------------------------------------------

  async #lead(how: { readonly ifAvailable: true } | { readonly steal: true }): Promise<void> {
    const { name, locks } = this.#options;
    try {
      await locks.request(name, how, async (lock) => {
        if (this.#over.signal.aborted) return;
        if (lock === null) {
          if (this.#isCandidate) this.#ask();
          return;
        }
        await new Promise<void>((resolve) => {
          this.#isLeading = true;
          this.#options.onRole("leads");
          this.#forgetOffer();
          this.#stopLeading = resolve;
          this.#show();
          // Who has asked too early asks again.
          this.#say({ kind: "lead", from: this.#id });
        });
        this.#isLeading = false;
      });
    } catch {
      // Another tab has taken the lock, because this one did not answer; or the page is going.
      if (!this.#isLeading) return;
      this.#isLeading = false;
      this.#options.onRole("alone");
      if (this.#isCandidate) this.#ask();
    }
  }

  /** Holds the lock that others wait for to learn that this tab is gone. */
  #show(): void {
    const { locks } = this.#options;
    const held = new Promise<void>((resolve) => {
      this.#over.signal.addEventListener("abort", () => resolve());
    });
    // It fails where the page is going, and then there is nothing to hold.
    locks.request(this.#id, () => held).catch(() => {});
  }

  // ---- following ---------------------------------------------------------------------------------

  #ask(): void {
    this.#forgetOffer();
    this.#say({ kind: "join", from: this.#id });
    this.#welcomeTimer = setTimeout(() => void this.#lead({ steal: true }), WELCOME_WITHIN_MS);
  }

  #forgetOffer(): void {
    this.#offer = undefined;
    clearTimeout(this.#welcomeTimer);
  }

  #onMessage(message: Message): void {
    const { kind, from } = message;
    if (kind === "join" && this.#isLeading) {
      this.#hasFollowers = true;
      const { lastId } = this.#scanner;
      this.#say({ kind: "welcome", from: this.#id, to: from, lastId, hello: this.#hello });
    }
    if (kind === "welcome" && message.to === this.#id && this.#isCandidate) {
      const { lastId, hello } = message;
      this.#forgetOffer();
      const where = { lastId, topic: undefined, bytes: new Uint8Array() };
      this.#offer = { leader: from, hello, blocks: [where] };
      void this.#watch(from);
      if (this.#scanner.isBetweenBlocks) this.#changeOver(this.#scanner.lastId);
    }
    if (kind === "lead" && this.#isCandidate) this.#ask();
    if (kind === "block" && this.#leader === from) this.#handOn(message);
    if (kind === "block" && this.#offer?.leader === from) this.#keep(this.#offer, message);
    if (kind === "over") this.#lose(from);
  }

  /** Whether this goes on with its own connection, and would leave it for another. */
  get #isCandidate(): boolean {
    const isBusy = this.#isLeading || this.#isLeaving || this.#over.signal.aborted;
    return !isBusy && this.#leader === undefined;
  }

  #keep({ blocks }: Offer, block: Block): void {
    blocks.push(block);
    if (blocks.length > MOST_KEPT) this.#ask();
    else if (this.#scanner.isBetweenBlocks) this.#changeOver(this.#scanner.lastId);
  }

  /** Leaves the own connection, if the other one is known from here on. */
  #changeOver(lastId: string): boolean {
    const { leader, hello, blocks } = this.#offer ?? { blocks: [] };
    const at = lastId === "" ? -1 : blocks.findLastIndex((block) => block.lastId === lastId);
    if (leader === undefined || at < 0) return false;
    this.#leader = leader;
    this.#options.onRole("follows");
    this.#forgetOffer();
    // The lease that the reader had ends with its connection.
    if (hello !== undefined) this.#controller?.enqueue(hello);
    for (const block of blocks.slice(at + 1)) this.#handOn(block);
    void this.#reader.cancel().catch(() => {});
    this.#sayOver();
    return true;
  }

  /** Waits for the lock that the leader holds while it lives. */
  async #watch(leader: string): Promise<void> {
    const { signal } = this.#over;
    try {
      await this.#options.locks.request(leader, { signal }, () => {});
      this.#part(leader);
    } catch {
      // This one is over.
    }
  }

  /**
   * Another tab is gone, and was well as far as it could say: so is the path. The machine is told to hand over,
   * and its pulse watches what becomes of that; where the server has none, it asks anew instead.
   */
  #part(leader: string): void {
    if (this.#leader !== leader || this.#hello === undefined) {
      this.#lose(leader);
      return;
    }
    this.#leader = undefined;
    this.#isLeaving = true;
    this.#controller?.enqueue(DRAIN);
  }

  /** Another tab passes nothing on any more. */
  #lose(leader: string): void {
    if (this.#leader === leader)
      this.#fail(new TypeError("The tab that held the connection has ended"));
    if (this.#offer?.leader !== leader) return;
    this.#forgetOffer();
    void this.#lead({ ifAvailable: true });
  }

  // ---- the end -----------------------------------------------------------------------------------

  #fail(error: unknown): void {
    if (this.#over.signal.aborted) return;
    this.#controller?.error(error);
    this.#sayOver();
    this.#end();
  }

  /** Tells those who follow that nothing more comes from here. */
  #sayOver(): void {
    if (this.#hasFollowers) this.#say({ kind: "over", from: this.#id });
  }

  /** Lets go of everything, and of the locks: by them those who follow learn of it. */
  #end(): void {
    if (this.#over.signal.aborted) return;
    this.#over.abort();
    this.#stopLeading?.();
    clearTimeout(this.#welcomeTimer);
    this.#channel.close();
    void this.#reader.cancel().catch(() => {});
  }

  #say(message: Message): void {
    this.#channel.postMessage(message);
  }
}

/** Bytes of their own, because what was read may be a view of more. */
function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
