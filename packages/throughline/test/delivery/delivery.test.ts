import { beginDelivery, deliveredUpTo, deliveryDeadlineMs } from "throughline/core";
import { describe, expect, it } from "vitest";
import { at, CLOSED, contextWith, DRAINING, LIVE, replaying, step } from "./harness.js";

describe("the decision", () => {
  it("joins where the position is the pointer", () => {
    const { state, effects } = step(beginDelivery(at(10)), "accepted");
    expect([state, effects]).toEqual([{ name: "live" }, ["join"]]);
  });

  it("says goodbye instead where the stream is sealed", () => {
    const { state, effects } = step(
      beginDelivery(at(10)),
      "accepted",
      contextWith({ isSealed: true }),
    );
    expect(state).toEqual({ name: "draining", at: at(10), reason: "complete", deadlineMs: 1500 });
    expect(effects).toEqual(["write-end", "end"]);
  });

  it("asks for a page where the position is behind the pointer", () => {
    const { state, effects } = step(beginDelivery(at(9)), "accepted");
    expect([state, effects]).toEqual([replaying("page", at(9)), ["request-page"]]);
  });

  it("asks the log about a position that is ahead of the pointer, or of another epoch", () => {
    for (const position of [at(11), at(9, "b"), at(10, "b"), at(11, "b")]) {
      const { state, effects } = step(beginDelivery(position), "accepted");
      expect([state, effects]).toEqual([replaying("confirmation", position), ["request-page"]]);
    }
  });

  it("gives all live subscribers one and the same state", () => {
    expect(step(replaying("room", at(10)), "writable").state).toBe(LIVE);
  });
});

describe("a page", () => {
  it("is written, and moves the position to its end", () => {
    const { state, effects } = step(replaying("page"), { kind: "page", upTo: 7, isEmpty: false });
    expect([state, effects]).toEqual([replaying("verdict", at(7)), ["write"]]);
  });

  it("that is hidden moves the position without a write", () => {
    const { state, effects } = step(replaying("page"), { kind: "page", upTo: 7, isEmpty: true });
    expect([state, effects]).toEqual([replaying("page", at(7)), ["request-page"]]);
  });

  it("that is hidden and reaches the pointer leads into the live set at once", () => {
    const { state, effects } = step(replaying("page"), { kind: "page", upTo: 10, isEmpty: true });
    expect([state, effects]).toEqual([LIVE, ["join"]]);
  });

  it("that brings nothing although there is something ends the delivery", () => {
    const { state, effects } = step(replaying("page"), { kind: "page", upTo: 5, isEmpty: true });
    expect(state).toEqual({ name: "draining", at: at(5), reason: "log-failed", deadlineMs: 1500 });
    expect(effects).toEqual(["end"]);
  });

  it("that nobody asked for is a bug", () => {
    for (const awaits of ["verdict", "room", "feed"] as const) {
      const feed = () => step(replaying(awaits), { kind: "page", upTo: 7, isEmpty: false });
      expect(feed).toThrow(`the log answered while the delivery awaits ${awaits}`);
    }
  });
});

describe("a confirmation", () => {
  const ahead = replaying("confirmation", at(12));

  it("makes the subscriber wait for the feed", () => {
    const { state, effects } = step(ahead, { kind: "page", upTo: 12, isEmpty: true });
    expect([state, effects]).toEqual([replaying("feed", at(12)), ["watch-feed"]]);
  });

  it("leads on where the feed has caught up meanwhile", () => {
    const page = { kind: "page", upTo: 12, isEmpty: true } as const;
    const there = step(ahead, page, contextWith({ pointer: at(12) }));
    expect(there.effects).toEqual(["join"]);
    const beyond = step(ahead, page, contextWith({ pointer: at(13) }));
    expect(beyond.state).toEqual(replaying("page", at(12), at(13)));
  });

  it("is asked for again each time that the feed moves and is not there yet", () => {
    const moved = step(replaying("feed", at(12)), "advanced", contextWith({ pointer: at(11) }));
    const again = replaying("confirmation", at(12), at(11));
    expect([moved.state, moved.effects]).toEqual([again, ["request-page"]]);
    const there = step(replaying("feed", at(12)), "advanced", contextWith({ pointer: at(12) }));
    expect(there.effects).toEqual(["join"]);
  });

  it("of an epoch that the feed has yet to hear of makes the subscriber wait as well", () => {
    const page = { kind: "page", upTo: 0, isEmpty: true } as const;
    const { state, effects } = step(replaying("confirmation", at(0, "b")), page);
    expect([state, effects]).toEqual([replaying("feed", at(0, "b")), ["watch-feed"]]);
  });

  it("that is older than the feed's news is asked for again", () => {
    const page = { kind: "page", upTo: 12, isEmpty: true } as const;
    const pointer = at(0, "b");
    const { state, effects } = step(ahead, page, contextWith({ pointer }));
    expect(state).toEqual(replaying("confirmation", at(12), pointer));
    expect(effects).toEqual(["request-page"]);
  });

  it("is no reason to wait for a feed that has heard the end", () => {
    const page = { kind: "page", upTo: 0, isEmpty: true } as const;
    const waiting = replaying("confirmation", at(0, "b"));
    const { state, effects } = step(waiting, page, contextWith({ isSealed: true }));
    expect(state).toMatchObject({ name: "draining", reason: "begun-anew" });
    expect(effects).toEqual(["end"]);
  });

  it("may turn out to be a gap", () => {
    const { state, effects } = step(ahead, { kind: "gap", resumeAfter: at(8) });
    expect([state, effects]).toEqual([replaying("verdict", at(8)), ["write"]]);
  });
});

