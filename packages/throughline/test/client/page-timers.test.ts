// The worker that keeps time for a hidden page, with a worker of the test's own. What a browser does
// with the page's own timers is tested in one: test/page-life.

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { PageTimers, pageTimers } from "../../src/client/page-timers.js";

class FakePage extends EventTarget {
  hidden = false;
  become(state: "hidden" | "visible"): void {
    this.hidden = state === "hidden";
    this.dispatchEvent(new Event("visibilitychange"));
  }
}

class FakeWorker {
  readonly asked: [id: number, ms: number][] = [];
  isTerminated = false;
  onmessage: ((event: { data: number }) => void) | undefined;
  onerror: ((event: Event) => void) | undefined;
  readonly script: string;
  constructor(script: string) {
    this.script = script;
    workers.push(this);
  }
  postMessage(message: [number, number]): void {
    this.asked.push(message);
  }
  terminate(): void {
    this.isTerminated = true;
  }
  ring(index = 0): void {
    this.onmessage?.({ data: this.asked[index]?.[0] ?? 0 });
  }
}

let workers: FakeWorker[];
let page: FakePage;
let timers: PageTimers;
const rang = vi.fn();

/** What is left for later happens. */
const later = () => Promise.resolve();

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  vi.stubGlobal("Worker", FakeWorker);
  workers = [];
  rang.mockReset();
  page = new FakePage();
  timers = new PageTimers(page as unknown as Document, "/timers.js");
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("timers of a page", () => {
  it("need no worker while it is visible, and none while nothing is pending", () => {
    timers.set(rang, 100);
    vi.advanceTimersByTime(100);
    page.become("hidden");
    expect([rang.mock.calls.length, workers]).toEqual([1, []]);
  });

  it("are handed to the worker with the time that is left, as the page is hidden", () => {
    timers.set(rang, 1000);
    vi.advanceTimersByTime(300);
    page.become("hidden");
    expect(workers.map(({ script, asked }) => [script, asked])).toEqual([
      ["/timers.js", [[1, 700]]],
    ]);
  });

  it("ring once, by the worker or by the page, whichever is first", async () => {
    page.become("hidden");
    timers.set(rang, 1000);
    timers.set(rang, 2000);
    workers[0]?.ring(0);
    vi.advanceTimersByTime(1500);
    expect(rang).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(500);
    workers[0]?.ring(1);
    expect(rang).toHaveBeenCalledTimes(2);
  });

  it("do not ring once they are cleared", () => {
    page.become("hidden");
    timers.clear(timers.set(rang, 1000));
    workers[0]?.ring();
    vi.advanceTimersByTime(2000);
    expect(rang).not.toHaveBeenCalled();
  });

  it("keep one worker when one is cleared and the next is set, and end it with the last", async () => {
    page.become("hidden");
    timers.clear(timers.set(rang, 1000));
    const last = timers.set(rang, 1000);
    await later();
    expect([workers.length, workers[0]?.isTerminated]).toEqual([1, false]);
    timers.clear(last);
    await later();
    expect(workers[0]?.isTerminated).toBe(true);
  });

  it("end it when the page is visible again, and make another one the next time", () => {
    timers.set(rang, 1000);
    page.become("hidden");
    page.become("visible");
    expect(workers[0]?.isTerminated).toBe(true);
    page.become("hidden");
    expect(workers[1]?.asked).toEqual([[1, 1000]]);
  });

  it("go on by themselves where the worker cannot be made, and try no other", () => {
    const attempts = vi.fn();
    const forbidding = class {
      constructor() {
        attempts();
        throw new DOMException("blocked", "SecurityError");
      }
    };
    vi.stubGlobal("Worker", forbidding);
    page.become("hidden");
    timers.set(rang, 1000);
    timers.set(rang, 1000);
    vi.advanceTimersByTime(1000);
    expect([rang.mock.calls.length, attempts.mock.calls.length]).toEqual([2, 1]);
  });

  it("go on by themselves where the worker fails later, which is no error of the page", () => {
    page.become("hidden");
    timers.set(rang, 1000);
    const failure = new Event("error", { cancelable: true });
    workers[0]?.onerror?.(failure);
    timers.set(rang, 1000);
    vi.advanceTimersByTime(1000);
    expect(rang).toHaveBeenCalledTimes(2);
    expect([failure.defaultPrevented, workers.length, workers[0]?.isTerminated]).toEqual([
      true,
      1,
      true,
    ]);
  });
});

describe("the timers of this page", () => {
  it("are the same for all its connections with the same worker", () => {
    vi.stubGlobal("document", page);
    expect(pageTimers("/own.js")).toBe(pageTimers(new URL("/own.js", "http://a.test").pathname));
    expect(pageTimers("/own.js")).not.toBe(pageTimers("/other.js"));
  });

  it("are the platform's outside of pages, and where the worker is switched off", () => {
    expect(pageTimers(undefined)).toBeUndefined();
    vi.stubGlobal("document", page);
    expect(pageTimers(false)).toBeUndefined();
  });
});
