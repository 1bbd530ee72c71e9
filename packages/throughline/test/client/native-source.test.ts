// The browser's own class, looked after from outside, on virtual time.

import { EventSource, type EventSourceOptions } from "throughline";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { NativeStub } from "./native-stub.js";

const URL_ = "http://a.test/feed";
const native = () => NativeStub.made.at(-1) as NativeStub;
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
let source: EventSource;
let told: string[];

function open(options: EventSourceOptions = {}): void {
  source = new EventSource(URL_, { transport: "native", ...options });
  told = [];
  for (const type of ["open", "error"]) {
    source.addEventListener(type, () => told.push(`${type} ${source.readyState}`));
  }
  native().open();
}

/** What a Throughline server says at the beginning and from time to time, to who cannot see pulses. */
function greet(cursor: string): void {
  native().say("throughline.hello", "{}");
  native().say("throughline.heartbeat", "{}", cursor);
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance", "Date"] });
  vi.spyOn(Math, "random").mockReturnValue(0.5);
  vi.stubGlobal("EventSource", NativeStub);
  NativeStub.made.length = 0;
});
afterEach(() => {
  source.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe("a native source of a server that has greeted", () => {
  it("is stale after 31 s without a word, and made anew after 45 s, with the cursor", async () => {
    open();
    greet("e.5");
    await pass(30_900);
    expect(source.connection.state).toBe("live");
    await pass(100);
    expect(source.connection.state).toBe("stale");
    expect(source.readyState).toBe(EventSource.OPEN);
    await pass(13_900);
    expect(NativeStub.made).toHaveLength(1);
    await pass(101);
    expect(NativeStub.made).toHaveLength(2);
    expect(NativeStub.made[0]?.readyState).toBe(2);
    expect(native().url).toBe(`${URL_}?cursor=e.5`);
    expect(told).toEqual(["open 1", "error 0"]);
    native().open();
    expect(source.connection.state).toBe("live");
  });

  it("goes on as long as it says something by name, events too", async () => {
    open();
    greet("e.5");
    for (let time = 0; time < 10; time += 1) {
      await pass(30_000);
      if (time % 2 === 0) native().say("message", "a", `e.${6 + time}`);
      else greet(`e.${6 + time}`);
    }
    expect(source.connection.state).toBe("live");
    expect(NativeStub.made).toHaveLength(1);
  });

  it("that was stale is live again with its next word", async () => {
    open();
    greet("e.5");
    await pass(40_000);
    expect(source.connection.state).toBe("stale");
    greet("e.5");
    expect(source.connection.state).toBe("live");
    await pass(30_000);
    expect(NativeStub.made).toHaveLength(1);
  });

  it("is made anew when it has given up, later and later, and not for ever", async () => {
    open({ refusalLimit: 3 });
    greet("e.5");
    await pass(100);
    const waits: number[] = [];
    for (let time = 0; time < 3; time += 1) {
      native().fail(2);
      expect(source.connection.snapshot).toMatchObject({ state: "waiting", attempts: time + 1 });
      expect(source.readyState).toBe(EventSource.CONNECTING);
      const beganMs = Date.now();
      while (NativeStub.made.length === time + 1) await pass(10);
      waits.push(Date.now() - beganMs);
      expect(native().url).toBe(`${URL_}?cursor=e.5`);
    }
    expect(waits).toEqual([750, 1500, 3000]);
    native().fail(2);
    expect(source.connection.state).toBe("failed");
    expect(told.at(-1)).toBe("error 2");
    await pass(600_000);
    expect(NativeStub.made).toHaveLength(4);
    source.reconnect();
    expect(NativeStub.made).toHaveLength(5);
  });

  it("is forgiven what was before it lasted", async () => {
    open({ refusalLimit: 1 });
    greet("e.5");
    for (let time = 0; time < 3; time += 1) {
      native().fail(2);
      expect(source.connection.state).toBe("waiting");
      await pass(2000);
      native().open();
      await pass(5000);
      greet("e.6");
    }
    expect(NativeStub.made).toHaveLength(4);
  });

  it("is looked after from its first attempt on when it takes the place of another", async () => {
    open();
    greet("e.5");
    source.reconnect();
    expect(NativeStub.made).toHaveLength(2);
    // The browser's attempt hangs: nobody greets.
    await pass(45_001);
    expect(NativeStub.made).toHaveLength(3);
  });

  it("asks the flag before it is made anew", async () => {
    let flag: "native" | "throughline" = "native";
    const fetch = vi.fn(() => new Promise<never>(() => {}));
    open({ transport: () => flag, fetch });
    greet("e.5");
    native().fail(2);
    expect(fetch).not.toHaveBeenCalled();
    flag = "throughline";
    await pass(2000);
    expect(fetch).toHaveBeenCalledOnce();
    expect(NativeStub.made).toHaveLength(1);
  });

  it("is made anew where the browser's own attempt hangs", async () => {
    open();
    greet("e.5");
    native().fail(0);
    expect(source.connection.state).toBe("connecting");
    await pass(44_900);
    expect([NativeStub.made.length, source.connection.state]).toEqual([1, "connecting"]);
    await pass(101);
    expect(NativeStub.made).toHaveLength(2);
    // And again, where the next one hangs as well.
    await pass(45_001);
    expect(NativeStub.made).toHaveLength(3);
    native().open();
    expect(source.connection.state).toBe("live");
  });

  it.each([0, 2] as const)(
    "stays closed where it is closed when it is told of (%i)",
    async (readyState) => {
      open();
      greet("e.5");
      source.connection.subscribe(({ state }) => {
        if (state !== "live") source.close();
      });
      native().fail(readyState);
      await pass(600_000);
      expect(NativeStub.made).toHaveLength(1);
      expect(source.readyState).toBe(EventSource.CLOSED);
    },
  );

  it("is not made anew after it was closed, also from a listener", async () => {
    open();
    greet("e.5");
    source.onerror = () => source.close();
    await pass(60_000);
    expect(told).toEqual(["open 1", "error 0"]);
    expect(NativeStub.made).toHaveLength(1);
    open();
    greet("e.5");
    native().fail(2);
    source.close();
    await pass(60_000);
    expect(NativeStub.made).toHaveLength(2);
  });
});

describe("a native source of any other server", () => {
  it("is left to the browser's rules: silence says nothing, and giving up is final", async () => {
    open();
    native().say("message", "a", "1");
    await pass(3_600_000);
    expect(source.connection.state).toBe("live");
    native().fail(2);
    await pass(3_600_000);
    expect(NativeStub.made).toHaveLength(1);
    expect(source.readyState).toBe(EventSource.CLOSED);
  });
});

describe("in quiet mode", () => {
  it("only the error is told that nothing comes after, and then that it is open again", async () => {
    open({ quiet: true, refusalLimit: 1 });
    greet("e.5");
    native().fail(0);
    native().open();
    native().fail(2);
    await pass(2000);
    native().open();
    native().fail(2);
    expect(told).toEqual(["open 1", "error 2"]);
    source.reconnect();
    native().open();
    expect(told).toEqual(["open 1", "error 2", "open 1"]);
  });
});
