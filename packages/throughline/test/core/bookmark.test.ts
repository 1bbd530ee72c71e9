import type { Bookmark } from "throughline/core";
import { advance, FRESH_BOOKMARK, greeted, jump, readBlock, turnPage } from "throughline/core";
import { describe, expect, it } from "vitest";

const HELLO = {
  protocol: 1,
  connection: "c1",
  pulse: { intervalMs: 1000, deadlineMs: 1700 },
  head: "e.9",
  resume: "replay",
};

function at(cursor: string): Bookmark {
  return greeted(jump(FRESH_BOOKMARK, cursor));
}

function message(id?: string) {
  return { type: "message", data: "x", id };
}

function reserved(name: string, payload: unknown) {
  const data = typeof payload === "string" ? payload : JSON.stringify(payload);
  return { type: `throughline.${name}`, data, id: undefined };
}

describe("an event from a server that greeted", () => {
  it.each(["e.5", "e.4", "e.0"])("is a duplicate at or before the bookmark e.5: %s", (id) => {
    expect(readBlock(at("e.5"), message(id)).kind).toBe("duplicate");
  });

  it.each(["e.6", "e.600", "f.1", undefined, "", "own-id"])("is new otherwise: %s", (id) => {
    expect(readBlock(at("e.5"), message(id)).kind).toBe("event");
  });
});

describe("an event from any other server", () => {
  it("is never taken for a duplicate: its ids need not be unique", () => {
    const bookmark = jump(FRESH_BOOKMARK, "e.5");
    expect(readBlock(bookmark, message("e.5")).kind).toBe("event");
    expect(readBlock(turnPage(at("e.5")), message("e.5")).kind).toBe("event");
  });
});

describe("a bookmark", () => {
  it("moves forward, and not back", () => {
    expect(advance(at("e.5"), "e.6").lastEventId).toBe("e.6");
    expect(advance(at("e.5"), "e.4").lastEventId).toBe("e.5");
    expect(advance(at("e.5"), undefined)).toEqual(at("e.5"));
  });

  it("follows the ids of any server, and their reset by an empty one", () => {
    const foreign = advance(FRESH_BOOKMARK, "abc");
    expect(foreign.lastEventId).toBe("abc");
    expect(foreign.position).toBeUndefined();
    expect(advance(foreign, "").lastEventId).toBe("");
  });

  it("follows a gap wherever the server goes on, even back", () => {
    expect(jump(at("e.5"), "e.2").position).toEqual({ epoch: "e", offset: 2 });
    expect(jump(at("e.5"), undefined)).toEqual(at("e.5"));
  });

  it("forgets the greeting with the page, and nothing else", () => {
    expect(turnPage(at("e.5"))).toEqual({ ...at("e.5"), isGreeted: false });
    expect(turnPage(FRESH_BOOKMARK)).toEqual(FRESH_BOOKMARK);
  });
});

