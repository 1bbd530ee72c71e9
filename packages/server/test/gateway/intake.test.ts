import { describe, expect, it } from "vitest";
import { Intake, type IntakeAction } from "../../src/gateway/intake.js";
import { momentText } from "../../src/gateway/moment.js";
import type { GatewayRoute } from "../../src/gateway/route.js";
import { POLLS, ROUNDS, route } from "./routes.js";

/** An intake whose actions can be read: stored data, `gap`, and what is said, greeted and ended. */
class Story {
  readonly lines: string[] = [];
  readonly intake: Intake;
  nowMs = 0;

  constructor(of: GatewayRoute) {
    this.intake = new Intake(of);
  }

  open(isResuming = false): this {
    return this.#note(this.intake.open(isResuming));
  }

  take(...payloads: readonly unknown[]): this {
    for (const payload of payloads) {
      const data = typeof payload === "string" ? payload : JSON.stringify(payload);
      this.#note(this.intake.take({ type: "message", data, lastEventId: "" }, this.nowMs));
    }
    return this;
  }

  /** Nothing comes for so long. */
  pause(): this {
    return this.#note(this.intake.flush());
  }

  #note(actions: readonly IntakeAction[]): this {
    for (const action of actions) {
      if (action.kind === "append") {
        for (const { type, data } of action.events) {
          this.lines.push(type === "throughline.gap" ? "gap" : short(data));
        }
      } else if (action.kind === "end") this.lines.push(`end ${action.means}`);
      else this.lines.push(`${action.kind} ${short(action.event.data)}`);
    }
    return this;
  }
}

/** An alert by its number, anything else by its type or as it is. */
function short(data: string): string {
  try {
    const { type, data: inner } = JSON.parse(data);
    return type === "alert" ? String(inner.id) : (type ?? data);
  } catch {
    return data;
  }
}

const alert = (id: number) => ({
  type: "alert",
  data: { id, created_at: `2026-11-25T10:00:${String(id % 60).padStart(2, "0")}` },
});
const alerts = (...ids: number[]) => ids.map(alert);
const greeting = { type: "connection", timestamp: "2026-11-25T09:00:00.5" };
const heartbeat = { type: "heartbeat" };
const BEAT = "say heartbeat";

describe("what is no history", () => {
  it("is said to whoever reads, or kept for who comes", () => {
    const story = new Story(ROUNDS).open().take(greeting, heartbeat, alert(1)).pause();
    expect(story.lines).toEqual(["greet connection", "say heartbeat", "1"]);
  });
});

describe("what fits no rule", () => {
  it("is stored as it came, also what is no JSON", () => {
    const story = new Story(ROUNDS).open().take({ type: "news" }, "not JSON", "[1]", "null");
    expect(story.lines).toEqual(["news", "not JSON", "[1]", "null"]);
  });

  it("is stored where it has no key, however often it comes", () => {
    const story = new Story(ROUNDS).open().take({ type: "alert", data: {} });
    expect(story.intake.take({ type: "x", data: '{"type":"alert"}', lastEventId: "" }, 0)).toEqual([
      { kind: "append", events: [{ type: "x", data: '{"type":"alert"}' }] },
    ]);
  });
});

