// The parts of the doctor that need no network, apart from its findings.

import { describe, expect, it } from "vitest";
import { diagnose } from "../../src/doctor/diagnose.js";
import { createHeartbeatNotes } from "../../src/doctor/heartbeats.js";
import { parseHello } from "../../src/doctor/hello.js";
import { createIdNotes } from "../../src/doctor/ids-notes.js";
import { maskLocation, maskUrl } from "../../src/doctor/mask.js";
import { renderReport } from "../../src/doctor/report.js";
import { choosePoint, createResumeJudge } from "../../src/doctor/resume.js";
import { answered, hello, hop, ids, seen, stream } from "./seen.js";

describe("an address that is shown", () => {
  it("has neither user nor fragment nor the values of its query, but for cursor and topics", () => {
    const url = "https://me:pw@a.example/s?token=t0p&cursor=k3f9.4&topics=ward/*#part";
    expect(maskUrl(url)).toBe("https://a.example/s?token=…&cursor=k3f9.4&topics=ward/*");
  });

  it("is resolved where it is a location, and left out where it is none", () => {
    const base = new URL("https://a.example/s");
    expect(maskLocation("/login?state=t0p", base)).toBe("https://a.example/login?state=…");
    expect(maskLocation("http://[", base)).toBe("(not an address)");
  });
});

describe("the notes on heartbeats", () => {
  it.each([
    ["throughline.heartbeat", "{}", "event"],
    ["keep-alive", "", "event"],
    ["message", '{"type":"heartbeat","at":1}', "json"],
    ["message", '{"event":"PING"}', "json"],
    ["message", "ping", "json"],
  ])("take %s with %s for one", (type, data, kind) => {
    const notes = createHeartbeatNotes();
    expect(notes.event(type, data, 0)).toBe(true);
    expect(notes.seen()).toMatchObject([{ kind, count: 1, everyMs: undefined }]);
  });

  it.each([
    ["alert", "ping"],
    ["message", "{broken"],
    ["message", '{"type":"heartbeats of the city"}'],
    ["message", "null"],
    ["message", `{"type":"ping","more":"${"x".repeat(1000)}"}`],
  ])("do not take %s with %s for one", (type, data) => {
    const notes = createHeartbeatNotes();
    expect(notes.event(type, data, 0)).toBe(false);
    expect(notes.seen()).toEqual([]);
  });

  it("know the median time between two", () => {
    const notes = createHeartbeatNotes();
    for (const atMs of [0, 1000, 2010, 9000, 9990]) notes.comment(atMs);
    expect(notes.seen()).toEqual([{ kind: "comment", name: ":", count: 5, everyMs: 1010 }]);
  });
});

describe("the notes on ids", () => {
  it("keep the last two that differ, and what is wrong with them", () => {
    const notes = createIdNotes();
    for (const id of ["a", undefined, "b", "b", "", "c d"]) notes.note(id, true);
    notes.note("e", false);
    expect(notes.seen()).toEqual({
      applicationEvents: 6,
      withId: 4,
      first: "a",
      previous: "c d",
      last: "e",
      areCursors: false,
      unsafe: "c d",
    });
  });

  it("know cursors, and that no id is none", () => {
    expect(createIdNotes().seen().areCursors).toBe(false);
    const notes = createIdNotes();
    notes.note("k3f9.4", true);
    expect(notes.seen()).toMatchObject({ areCursors: true, unsafe: undefined });
  });
});

describe("a greeting", () => {
  it("is read with what it has", () => {
    const data = JSON.stringify({
      protocol: 1,
      connection: "c",
      pulse: { intervalMs: 1000, deadlineMs: 1700 },
      head: "k3f9.2",
      resume: "caught-up",
      lease: { url: "../leases/x", everyMs: 30_000 },
    });
    expect(parseHello(data)).toEqual({ hello: hello(), leaseUrl: "../leases/x" });
  });

  it.each([
    "",
    "[]",
    "null",
    '{"protocol":"1","head":"a.1","resume":"gap"}',
    '{"protocol":1,"head":"a.1","resume":"perhaps"}',
  ])("is none where it is %s", (data) => {
    expect(parseHello(data)).toBeUndefined();
  });

  it("may have no lease and a pulse that cannot be", () => {
    const data =
      '{"protocol":1,"head":"a.1","resume":"gap","pulse":{"intervalMs":9,"deadlineMs":1},"lease":7}';
    expect(parseHello(data)).toMatchObject({
      leaseUrl: undefined,
      hello: { pulse: undefined, hasLease: false },
    });
  });
});

describe("the id that is shown", () => {
  it.each([
    ["the cursor before the last, to a hub", ids({ last: "k3f9.2" }), true, ["k3f9.1", "k3f9.2"]],
    [
      "the cursor 0 where nothing is before it",
      ids({ last: "k3f9.0" }),
      true,
      ["k3f9.0", undefined],
    ],
    ["the one before the last, to others", ids(), false, ["1", "2"]],
    ["the only one there is", ids({ previous: undefined }), false, ["2", undefined]],
  ])("is %s", (_what, seenIds, isHub, [shown, expected]) => {
    const watched = stream({ ids: seenIds, hello: isHub ? hello() : undefined });
    expect(choosePoint(watched)).toEqual({ shown, expected });
  });

  it("is none where there were none", () => {
    expect(choosePoint(stream({ ids: ids({ last: undefined }) }))).toBeUndefined();
  });
});

