// Tabs on virtual time, in orders of events that a browser will not show on demand.

import type { FetchInit, FetchResponse } from "throughline";
import { shareTabs } from "throughline/tabs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeChannels, FakeLocks } from "./fake-tabs.js";

const HELLO = 'event: throughline.hello\ndata: {"protocol":1}\n\n';
const at = (id: number) => `id: e.${id}\ndata: ${id}\n\n`;
const settle = () => vi.advanceTimersByTimeAsync(0);

let locks: FakeLocks;
let channels: FakeChannels;

/** A tab with one stream: what the server sends to it, and what comes of it. */
class Tab {
  readonly name: string;
  readonly controller = new AbortController();
  read = "";
  /** How the body ended; `undefined` as long as it has not. */
  end: string | undefined;
  /** The URLs that the server was asked for. */
  readonly asked: string[] = [];
  readonly roles: string[] = [];
  /** Whether the tab's own connection is open. */
  isConnected = true;
  #server: ReadableStreamDefaultController<Uint8Array> | undefined;

  constructor(name: string) {
    this.name = name;
  }

  async open({
    url = "http://a.test/feed",
    owner = "",
    headers = {},
    type = "text/event-stream",
    topics = undefined as string[] | undefined,
    tells = true,
    forbids = "",
  } = {}) {
    vi.stubGlobal("navigator", { locks: locks.of(this.name) });
    vi.stubGlobal("BroadcastChannel", channels.of(this.name));
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#server = controller;
      },
      cancel: () => {
        this.isConnected = false;
      },
    });
    const fetch = async (asked: string): Promise<FetchResponse> => {
      this.asked.push(decodeURIComponent(asked));
      const told = new URL(asked).searchParams.get("throughline-tell");
      const isForbidden = forbids !== "" && new URL(asked).searchParams.get("topics") === forbids;
      return {
        status: isForbidden ? 403 : 200,
        url: asked,
        headers: new Headers({
          "content-type": type,
          ...(tells && told !== null ? { "throughline-told": told } : {}),
        }),
        body: isForbidden || (told !== null && !tells) ? null : body,
      };
    };
    const init: FetchInit = {
      method: "GET",
      headers: { accept: "text/event-stream", ...headers },
      credentials: "same-origin",
      cache: "no-store",
      signal: this.controller.signal,
    };
    const onRole = (role: string, whose: string) => this.roles.push(`${role} ${whose}`);
    const response = await shareTabs({ owner, topics, fetch, onRole })(url, init);
    void this.#pump(response.body);
    await settle();
    return this;
  }

  async send(text: string): Promise<void> {
    // A server notices at its next write, at the latest, that a connection was left.
    if (this.isConnected) this.#server?.enqueue(new TextEncoder().encode(text));
    await settle();
  }

  async breakOff(): Promise<void> {
    this.#server?.error(new TypeError("network"));
    await settle();
  }

  /** Its machine has no use for the stream any more. */
  async leave(): Promise<void> {
    this.controller.abort();
    await settle();
  }

  /** The tab is gone: nothing of it runs any more. */
  async crash(): Promise<void> {
    channels.frozen.add(this.name);
    locks.forget(this.name);
    await settle();
  }

  async #pump(body: ReadableStream<Uint8Array> | null): Promise<void> {
    const decoder = new TextDecoder();
    try {
      for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
        this.read += decoder.decode(chunk, { stream: true });
      }
      this.end = "ended";
    } catch (error) {
      this.end = (error as Error).message;
    }
  }
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  locks = new FakeLocks();
  channels = new FakeChannels();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function pair(): Promise<[Tab, Tab]> {
  const leader = await new Tab("a").open();
  await leader.send(HELLO + at(1) + at(2));
  const follower = await new Tab("b").open();
  await follower.send(HELLO + at(1) + at(2));
  return [leader, follower];
}