describe("a backend that repeats its newest rows", () => {
  it("is heard once", () => {
    const story = new Story(ROUNDS).open().take(...alerts(3, 2, 1), heartbeat);
    story.take(...alerts(4, 3, 2, 1), heartbeat).take(...alerts(4, 3, 2, 1));
    expect(story.lines).toEqual(["3", "2", "1", "say heartbeat", "4", "say heartbeat"]);
  });

  it("begins with what there is, and nothing is missing before it", () => {
    const story = new Story(ROUNDS)
      .open()
      .take(...alerts(9, 8, 7, 6, 5))
      .pause();
    expect(story.lines).toEqual(["9", "8", "7", "6", "5"]);
  });

  it("may have left something out where none of a full round is known", () => {
    const story = new Story(ROUNDS)
      .open()
      .take(...alerts(5, 4, 3, 2, 1))
      .pause();
    story.take(...alerts(12, 11, 10, 9, 8)).pause();
    expect(story.lines).toEqual(["5", "4", "3", "2", "1", "gap", "12", "11", "10", "9", "8"]);
  });

  it("has left nothing out where one of them is known, or there were fewer", () => {
    const story = new Story(ROUNDS)
      .open()
      .take(...alerts(5, 4, 3, 2, 1))
      .pause();
    story
      .take(...alerts(9, 8, 7, 6, 5))
      .take(...alerts(11, 10))
      .pause();
    expect(story.lines).not.toContain("gap");
    expect(story.lines).toHaveLength(11);
  });

  it("may have left something out also where it had nothing to say before", () => {
    const story = new Story(ROUNDS)
      .open()
      .take(heartbeat)
      .take(...alerts(5, 4, 3, 2, 1));
    expect(story.lines).toEqual(["say heartbeat", "gap", "5", "4", "3", "2", "1"]);
  });

  it("is heard once also over an interruption, and proves that nothing is missing", () => {
    const story = new Story(ROUNDS)
      .open()
      .take(...alerts(3, 2, 1))
      .pause();
    story
      .open()
      .take(greeting, ...alerts(4, 3, 2, 1))
      .pause();
    expect(story.lines).toEqual(["3", "2", "1", "greet connection", "4"]);
  });

  it("is known from what is stored", () => {
    const story = new Story(ROUNDS);
    for (const item of alerts(5, 4, 3, 2, 1)) {
      story.intake.recall("message", JSON.stringify(item));
    }
    story
      .open()
      .take(...alerts(6, 5, 4, 3, 2))
      .pause();
    expect(story.lines).toEqual(["6"]);
    story.take(...alerts(15, 14, 13, 12, 11));
    expect(story.lines.slice(1)).toEqual(["gap", "15", "14", "13", "12", "11"]);
  });

  it("proves nothing by what came of a round that was cut", () => {
    const story = new Story(ROUNDS)
      .open()
      .take(...alerts(2, 1), heartbeat)
      .take(...alerts(9, 8));
    story.open().take(greeting, ...alerts(9, 8, 7, 6, 5), heartbeat);
    expect(story.lines.slice(3)).toEqual([
      "9",
      "8",
      "greet connection",
      "gap",
      "7",
      "6",
      "5",
      BEAT,
    ]);
    story.take(...alerts(9, 8, 7, 6, 5), heartbeat);
    expect(story.lines.slice(11)).toEqual([BEAT]);
  });

  it("goes on after a round that was cut where it still shows what came before", () => {
    const story = new Story(ROUNDS)
      .open()
      .take(...alerts(2, 1), heartbeat)
      .take(...alerts(5, 4));
    story.open().take(greeting, ...alerts(5, 4, 3, 2, 1), heartbeat);
    expect(story.lines.slice(3)).toEqual(["5", "4", "greet connection", "3", BEAT]);
  });

  it("has left nothing out before its first round, also where that was cut", () => {
    const story = new Story(ROUNDS).open().take(greeting, ...alerts(5, 4));
    story.open().take(...alerts(5, 4, 3, 2, 1), heartbeat);
    expect(story.lines.slice(1)).toEqual(["5", "4", "3", "2", "1", BEAT]);
    const other = new Story(ROUNDS).open().take(greeting, ...alerts(5, 4));
    other.open().take(...alerts(15, 14, 13, 12, 11), heartbeat);
    expect(other.lines.slice(1)).toEqual(["5", "4", "gap", "15", "14", "13", "12", "11", BEAT]);
  });

  it("may have left something out of a full round that came with a pause in it", () => {
    const story = new Story(ROUNDS).open().take(alert(1), heartbeat);
    story
      .take(...alerts(9, 8, 7))
      .pause()
      .take(...alerts(6, 5), heartbeat);
    expect(story.lines.slice(2)).toEqual(["9", "8", "7", "gap", "6", "5", BEAT]);
  });

  it("has left nothing out where a round follows another one without a word between", () => {
    const story = new Story(ROUNDS).open().take(heartbeat, ...alerts(2, 1));
    for (let newest = 3; newest <= 9; newest += 1) {
      story.pause().take(...[newest, newest - 1, newest - 2].map(alert));
      story.take(...[newest, newest - 1, newest - 2].map(alert));
    }
    story.pause();
    expect(story.lines).toEqual([BEAT, "2", "1", "3", "4", "5", "6", "7", "8", "9"]);
    expect(story.take(...alerts(24, 23, 22, 21, 20)).lines.slice(10)[0]).toBe("gap");
  });

  it("is not held back for longer than a quarter of a second", () => {
    const story = new Story(ROUNDS).open();
    expect(story.intake.deadlineMs).toBeUndefined();
    story.nowMs = 1000;
    story.take(alert(1));
    expect(story.lines).toEqual([]);
    expect(story.intake.deadlineMs).toBe(1250);
    expect(story.pause().lines).toEqual(["1"]);
    expect(story.intake.deadlineMs).toBeUndefined();
  });
});

