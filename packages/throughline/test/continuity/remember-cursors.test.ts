// Sources that go on where others were left, on virtual time.

import { EventSource, type EventSourceOptions } from "throughline";
import { type CursorStorage, type RememberOptions, rememberCursors } from "throughline/continuity";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  bodyOf,
  event,
  type FakeServer,
  fakeServer,
  hello,
  refusal,
} from "../client/fake-server.js";
import { NativeStub } from "../client/native-stub.js";

const URL_A = "http://a.test/feed";

/** What `sessionStorage` is to a page: it outlives the page's own memory. */
class FakeStorage implements CursorStorage {
  readonly items = new Map<string, string>();
  isBroken = false;

  getItem(name: string): string | null {
    if (this.isBroken) throw new DOMException("no", "SecurityError");
    return this.items.get(name) ?? null;
  }
  setItem(name: string, value: string): void {
    if (this.isBroken) throw new DOMException("full", "QuotaExceededError");
    this.items.set(name, value);
  }
  /** What another tab gets when this one is duplicated. */
  copy(): FakeStorage {
    const copy = new FakeStorage();
    for (const [name, value] of this.items) copy.items.set(name, value);
    return copy;
  }
}

let server: FakeServer;
const open: EventSource[] = [];

/** A page: what it remembers ends with it, but for what is stored. */
function page(options: RememberOptions = {}) {
  const continuity = rememberCursors(options);
  return (init: EventSourceOptions = {}, url = URL_A): EventSource => {
    const source = new EventSource(url, { fetch: server.fetch, continuity, ...init });
    open.push(source);
    return source;
  };
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const shown = () => server.requests.at(-1)?.headers["last-event-id"];

async function readTo(id: string): Promise<void> {
  await server.answer(bodyOf(hello() + event(id, "x")));
}

beforeEach(() => {
  const timers = ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] as const;
  vi.useFakeTimers({ toFake: [...timers, "performance", "Date"] });
  server = fakeServer();
});
afterEach(() => {
  for (const source of open.splice(0)) source.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("a source after another one for the same URL", () => {
  it("goes on where that one was closed", async () => {
    const make = page();
    const first = make();
    await readTo("e.7");
    first.close();
    const second = make();
    expect(second.lastEventId).toBe("e.7");
    expect(shown()).toBe("e.7");
    // What was handled is not repeated, whatever the server sends.
    const seen: string[] = [];
    second.onmessage = ({ lastEventId }) => seen.push(lastEventId);
    await server.answer(bodyOf(hello() + event("e.7", "x") + event("e.8", "y")));
    expect(seen).toEqual(["e.8"]);
  });

  it("begins anew where it is another stream, person, or mode of credentials", async () => {
    const storage = new FakeStorage();
    const make = page({ storage, owner: "ann" });
    const first = make();
    await readTo("e.7");
    first.close();
    expect(make({}, "http://a.test/other").lastEventId).toBe("");
    expect(make({ withCredentials: true }).lastEventId).toBe("");
    expect(page({ storage, owner: "bob" })().lastEventId).toBe("");
    expect(make().lastEventId).toBe("e.7");
  });

  it("begins anew beside one that is open, and each has a place of its own", async () => {
    const make = page();
    const first = make();
    await readTo("e.7");
    const second = make();
    expect(second.lastEventId).toBe("");
    await readTo("e.9");
    second.close();
    first.close();
    expect([make(), make(), make()].map(({ lastEventId }) => lastEventId)).toEqual([
      "e.7",
      "e.9",
      "",
    ]);
  });

  it("takes up the places of the page before in their order", async () => {
    const storage = new FakeStorage();
    const make = page({ storage });
    make();
    await readTo("e.3");
    make();
    await readTo("e.4");
    await pass(1000);
    const next = page({ storage: storage.copy() });
    expect([next(), next()].map(({ lastEventId }) => lastEventId)).toEqual(["e.3", "e.4"]);
  });

  it("goes on after the event in whose handler that one was replaced", async () => {
    const make = page();
    const seen: string[] = [];
    const follow = () => {
      const source = make();
      source.onmessage = ({ lastEventId }) => {
        seen.push(lastEventId);
        source.close();
        if (seen.length < 3) follow();
      };
    };
    follow();
    await server.answer(bodyOf(hello() + event("e.7", "x") + event("e.8", "y")));
    expect(shown()).toBe("e.7");
    await server.answer(bodyOf(hello() + event("e.7", "x") + event("e.8", "y")));
    expect(shown()).toBe("e.8");
    expect(seen).toEqual(["e.7", "e.8"]);
  });

  it("goes on where that one failed for good, which nobody has to close then", async () => {
    const make = page();
    const first = make({ refusalLimit: 0 });
    await readTo("e.7");
    await server.breakOff();
    await pass(300);
    await server.answer(refusal(404));
    expect(first.connection.state).toBe("failed");
    expect(make().lastEventId).toBe("e.7");
    expect(make().lastEventId).toBe("");
  });

  it("finds that one's place after its failure as fresh as its closing, or forgotten with it", async () => {
    const make = page({ maxAgeMs: 500 });
    const first = make({ refusalLimit: 0 });
    await readTo("e.7");
    await server.breakOff();
    await pass(300);
    await server.answer(refusal(404));
    // Others come and go meanwhile, which is when what is too old is thrown away.
    await pass(1000);
    make({}, "http://a.test/other").close();
    first.close();
    await pass(499);
    const second = make({ refusalLimit: 0 });
    expect(second.lastEventId).toBe("e.7");
    await server.answer(refusal(404));
    expect(second.connection.state).toBe("failed");
    second.close({ forget: true });
    second.close();
    expect(make().lastEventId).toBe("");
  });

  it("goes on where that one was closed after it had failed and was told to try again", async () => {
    const make = page();
    const first = make({ refusalLimit: 0 });
    await readTo("e.7");
    await server.breakOff();
    await pass(300);
    await server.answer(refusal(404));
    first.reconnect();
    await pass(1000);
    await readTo("e.8");
    expect(make().lastEventId).toBe("");
    first.close();
    expect(make().lastEventId).toBe("e.8");
  });

  it("shows a foreign server of another origin its place in a way that it understands", async () => {
    vi.stubGlobal("location", { origin: "http://page.test", href: "http://page.test/" });
    const make = page();
    const first = make();
    await server.answer(bodyOf(event("7", "x")));
    first.close();
    make();
    expect(shown()).toBe("7");
    expect(server.requests.at(-1)?.url).toBe(URL_A);
  });

  it("leaves a foreign server alone that is silent for long, with the flag at native", async () => {
    NativeStub.made.length = 0;
    vi.stubGlobal("EventSource", NativeStub);
    const make = page();
    const native = () => NativeStub.made.at(-1);
    make({ transport: "native" });
    native()?.open();
    native()?.say("message", "x", "7");
    open[0]?.close();
    make({ transport: "native" });
    native()?.open();
    native()?.say("message", "y", "8");
    expect(native()?.url).toBe(`${URL_A}?cursor=7`);
    await pass(60_000);
    expect(NativeStub.made).toHaveLength(2);
  });

  it("goes on where a native one failed for good", async () => {
    NativeStub.made.length = 0;
    vi.stubGlobal("EventSource", NativeStub);
    const make = page();
    make({ transport: "native" });
    NativeStub.made[0]?.open();
    NativeStub.made[0]?.say("message", "x", "7");
    NativeStub.made[0]?.fail(2);
    expect(make().lastEventId).toBe("7");
  });

  it("is closed only once, however often", async () => {
    const make = page();
    const first = make();
    await readTo("e.7");
    first.close();
    expect(make().lastEventId).toBe("e.7");
    first.close();
    expect(make().lastEventId).toBe("");
  });

  it.each([
    {
      what: "it was told to forget",
      close: (source: EventSource) => source.close({ forget: true }),
    },
    { what: "nothing was read", before: "", close: (source: EventSource) => source.close() },
    {
      what: "the stream was complete",
      before: "event: throughline.end\ndata: {}\n\n",
      close: (source: EventSource) => source.close(),
    },
  ])("begins anew where $what", async ({ close, before = event("e.7", "x") }) => {
    const storage = new FakeStorage();
    const make = page({ storage });
    const first = make();
    await server.answer(bodyOf(before === "" ? "" : hello() + before));
    close(first);
    expect(make().lastEventId).toBe("");
    expect(page({ storage })().lastEventId).toBe("");
  });

  it("begins anew after `maxAgeMs`, which counts from when that one was closed", async () => {
    const make = page({ maxAgeMs: 5000 });
    const first = make();
    await readTo("e.7");
    await pass(4000);
    await server.send(": pulse\n\n");
    first.close();
    await pass(4999);
    const second = make();
    expect(second.lastEventId).toBe("e.7");
    second.close();
    await pass(5000);
    expect(make().lastEventId).toBe("");
  });

  it("prefers what it was left at to the place that its option names", async () => {
    const make = page();
    const first = make({ lastEventId: "e.1" });
    expect(shown()).toBe("e.1");
    await readTo("e.7");
    first.close();
    make({ lastEventId: "e.1" });
    expect(shown()).toBe("e.7");
  });
});

describe("a page after another one in the same tab", () => {
  it("goes on where the one before was left in good order", async () => {
    const storage = new FakeStorage();
    const { leavePage } = stubPage();
    page({ storage })();
    await readTo("e.7");
    leavePage();
    expect(page({ storage })().lastEventId).toBe("e.7");
  });

  it("goes on a second before where the one before crashed, at most", async () => {
    const storage = new FakeStorage();
    page({ storage })();
    await readTo("e.7");
    await pass(1000);
    await server.send(event("e.8", "y"));
    const crashed = storage.copy();
    expect(page({ storage: crashed })().lastEventId).toBe("e.7");
    await pass(1000);
    expect(page({ storage: storage.copy() })().lastEventId).toBe("e.8");
  });

  it("goes on beside the one that it is a duplicate of, and neither moves the other", async () => {
    const storage = new FakeStorage();
    const original = page({ storage })();
    await readTo("e.7");
    await pass(1000);
    const copied = storage.copy();
    const make = page({ storage: copied });
    const duplicate = make();
    expect(duplicate.lastEventId).toBe("e.7");
    await readTo("e.9");
    await pass(1000);
    original.close();
    duplicate.close();
    expect(make().lastEventId).toBe("e.9");
    expect(page({ storage })().lastEventId).toBe("e.7");
  });

  it("keeps what a page stored that came between, when it is back from the cache", async () => {
    const storage = new FakeStorage();
    const make = page({ storage });
    const first = make();
    await readTo("e.7");
    const between = page({ storage });
    const other = between({}, "http://a.test/other");
    await readTo("o.3");
    other.close();
    await pass(1000);
    first.close();
    const next = page({ storage });
    expect(next().lastEventId).toBe("e.7");
    expect(next({}, "http://a.test/other").lastEventId).toBe("o.3");
  });

  it.each(["not JSON", "{}", "[1, null, {}]", '[{"id":"a","key":1,"cursor":"x","atMs":1}]'])(
    "is not confused by what others have stored: %s",
    (text) => {
      const storage = new FakeStorage();
      storage.items.set("throughline.places", text);
      expect(page({ storage })().lastEventId).toBe("");
    },
  );

  it("has its own memory where nothing can be stored", async () => {
    const storage = new FakeStorage();
    storage.isBroken = true;
    const make = page({ storage });
    const first = make();
    await readTo("e.7");
    await pass(5000);
    first.close();
    expect(make().lastEventId).toBe("e.7");
  });

  it("keeps `maxPlaces`, the newest", async () => {
    const storage = new FakeStorage();
    const make = page({ storage, maxPlaces: 2 });
    for (const n of [1, 2, 3]) {
      const source = make({}, `http://a.test/${n}`);
      await readTo(`e.${n}`);
      source.close();
      await pass(10);
    }
    expect(JSON.parse(storage.items.get("throughline.places") ?? "")).toHaveLength(2);
    const places = [1, 2, 3].map((n) => make({}, `http://a.test/${n}`).lastEventId);
    expect(places).toEqual(["", "e.2", "e.3"]);
  });
});

/** A page to listen to, as far as it is listened to. */
function stubPage(): { leavePage(): void } {
  const listeners: (() => void)[] = [];
  vi.stubGlobal("addEventListener", (type: string, listener: () => void) => {
    if (type === "pagehide") listeners.push(listener);
  });
  vi.stubGlobal("removeEventListener", () => {});
  return { leavePage: () => listeners[0]?.() };
}
