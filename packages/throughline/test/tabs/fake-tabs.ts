// Tabs of a browser on virtual time: locks that are granted in turn, and a channel for each name.

interface Held {
  readonly client: string;
  readonly release: () => void;
  readonly steal: () => void;
}

interface Waiting {
  readonly client: string;
  readonly grant: () => void;
  readonly cancel: () => void;
}

/** The lock manager of a browser, as far as it is used. */
export class FakeLocks {
  readonly #held = new Map<string, Held>();
  readonly #waiting = new Map<string, Waiting[]>();

  get names(): string[] {
    return [...this.#held.keys()];
  }

  /** The manager as one tab sees it. */
  of(client: string): LockManager {
    return {
      request: (name: string, ...rest: unknown[]) => this.#request(client, name, rest),
    } as unknown as LockManager;
  }

  /** What the browser does with the locks of a tab that is gone. */
  forget(client: string): void {
    for (const [name, waiting] of this.#waiting) {
      this.#waiting.set(
        name,
        waiting.filter((one) => one.client !== client),
      );
    }
    for (const [name, held] of [...this.#held]) if (held.client === client) this.#free(name);
  }

  async #request(client: string, name: string, rest: readonly unknown[]): Promise<unknown> {
    const work = rest.at(-1) as (lock: unknown) => unknown;
    const { ifAvailable, steal, signal } = (rest.length > 1 ? rest[0] : {}) as LockOptions;
    await undefined;
    if (ifAvailable && this.#held.has(name)) return work(null);
    if (steal) {
      const held = this.#held.get(name);
      this.#held.delete(name);
      held?.steal();
    } else if (this.#held.has(name)) {
      await new Promise<void>((resolve, reject) => {
        const queue = this.#waiting.get(name) ?? [];
        const cancel = () => reject(new DOMException("aborted", "AbortError"));
        const entry = { client, grant: resolve, cancel };
        this.#waiting.set(name, [...queue, entry]);
        signal?.addEventListener("abort", () => {
          this.#waiting.set(
            name,
            (this.#waiting.get(name) ?? []).filter((one) => one !== entry),
          );
          cancel();
        });
      });
    }
    return new Promise<unknown>((resolve, reject) => {
      const held: Held = {
        client,
        release: () => {},
        steal: () => reject(new DOMException("stolen", "AbortError")),
      };
      this.#held.set(name, held);
      Promise.resolve(work({ name })).then((value) => {
        if (this.#held.get(name) === held) this.#free(name);
        resolve(value);
      }, reject);
    });
  }

  #free(name: string): void {
    this.#held.delete(name);
    const [next, ...later] = this.#waiting.get(name) ?? [];
    this.#waiting.set(name, later);
    next?.grant();
  }
}

/** All channels of a browser. What is said is heard a moment later, in order, unless its hearer is frozen. */
export class FakeChannels {
  readonly #open = new Set<FakeChannel>();
  readonly frozen = new Set<string>();

  /** The class as one tab sees it. */
  of(client: string): typeof BroadcastChannel {
    const channels = this;
    return class extends FakeChannel {
      constructor(name: string) {
        super(name, client, channels);
        channels.#open.add(this);
      }
    } as unknown as typeof BroadcastChannel;
  }

  say(from: FakeChannel, data: unknown): void {
    for (const channel of this.#open) {
      if (channel === from || channel.name !== from.name) continue;
      const message = structuredClone(data);
      queueMicrotask(() => {
        if (this.#open.has(channel) && !this.frozen.has(channel.client)) channel.hear(message);
      });
    }
  }

  leave(channel: FakeChannel): void {
    this.#open.delete(channel);
  }
}

class FakeChannel {
  onmessage: ((event: MessageEvent) => void) | null = null;
  readonly name: string;
  readonly client: string;
  readonly #channels: FakeChannels;

  constructor(name: string, client: string, channels: FakeChannels) {
    this.name = name;
    this.client = client;
    this.#channels = channels;
  }
  hear(data: unknown): void {
    this.onmessage?.(new MessageEvent("message", { data }));
  }
  postMessage(data: unknown): void {
    this.#channels.say(this, data);
  }
  close(): void {
    this.#channels.leave(this);
  }
}