describe("a backend that can be asked", () => {
  it("is asked from its greeting on, and then from its newest row", () => {
    const story = new Story(POLLS).open().take(greeting);
    const asked = () => story.intake.newest && momentText(story.intake.newest, 1000);
    expect(asked()).toBe("2026-11-25T08:59:59.500");
    story.take(...alerts(7, 5), heartbeat);
    expect(asked()).toBe("2026-11-25T10:00:06.000");
    story.take(greeting, alert(6), heartbeat);
    expect(asked()).toBe("2026-11-25T10:00:06.000");
  });

  it("is asked again for all of a poll that was cut, from its newest row or between its kinds", () => {
    const story = new Story(POLLS).open().take(greeting, alert(1), heartbeat);
    const asked = () => story.intake.newest && momentText(story.intake.newest, 0);
    expect(asked()).toBe("2026-11-25T10:00:01.000");
    story.take(...alerts(29, 20)).pause();
    expect(asked()).toBe("2026-11-25T10:00:01.000");
    story.open(true).take(greeting, ...alerts(29, 20), heartbeat);
    expect(asked()).toBe("2026-11-25T10:00:29.000");
  });

  it("is asked from its newest row where nothing tells the end of a poll", () => {
    const story = new Story({ ...POLLS, passing: [] }).open().take(greeting, alert(1)).pause();
    expect(story.intake.newest && momentText(story.intake.newest, 0)).toBe(
      "2026-11-25T10:00:01.000",
    );
  });

  it("is asked for a whole poll more after a start: the last one may have been cut", () => {
    const story = new Story({
      ...POLLS,
      upstream: { ...POLLS.upstream, silenceMs: 45_000 },
    });
    for (const item of alerts(50, 55)) story.intake.recall("message", JSON.stringify(item));
    story.intake.recalled();
    expect(story.intake.newest && momentText(story.intake.newest, 0)).toBe(
      "2026-11-25T10:00:10.000",
    );
  });

  it("has left nothing out over an interruption, and does not repeat itself", () => {
    const story = new Story(POLLS).open().take(greeting, alert(1), heartbeat);
    story.open(true).take(greeting, alert(2), alert(1), heartbeat);
    expect(story.lines).not.toContain("gap");
    expect(story.lines.filter((line) => line === "1")).toHaveLength(1);
  });

  it("may have left something out of a poll that is full, the very first included", () => {
    const story = new Story(POLLS).open().take(greeting, ...alerts(5, 4, 3), heartbeat);
    expect(story.lines.slice(1)).toEqual(["gap", "5", "4", "3", "say heartbeat"]);
  });

  it("could not be asked where it has no clock", () => {
    const story = new Story(POLLS).open().take(alert(1)).pause().open(false).take(alert(2)).pause();
    expect(story.lines).toEqual(["1", "gap", "2"]);
  });

  it("tells several in one event: those that are known are taken out, and counted no more", () => {
    const story = new Story(POLLS).open();
    const posts = (...ids: number[]) => ({
      type: "posts",
      data: { count: ids.length, items: ids.map((id) => ({ id })), summary: "s" },
    });
    const stored = (payload: unknown) =>
      story.intake
        .take({ type: "message", data: JSON.stringify(payload), lastEventId: "" }, 0)
        .flatMap((action) => (action.kind === "append" ? action.events : []))
        .map(({ type, data }) => (type === undefined ? JSON.parse(data) : type));
    expect(stored(posts(1))).toEqual([posts(1)]);
    expect(stored(posts(1))).toEqual([]);
    expect(stored(posts(2, 1))).toEqual([posts(2)]);
    expect(stored(posts(5, 4))).toEqual(["throughline.gap", posts(5, 4)]);
    expect(stored(posts())).toEqual([posts()]);
  });
});

describe("a backend of which nothing is known", () => {
  it("may have left something out over every interruption", () => {
    const story = new Story(route()).open().take("1").open().take("2").open().open();
    expect(story.lines).toEqual(["1", "gap", "2", "gap"]);
  });

  it("has left nothing out before its first word", () => {
    expect(new Story(route()).open().lines).toEqual([]);
  });

  it("has left nothing out where it goes on after its own id", () => {
    const resume = { by: "last-event-id" } as const;
    const story = new Story(route({ upstream: { resume } })).open().take("1").open(true).take("2");
    expect(story.lines).toEqual(["1", "2"]);
    expect(story.open(false).lines).toEqual(["1", "2", "gap"]);
    const event = { type: "news", data: "3", lastEventId: "id-3" };
    expect(story.intake.take(event, 0)).toEqual([
      { kind: "append", events: [{ type: "news", data: "3", id: "id-3" }] },
    ]);
  });
});

describe("an end", () => {
  it("by design is not passed on, and others are", () => {
    const story = new Story(ROUNDS).open().take(alert(1), { type: "complete" }, { type: "closed" });
    expect(story.lines).toEqual(["1", "end reopen", "closed", "end end"]);
  });
});