describe("a reserved block", () => {
  const { pulse } = HELLO;

  it("is read: hello, with and without a lease", () => {
    const lease = { url: "/leases/c1", everyMs: 30_000 };
    const meaning = { kind: "hello", pulse, lease: undefined };
    expect(readBlock(FRESH_BOOKMARK, reserved("hello", HELLO))).toEqual(meaning);
    const withLease = readBlock(FRESH_BOOKMARK, reserved("hello", { ...HELLO, lease }));
    expect(withLease).toEqual({ ...meaning, lease });
  });

  it("does not go back for what was trimmed, if another response has brought it meanwhile", () => {
    const trimmed = { ...reserved("gap", { from: 4, to: 6, reason: "trimmed" }), id: "e.6" };
    expect(readBlock(at("e.3"), trimmed)).toEqual({
      kind: "gap",
      gap: { from: 4, to: 6, reason: "trimmed" },
    });
    expect(readBlock(at("e.5"), trimmed)).toEqual({
      kind: "gap",
      gap: { from: 6, to: 6, reason: "trimmed" },
    });
    expect(readBlock(at("e.6"), trimmed).kind).toBe("duplicate");
    expect(readBlock(at("e.9"), trimmed).kind).toBe("duplicate");
    expect(readBlock(at("d.9"), trimmed).kind).toBe("gap");
    expect(readBlock(at("own"), trimmed).kind).toBe("gap");
    expect(readBlock(at("e.9"), { ...trimmed, id: undefined }).kind).toBe("gap");
    const open = reserved("gap", { from: null, to: null, reason: "trimmed" });
    expect(readBlock(at("e.3"), { ...open, id: "e.6" }).kind).toBe("gap");
  });

  it("is told of another epoch once: two requests may have left before the first answer said so", () => {
    const reset = { ...reserved("gap", { from: null, to: null, reason: "reset" }), id: "f.0" };
    const late = greeted(turnPage(jump(FRESH_BOOKMARK, "f.3"), "e.9"));
    expect(readBlock(late, reset).kind).toBe("duplicate");
    const first = greeted(turnPage(jump(FRESH_BOOKMARK, "e.9"), "e.9"));
    expect(readBlock(first, reset).kind).toBe("gap");
    const rolledBack = { ...reset, id: "f.2" };
    expect(readBlock(jump(late, "f.3"), rolledBack).kind).toBe("gap");
    expect(readBlock(greeted(turnPage(at("f.3"), "own")), rolledBack).kind).toBe("gap");
  });

  it("tells a gap of the source once: it stands in the stream, and may come again like an event", () => {
    const gap = reserved("gap", { from: null, to: null, reason: "upstream" });
    expect(readBlock(at("e.5"), { ...gap, id: "e.6" }).kind).toBe("gap");
    expect(readBlock(at("e.6"), { ...gap, id: "e.6" }).kind).toBe("duplicate");
    // A notice of the hub may lead back, as after a rollback, whatever it says.
    const reset = reserved("gap", { from: null, to: null, reason: "reset" });
    expect(readBlock(at("e.6"), { ...reset, id: "e.2" }).kind).toBe("gap");
    const garbled = reserved("gap", {});
    expect(readBlock(at("e.6"), { ...garbled, id: "e.2" }).kind).toBe("gap");
  });

  it("is read: what fills the stream, leniently", () => {
    const stale = { state: "stale", reason: "network" };
    const source = (payload: unknown) => readBlock(FRESH_BOOKMARK, reserved("source", payload));
    expect(source(stale)).toEqual({ kind: "source", source: stale });
    expect(source({ state: "live", reason: "open", since: 1 })).toEqual({
      kind: "source",
      source: { state: "live", reason: "open" },
    });
    expect(source({})).toEqual({ kind: "source", source: { state: "live", reason: "undefined" } });
  });

  it("is read: gap, drain, renew, end", () => {
    const gap = { from: 3, to: 7, reason: "trimmed" };
    expect(readBlock(FRESH_BOOKMARK, reserved("gap", gap))).toEqual({ kind: "gap", gap });
    const drain = reserved("drain", { withinMs: 500 });
    expect(readBlock(FRESH_BOOKMARK, drain)).toEqual({ kind: "drain", withinMs: 500 });
    const renew = reserved("renew", { expiresInMs: 9000 });
    expect(readBlock(FRESH_BOOKMARK, renew)).toEqual({ kind: "renew", expiresInMs: 9000 });
    expect(readBlock(FRESH_BOOKMARK, reserved("end", {}))).toEqual({ kind: "end" });
  });

  it.each([
    reserved("heartbeat", {}),
    reserved("of-a-later-version", { a: 1 }),
    reserved("hello", "no JSON"),
    reserved("hello", "null"),
    reserved("hello", { ...HELLO, protocol: 2 }),
  ])("changes nothing where there is nothing to do: $type $data", (block) => {
    expect(readBlock(FRESH_BOOKMARK, block)).toEqual({ kind: "quiet" });
  });

  it.each([
    undefined,
    null,
    5,
    { intervalMs: 5 },
    { intervalMs: 5, deadlineMs: 5 },
    { intervalMs: -1, deadlineMs: "9" },
  ])("greets without a pulse where that makes no sense: %j", (wrong) => {
    const meaning = readBlock(FRESH_BOOKMARK, reserved("hello", { ...HELLO, pulse: wrong }));
    expect(meaning).toEqual({ kind: "hello", pulse: undefined, lease: undefined });
  });

  it.each([{ url: 1, everyMs: 5 }, { url: "/l", everyMs: 0 }, { url: "/l" }, "/l"])(
    "greets without a lease where that makes no sense: %j",
    (lease) => {
      const meaning = readBlock(FRESH_BOOKMARK, reserved("hello", { ...HELLO, lease }));
      expect(meaning).toMatchObject({ pulse, lease: undefined });
    },
  );

  it.each([{}, { reason: "boredom", from: -1, to: "x" }, "no JSON"])(
    "tells a gap even where the notice cannot be read: %j",
    (payload) => {
      expect(readBlock(FRESH_BOOKMARK, reserved("gap", payload))).toEqual({
        kind: "gap",
        gap: { from: null, to: null, reason: "upstream" },
      });
    },
  );

  it("drains or renews at once where the time cannot be read", () => {
    const meaning = readBlock(FRESH_BOOKMARK, reserved("drain", { withinMs: "soon" }));
    expect(meaning).toEqual({ kind: "drain", withinMs: 0 });
    expect(readBlock(FRESH_BOOKMARK, reserved("renew", "soon"))).toEqual({
      kind: "renew",
      expiresInMs: 0,
    });
  });
});
