// An EventSource that does what a test tells it, for the classes' own behaviour in virtual time.

/** What a new source does by itself: nothing, or fail at once with this `readyState`. */
export type FirstFate = "waits" | "is refused";

/** A scripted stand-in for the global `EventSource`. */
export class FakeEventSource extends EventTarget {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSED = 2;
  /** All sources since {@link FakeEventSource.reset}, oldest first. */
  static made: FakeEventSource[] = [];
  /** What the sources made from now on do by themselves. */
  static fate: FirstFate = "waits";

  onopen: ((event: Event) => void) | null = null;
  onmessage: ((event: MessageEvent) => void) | null = null;
  onerror: ((event: Event) => void) | null = null;
  readyState = FakeEventSource.CONNECTING;
  /** When it was made, by the virtual clock. */
  readonly madeAtMs = Date.now();
  readonly url: string;
  readonly withCredentials: boolean;

  constructor(url: string, init: { withCredentials?: boolean } = {}) {
    super();
    this.url = url;
    this.withCredentials = init.withCredentials ?? false;
    FakeEventSource.made.push(this);
    if (FakeEventSource.fate === "is refused") setTimeout(() => this.refuse(), 0);
  }

  /** Forgets all sources, and lets new ones wait. */
  static reset(): void {
    FakeEventSource.made = [];
    FakeEventSource.fate = "waits";
  }

  /** The newest source. */
  static get last(): FakeEventSource {
    const last = FakeEventSource.made.at(-1);
    if (last === undefined) throw new Error("no source was made");
    return last;
  }

  close(): void {
    this.readyState = FakeEventSource.CLOSED;
  }

  open(): void {
    this.readyState = FakeEventSource.OPEN;
    this.onopen?.(new Event("open"));
  }

  /** An unnamed message with this JSON. */
  send(value: unknown): void {
    this.onmessage?.(new MessageEvent("message", { data: JSON.stringify(value) }));
  }

  /** An event with a name of its own. */
  sendNamed(name: string, value: unknown): void {
    this.dispatchEvent(new MessageEvent(name, { data: JSON.stringify(value) }));
  }

  /** The connection is lost, and the source is going to reconnect by itself. */
  lose(): void {
    if (this.readyState === FakeEventSource.CLOSED) return;
    this.readyState = FakeEventSource.CONNECTING;
    this.onerror?.(new Event("error"));
  }

  /** An HTTP error has come, which is final. */
  refuse(): void {
    if (this.readyState === FakeEventSource.CLOSED) return;
    this.readyState = FakeEventSource.CLOSED;
    this.onerror?.(new Event("error"));
  }
}
