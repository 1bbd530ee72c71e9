// Timers that ring on time in a hidden page too. Browsers wake the timers of such a page once a second,
// and after some minutes once a minute; those of its workers they leave alone.

/** The worker: it is sent the id of a timer and milliseconds, and sends the id back after them. */
const SCRIPT = "onmessage=({data:[id,ms]})=>setTimeout(postMessage,ms,id)";

interface Pending {
  readonly callback: () => void;
  readonly dueMs: number;
  /** The page's own timer for the same moment: late, perhaps, but it needs nobody's leave. */
  readonly own: ReturnType<typeof setTimeout>;
}

/**
 * The timers of a page. While the page is hidden and any is pending, one worker rings them as well;
 * whichever rings first counts. Where no worker is allowed, that is the page's own.
 */
export class PageTimers {
  readonly #page: Document;
  readonly #script: string | undefined;
  readonly #pending = new Map<number, Pending>();
  #count = 0;
  #worker: Worker | undefined;
  /** Each attempt is reported as a violation of the page's policy: one is enough. */
  #isRefused = false;

  /** @param script the address of a file with {@link SCRIPT}; `undefined` for a blob */
  constructor(page: Document, script: string | undefined) {
    this.#page = page;
    this.#script = script;
    page.addEventListener("visibilitychange", () => {
      for (const id of this.#pending.keys()) this.#ringInWorker(id);
      this.#settle();
    });
  }

  set(callback: () => void, delayMs: number): number {
    const id = ++this.#count;
    const own = setTimeout(() => this.#ring(id), delayMs);
    this.#pending.set(id, { callback, dueMs: performance.now() + delayMs, own });
    this.#ringInWorker(id);
    return id;
  }

  clear(id: number): void {
    clearTimeout(this.#pending.get(id)?.own);
    this.#pending.delete(id);
    // Later: whoever clears a timer mostly sets another one.
    queueMicrotask(() => this.#settle());
  }

  #ring(id: number): void {
    const { callback } = this.#pending.get(id) ?? {};
    this.clear(id);
    callback?.();
  }

  #ringInWorker(id: number): void {
    const { dueMs = 0 } = this.#pending.get(id) ?? {};
    if (this.#page.hidden) this.#work()?.postMessage([id, dueMs - performance.now()]);
  }

  #work(): Worker | undefined {
    if (this.#isRefused || this.#worker !== undefined) return this.#worker;
    try {
      const worker = new Worker(this.#script ?? URL.createObjectURL(new Blob([SCRIPT])));
      worker.onmessage = ({ data }) => this.#ring(data);
      worker.onerror = (event) => {
        event.preventDefault();
        this.#refuse();
      };
      this.#worker = worker;
    } catch {
      // The policy of the page, or its age, forbids workers: its own timers go on.
      this.#refuse();
    }
    return this.#worker;
  }

  #refuse(): void {
    this.#isRefused = true;
    this.#end();
  }

  /** Ends the worker where nobody needs it. */
  #settle(): void {
    if (!this.#page.hidden || this.#pending.size === 0) this.#end();
  }

  #end(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
  }
}

/** What a realm keeps of its timers, also across several copies of this library. */
type Shared = Record<symbol, PageTimers | undefined>;

/**
 * The timers of this page, shared by all its connections; `undefined` outside of pages, whose
 * timers nobody holds back, and where `script` is `false`.
 */
export function pageTimers(script: string | URL | false | undefined): PageTimers | undefined {
  const page = globalThis.document as Document | undefined;
  if (page === undefined || script === false) return undefined;
  const address = script === undefined ? undefined : String(script);
  const name = Symbol.for(`throughline.timers.1 ${address}`);
  const shared = globalThis as unknown as Shared;
  shared[name] ??= new PageTimers(page, address);
  return shared[name];
}