describe("a second tab", () => {
  it("leaves its own connection where both have read the same, and goes on with the other's", async () => {
    const [leader, follower] = await pair();
    expect([leader.isConnected, follower.isConnected]).toEqual([true, false]);
    await leader.send(`${at(3)}:\n\n`);
    // The leader's greeting comes along, for the sake of its lease.
    expect(follower.read).toBe(`${HELLO}${at(1)}${at(2)}${HELLO}${at(3)}:\n\n`);
    expect(leader.read).toBe(`${HELLO}${at(1)}${at(2)}${at(3)}:\n\n`);
  });

  it("that is behind catches up by its own first", async () => {
    const leader = await new Tab("a").open();
    await leader.send(at(1) + at(2) + at(3));
    const follower = await new Tab("b").open();
    await follower.send(at(1));
    await leader.send(at(4));
    expect(follower.isConnected).toBe(true);
    await follower.send(at(2));
    await follower.send(at(3));
    expect(follower.isConnected).toBe(false);
    expect(follower.read).toBe(at(1) + at(2) + at(3) + at(4));
  });

  it("that is ahead waits for the other", async () => {
    const leader = await new Tab("a").open();
    await leader.send(at(1));
    const follower = await new Tab("b").open();
    await follower.send(at(3));
    await leader.send(at(2));
    expect(follower.isConnected).toBe(true);
    await leader.send(at(3));
    expect(follower.isConnected).toBe(false);
    await leader.send(at(4));
    expect(follower.read).toBe(at(3) + at(4));
  });

  it("never changes in the middle of a block", async () => {
    const leader = await new Tab("a").open();
    await leader.send(at(1));
    const follower = await new Tab("b").open();
    await follower.send("data: begun");
    await leader.send(at(2));
    expect(follower.isConnected).toBe(true);
    await follower.send("\n\n");
    await follower.send(at(2));
    await leader.send(at(3));
    expect(follower.read).toBe(`data: begun\n\n${at(2)}${at(3)}`);
  });

  it("keeps its own connection where no event has an id", async () => {
    const leader = await new Tab("a").open();
    await leader.send("data: 1\n\n");
    const follower = await new Tab("b").open();
    await follower.send("data: 1\n\ndata: 2\n\n");
    await leader.send("data: 2\n\ndata: 3\n\n");
    await vi.advanceTimersByTimeAsync(60_000);
    expect([follower.isConnected, follower.read]).toEqual([true, "data: 1\n\ndata: 2\n\n"]);
    expect(locks.names).toHaveLength(2);
  });

  it.each([
    { what: "another owner", other: { owner: "bob" } },
    { what: "another URL", other: { url: "http://a.test/feed?topics=b" } },
    { what: "other headers", other: { headers: { authorization: "x" } } },
    { what: "a short response", other: { url: "http://a.test/feed?throughline-wait=3000" } },
    { what: "no stream", other: { type: "text/plain" } },
  ])("keeps its own connection for $what", async ({ other }) => {
    const leader = await new Tab("a").open();
    await leader.send(at(1));
    const second = await new Tab("b").open(other);
    await second.send(at(1) + at(2));
    expect([second.isConnected, second.read]).toEqual([true, at(1) + at(2)]);
  });

  it("shares whatever cursor it shows", async () => {
    const leader = await new Tab("a").open({ url: "http://a.test/feed?cursor=e.9&a=1" });
    await leader.send(at(10));
    const second = await new Tab("b").open({
      url: "http://a.test/feed?a=1",
      headers: { "last-event-id": "e.8" },
    });
    await second.send(at(9) + at(10));
    expect(second.isConnected).toBe(false);
  });
});

describe("what a tab is for a stream", () => {
  const url = "http://a.test/feed";

  it("is told as it changes", async () => {
    const [leader, follower] = await pair();
    expect(leader.roles).toEqual([`alone ${url}`, `leads ${url}`]);
    expect(follower.roles).toEqual([`alone ${url}`, `follows ${url}`]);
  });

  it("is told to one that has lost its lead while it was frozen", async () => {
    const leader = await new Tab("a").open();
    await leader.send(at(1));
    channels.frozen.add("a");
    const second = await new Tab("b").open();
    await vi.advanceTimersByTimeAsync(1000);
    expect([leader.roles.at(-1), second.roles.at(-1)]).toEqual([`alone ${url}`, `leads ${url}`]);
  });

  it("is told of the URL that was asked for, whatever is asked in its place", async () => {
    const own = `${url}?topics=ward/1`;
    const tab = await new Tab("a").open({ url: own, topics: ["ward/**"] });
    expect(tab.roles).toEqual([`alone ${own}`, `leads ${own}`]);
  });
});