describe("the judge of a reader that comes back", () => {
  const judge = (expected?: string) =>
    createResumeJudge({ shown: "5", expected }, ids({ first: "1" }));

  it("takes the event that has to follow for a replay, also after the one that was shown", () => {
    expect(judge("6").event("message", "", "6")).toBe("replayed");
    const inclusive = judge("6");
    expect(inclusive.event("message", "", "5")).toBeUndefined();
    expect(inclusive.event("message", "", "6")).toBe("replayed");
  });

  it("takes the first event of all, or one out of turn, for a cursor that was ignored", () => {
    expect(judge("6").event("message", "", "1")).toBe("ignored");
    const later = judge("6");
    expect(later.event("message", "", "9")).toBeUndefined();
    expect(later.atEnd()).toBe("ignored");
    expect(later.event("message", "", "6")).toBe("ignored");
  });

  it("cannot tell from events without ids, nor from new ones where none was to follow", () => {
    const unsure = judge();
    expect(unsure.event("message", "", undefined)).toBeUndefined();
    expect(unsure.event("message", "", "")).toBeUndefined();
    expect(unsure.event("message", "", "9")).toBeUndefined();
    expect(unsure.atEnd()).toBe("unclear");
    expect(judge("6").atEnd()).toBe("unclear");
  });

  it("believes a hub, but not that a reader is caught up who is behind its head", () => {
    const point = { shown: "k3f9.1", expected: "k3f9.2" };
    const said = (resume: string, head: string) =>
      createResumeJudge(point, ids()).event(
        "throughline.hello",
        JSON.stringify({ protocol: 1, head, resume }),
        undefined,
      );
    expect(said("replay", "k3f9.2")).toBe("replayed");
    expect(said("caught-up", "k3f9.1")).toBe("caught-up");
    expect(said("caught-up", "k3f9.2")).toBe("ignored");
    expect(said("gap", "k3f9.2")).toBeUndefined();
    expect(said("nonsense", "k3f9.2")).toBeUndefined();
    expect(createResumeJudge(point, ids()).event("throughline.gap", "{}", "k3f9.2")).toBe("gap");
  });
});

describe("the report", () => {
  const render = (observation: Parameters<typeof diagnose>[0]) =>
    renderReport(observation, diagnose(observation));

  it("begins with the verdict", () => {
    expect(render(seen())).toMatch(/^No problem: {2}https:\/\/app\.example\/streams\/feed\n/);
    expect(render(answered(hop({ status: 404 })))).toMatch(/^1 PROBLEM: {2}https/);
    const bad = seen({ stream: stream({ ids: ids({ withId: 1 }), retryMs: 0 }) });
    expect(render(bad)).toMatch(/^No problem, 2 warnings: /);
  });

  it("has for each trouble the sentence, the culprit, and a line that can be copied whole", () => {
    const text = render(answered(hop({ status: 404, page: "vite" })));
    expect(text).toContain("PROBLEM  404 (from the Vite dev server): there is no such path.");
    expect(text).toContain("\n         likely: the Vite dev server");
    expect(text).toMatch(/\n {9}change: server: \{ proxy: .* \}/);
  });

  it("ends with what was seen, and breaks no line between a number and its unit", () => {
    const text = render(seen());
    expect(text).toContain("  HTTP/2 200, connected in 10 ms, headers 20 ms after the request");
    expect(text).toContain("    content-type: text/event-stream\n");
    expect(text).toContain(
      "  body: first byte after 30 ms; 300 bytes, 2 events, 10 comments in 10 s",
    );
    expect(text).not.toMatch(/\d\n *m?s\b/);
    expect(text).toMatch(/message 2\n$/);
  });

  it("lets no server steer the terminal", () => {
    const text = render(seen({ stream: stream({ types: { "\u001b[2Jalert\u009b": 1 } }) }));
    expect(text).toContain("\\u{1b}[2Jalert\\u{9b} 1");
  });

  it("can tell of no connection, of no answer and of no byte", () => {
    const none = { kind: "unreachable", url: "http://a/", code: "ECONNREFUSED" } as const;
    expect(render(seen({ opening: none, stream: undefined }))).toContain("no connection.");
    const silent = {
      kind: "silent",
      url: "http://a/",
      waitedMs: 9000,
      hops: [],
      head: hop(),
    } as const;
    expect(render(seen({ opening: silent, stream: undefined }))).toContain("  HEAD https://app");
    const empty = { firstByteMs: undefined, bytes: 0, arrivals: [], types: {} };
    expect(render(seen({ stream: stream(empty) }))).toMatch(/body: no byte; 0 bytes.*\n$/);
  });
});
