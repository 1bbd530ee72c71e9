import { EventSource, type StreamError } from "throughline";
import { rollOut } from "throughline/roll-out";
import { describe, expect, it, vi } from "vitest";
import { fakeServer } from "../client/fake-server.js";

const people = Array.from({ length: 10_000 }, (_, index) => `strategist-${index}`);
const has = (key: string, percent: number, salt?: string) =>
  rollOut({ key, percent, salt })() === "throughline";
const chosen = (percent: number, salt?: string) =>
  new Set(people.filter((key) => has(key, percent, salt)));

describe("a roll-out by percentage", () => {
  it("is nobody at 0 and everybody at 100", () => {
    expect([chosen(0).size, chosen(100).size]).toEqual([0, people.length]);
  });

  it.each([0.1, 1, 10, 50, 90])("is about %d %% of the people", (percent) => {
    const share = (chosen(percent).size / people.length) * 100;
    expect(share).toBeGreaterThan(0);
    expect(Math.abs(share - percent)).toBeLessThan(1.5);
  });

  it("chooses the same people again, and with a higher percentage none of them less", () => {
    const few = chosen(10);
    const more = chosen(30);
    expect(chosen(10)).toEqual(few);
    expect([...few].filter((key) => !more.has(key))).toEqual([]);
  });

  it("chooses others with another salt", () => {
    const some = chosen(10);
    const both = [...chosen(10, "second")].filter((key) => some.has(key));
    expect(both.length).toBeLessThan(200);
  });

  it("tells keys apart that differ at their end only", () => {
    const shares = ["a", "user-", "ward/42/"].map(
      (stem) =>
        Array.from({ length: 1000 }, (_, index) => has(`${stem}${index}`, 50)).filter(Boolean)
          .length,
    );
    for (const share of shares) expect(Math.abs(share - 500)).toBeLessThan(80);
  });

  it.each([-1, 101, Number.NaN, "50"])("refuses %s per cent", (percent) => {
    const code = "invalid-option" satisfies StreamError["code"];
    const wrong = percent as number;
    expect(() => rollOut({ key: "a", percent: wrong })).toThrow(expect.objectContaining({ code }));
    const flag = rollOut({ key: "a", percent: 100 });
    expect(() => flag.set(wrong)).toThrow(expect.objectContaining({ code }));
    expect(flag()).toBe("throughline");
  });

  it("is changed later: for the next attempts, or for those who listen at once", () => {
    const flag = rollOut({ key: "a", percent: 100 });
    const listener = vi.fn();
    const leave = flag.subscribe(listener);
    flag.subscribe(listener);
    flag.set(0);
    expect([flag(), listener.mock.calls.length]).toEqual(["native", 0]);
    flag.set(100, { atOnce: true });
    expect([flag(), listener.mock.calls.length]).toEqual(["throughline", 2]);
    leave();
    flag.set(0, { atOnce: true });
    expect(listener).toHaveBeenCalledTimes(3);
  });

  it("is let go of by sources that are closed", () => {
    const flag = rollOut({ key: "a", percent: 100 });
    const left = vi.fn();
    const { subscribe } = flag;
    const transport = Object.assign(() => flag(), {
      subscribe: (listener: () => void) => {
        const leave = subscribe(listener);
        return () => {
          leave();
          left();
        };
      },
    });
    const source = new EventSource("http://a.test/feed", { transport, fetch: fakeServer().fetch });
    expect(left).not.toHaveBeenCalled();
    source.close();
    expect(left).toHaveBeenCalledOnce();
  });
});