describe("tabs with other topics", () => {
  const feed = (topics: string) => `http://a.test/feed?topics=${topics}`;
  const told = (id: number, topic: string) => `topic: ${topic}\n${at(id)}`;
  const topics = ["ward/**"];

  it("share a connection that brings the topics of all, and take what is theirs", async () => {
    const one = await new Tab("a").open({ url: feed("ward/1"), topics });
    await one.send(HELLO + at(1));
    const two = await new Tab("b").open({ url: feed("ward/2/*,ward/3"), topics });
    await two.send(HELLO + at(1));
    expect([one.isConnected, two.isConnected]).toEqual([true, false]);
    expect(two.asked).toEqual([`${feed("ward/**")}&throughline-tell=topics`]);
    await one.send(told(2, "ward/1") + told(3, "ward/2/x") + told(4, "ward/3") + told(5, "ward/2"));
    // What is for the other only moves the cursor.
    const [hid2, hid3, hid4, hid5] = [2, 3, 4, 5].map((id) => `id: e.${id}\n\n`);
    expect(one.read).toBe(HELLO + at(1) + told(2, "ward/1") + hid3 + hid4 + hid5);
    expect(two.read).toBe(
      HELLO + at(1) + HELLO + hid2 + told(3, "ward/2/x") + told(4, "ward/3") + hid5,
    );
  });

  it("hear in the middle of a long event that bytes come, whosever it is", async () => {
    const one = await new Tab("a").open({ url: feed("ward/1"), topics });
    await one.send(at(1));
    const two = await new Tab("b").open({ url: feed("ward/2"), topics });
    await two.send(at(1));
    await one.send("topic: ward/2\nid: e.2\n");
    await one.send("data: long");
    expect([one.read, two.read]).toEqual([`${at(1)}:\n:\n`, `${at(1)}:\n:\n`]);
    await one.send("\n\n");
    expect(one.read.endsWith(":\nid: e.2\n\n")).toBe(true);
    expect(two.read.endsWith(":\ntopic: ward/2\nid: e.2\ndata: long\n\n")).toBe(true);
  });

  it.each([
    { what: "no topics", url: "http://a.test/feed" },
    { what: "topics that are not among the common ones", url: feed("ward/1,news") },
    { what: "something that is no pattern", url: feed("") },
  ])("ask for what they want alone, where that is $what", async ({ url }) => {
    const tab = await new Tab("a").open({ url, topics });
    expect(tab.asked).toEqual([url]);
  });

  it.each([
    { how: "does not tell topics", open: { tells: false } },
    { how: "lets the reader have less", open: { forbids: "ward/**" } },
  ])("ask for what they want alone, where the server $how", async ({ open }) => {
    const url = feed("ward/1");
    const one = await new Tab("a").open({ url, topics, ...open });
    await one.send(at(1));
    expect(one.asked).toEqual([`${feed("ward/**")}&throughline-tell=topics`, url]);
    const same = await new Tab("b").open({ url, topics, ...open });
    await same.send(at(1));
    const other = await new Tab("c").open({ url: feed("ward/2"), topics, ...open });
    await other.send(at(1));
    expect([same.isConnected, other.isConnected, one.read]).toEqual([false, true, at(1)]);
  });

  it.each([[[]], [["a*"]], ["ward/**"]])("cannot be told to share %j", (wrong) => {
    expect(() => shareTabs({ owner: "", topics: wrong as string[] })).toThrow(/list of patterns/);
  });
});