describe("a gap", () => {
  it("is written, and delivery goes on after it", () => {
    const { state, effects } = step(replaying("page"), { kind: "gap", resumeAfter: at(0, "b") });
    expect([state, effects]).toEqual([replaying("verdict", at(0, "b")), ["write"]]);
  });

  it("that ends where it began ends the delivery", () => {
    const { state } = step(replaying("page"), { kind: "gap", resumeAfter: at(5) });
    expect(state).toMatchObject({ name: "draining", reason: "log-failed" });
  });
});

describe("a full sink", () => {
  it("sends a live subscriber back to where the pointer stands", () => {
    const { state, effects } = step(LIVE, "full");
    expect([state, effects]).toEqual([replaying("room", at(10)), ["leave"]]);
  });

  it("makes a replay wait for room, and then go on", () => {
    const waiting = step(replaying("verdict", at(7)), "full");
    expect([waiting.state, waiting.effects]).toEqual([replaying("room", at(7)), []]);
    const going = step(waiting.state, "writable");
    expect([going.state, going.effects]).toEqual([replaying("page", at(7)), ["request-page"]]);
  });

  it("does not disturb what else is awaited, nor does its room", () => {
    for (const awaits of ["page", "confirmation", "feed"] as const) {
      const state = replaying(awaits);
      expect(step(state, "full")).toEqual({ state, effects: [] });
      expect(step(state, "writable")).toEqual({ state, effects: [] });
    }
  });

  it("gives no verdict that nobody awaits", () => {
    expect(() => step(replaying("room"), "accepted")).toThrow(
      "a verdict came while the delivery awaits room",
    );
  });
});

describe("the end", () => {
  it("of the stream is told to live subscribers when it is sealed, not when it moves", () => {
    expect(step(LIVE, "advanced")).toEqual({ state: LIVE, effects: [] });
    const { state, effects } = step(LIVE, "advanced", contextWith({ isSealed: true }));
    expect(state).toMatchObject({ name: "draining", reason: "complete" });
    expect(effects).toEqual(["leave", "write-end", "end"]);
  });

  it("of the stream does not disturb a replay, which has yet to get there", () => {
    for (const awaits of ["page", "confirmation", "verdict", "room"] as const) {
      const state = replaying(awaits);
      expect(step(state, "advanced", contextWith({ isSealed: true }))).toEqual({
        state,
        effects: [],
      });
    }
  });

  it("that the hub asks for comes without an end event", () => {
    expect(step(LIVE, "finish").effects).toEqual(["leave", "end"]);
    const { state, effects } = step(replaying("page"), "finish");
    expect(state).toEqual({ name: "draining", at: at(5), reason: "requested", deadlineMs: 1500 });
    expect(effects).toEqual(["end"]);
  });

  it("comes when the log cannot be read", () => {
    const { state, effects } = step(replaying("page"), "failed");
    expect(state).toEqual({ name: "draining", at: at(5), reason: "log-failed", deadlineMs: 1500 });
    expect(effects).toEqual(["end"]);
  });

  it("is reached when the last byte is out", () => {
    const { state, effects } = step(DRAINING, "flushed");
    expect([state, effects]).toEqual([{ name: "closed", reason: "requested" }, ["release"]]);
  });

  it("is enforced at the deadline, and not before", () => {
    expect(deliveryDeadlineMs(DRAINING)).toBe(1500);
    expect(step(DRAINING, "tick", contextWith({ nowMs: 1499 })).state).toBe(DRAINING);
    const { state, effects } = step(DRAINING, "tick", contextWith({ nowMs: 1500 }));
    expect(state).toEqual({ name: "closed", reason: "flush-timeout" });
    expect(effects).toEqual(["destroy", "release"]);
  });

  it("has a deadline in no other state", () => {
    for (const state of [replaying("page"), LIVE])
      expect(deliveryDeadlineMs(state)).toBeUndefined();
  });
});

describe("how far a subscriber has been served", () => {
  it("is its own position, or the pointer while it is live", () => {
    const { feed } = contextWith({ pointer: at(12) });
    expect(deliveredUpTo(replaying("room", at(7)), feed)).toEqual(at(7));
    expect(deliveredUpTo(LIVE, feed)).toEqual(at(12));
    expect(deliveredUpTo(DRAINING, feed)).toEqual(at(10));
    expect(deliveredUpTo(CLOSED, feed)).toBeUndefined();
  });
});

describe("a break", () => {
  it("by the hub destroys the connection", () => {
    expect(step(LIVE, "cut").effects).toEqual(["leave", "destroy", "release"]);
    expect(step(replaying("room"), "cut").effects).toEqual(["destroy", "release"]);
    expect(step(DRAINING, "cut").effects).toEqual(["destroy", "release"]);
  });

  it("by the reader only releases what it had", () => {
    expect(step(LIVE, "lost").effects).toEqual(["leave", "release"]);
    const { state, effects } = step(replaying("page"), "lost");
    expect([state, effects]).toEqual([{ name: "closed", reason: "reader-left" }, ["release"]]);
  });
});