describe("where the tab that leads", () => {
  it("loses its connection, the other's stream breaks at once, and its next one leads", async () => {
    const [leader, follower] = await pair();
    await leader.breakOff();
    expect(follower.end).toMatch(/tab/);
    const next = await new Tab("b").open();
    await next.send(HELLO + at(3));
    const third = await new Tab("c").open();
    await third.send(HELLO + at(3));
    expect([next.isConnected, third.isConnected]).toEqual([true, false]);
  });

  it.each([
    { how: "is gone", go: (leader: Tab) => leader.crash() },
    { how: "leaves", go: (leader: Tab) => leader.leave() },
  ])("$how, the other is told to hand over, and keeps its stream until it has", async ({ go }) => {
    const [leader, follower] = await pair();
    await go(leader);
    expect(follower.read.endsWith('event: throughline.drain\ndata: {"withinMs":0}\n\n')).toBe(true);
    expect(follower.end).toBeUndefined();
    const next = await new Tab("b").open();
    await next.send(HELLO + at(3));
    await follower.leave();
    const third = await new Tab("c").open();
    await third.send(HELLO + at(3));
    expect([next.isConnected, third.isConnected, next.end]).toEqual([true, false, undefined]);
  });

  it("is gone, and the server has not greeted, the other's stream breaks, because nothing watches a handover", async () => {
    const leader = await new Tab("a").open();
    await leader.send(at(1));
    const follower = await new Tab("b").open();
    await follower.send(at(1));
    await leader.leave();
    expect(follower.end).toMatch(/tab/);
  });

  it("is gone before the change, the other goes on with its own, and leads", async () => {
    const leader = await new Tab("a").open();
    await leader.send(at(5));
    const follower = await new Tab("b").open();
    await follower.send(at(1));
    await leader.crash();
    await follower.send(at(2));
    expect([follower.isConnected, follower.end]).toEqual([true, undefined]);
    const third = await new Tab("c").open();
    await third.send(at(2));
    expect(third.isConnected).toBe(false);
  });

  it("is frozen, whoever comes takes its place after a second, and it follows when it thaws", async () => {
    const leader = await new Tab("a").open();
    await leader.send(at(1));
    channels.frozen.add("a");
    const second = await new Tab("b").open();
    await second.send(at(1));
    await vi.advanceTimersByTimeAsync(999);
    const third = await new Tab("c").open();
    await third.send(at(1));
    // The lock is taken from it; that it hears of when it thaws.
    channels.frozen.delete("a");
    await vi.advanceTimersByTimeAsync(1);
    await vi.advanceTimersByTimeAsync(2000);
    await second.send(at(2));
    await third.send(at(2));
    await leader.send(at(2));
    expect([leader, second, third].filter(({ isConnected }) => isConnected)).toHaveLength(1);
    for (const tab of [leader, second, third]) expect(tab.end).toBeUndefined();
  });

  it("drains, it is no place to go to any more, and those who are there stay until it goes", async () => {
    const [leader, follower] = await pair();
    const drain = 'event: throughline.drain\ndata: {"withinMs":1000}\n\n';
    await leader.send(drain);
    const successor = await new Tab("a2").open();
    await successor.send(HELLO + at(2));
    await leader.send(at(3));
    expect(follower.read.endsWith(drain + at(3))).toBe(true);
    expect([successor.isConnected, follower.end]).toEqual([true, undefined]);
    const third = await new Tab("c").open();
    await third.send(HELLO + at(2));
    await successor.send(at(3));
    expect([third.isConnected, third.read.endsWith(at(3))]).toEqual([false, true]);
    await leader.leave();
    // The machine has been told already; that it is told again changes nothing.
    expect([follower.end, third.end]).toEqual([undefined, undefined]);
  });

  it("ends in good order, so does nothing but the stream of each", async () => {
    const [leader, follower] = await pair();
    await leader.leave();
    await follower.leave();
    expect(locks.names).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("without what sharing needs", () => {
  it.each(["navigator", "BroadcastChannel"])("%s, the plain fetch is used", (missing) => {
    vi.stubGlobal("navigator", { locks: locks.of("a") });
    vi.stubGlobal("BroadcastChannel", channels.of("a"));
    vi.stubGlobal(missing, undefined);
    const fetch = vi.fn();
    expect(shareTabs({ owner: "", fetch })).toBe(fetch);
  });
});
