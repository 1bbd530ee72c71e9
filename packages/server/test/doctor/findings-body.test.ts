import { describe, expect, it } from "vitest";
import { showMs } from "../../src/doctor/finding.js";
import { arrival, comments, find, hello, hop, hopWith, seen, stream, troubles } from "./seen.js";

describe("findings about bytes that are held back", () => {
  const promised = { hello: hello() };

  it("see a promised pulse that does not come at all", () => {
    const nothing = {
      firstByteMs: undefined,
      bytes: 0,
      arrivals: [],
      comments: 0,
      events: 0,
      heartbeats: [],
      end: { kind: "time-up", atMs: 10_000, silenceMs: 9980 },
    } as const;
    const last = hopWith({ "throughline-pulse": "interval=1000, deadline=1700" });
    const held = seen({ opening: { kind: "answered", hops: [], last }, stream: stream(nothing) });
    expect(troubles(held)).toEqual(["problem buffered"]);
    const unknown = seen({ stream: stream(nothing) });
    expect(troubles(unknown)).toEqual(["problem headers-without-bytes"]);
  });

  it("see a promised pulse that is late", () => {
    const arrivals = comments(30, 1000, 6000, 7000);
    const late = seen({ stream: stream({ ...promised, arrivals }) });
    expect(troubles(late)).toEqual(["problem buffered", "warning pulse-header"]);
    expect(find(late, "buffered")?.text).toContain("for 5 s nothing came");
  });

  it("see comments that come together after a silence", () => {
    const arrivals = [
      arrival(),
      arrival({ atMs: 5000, comments: 5 }),
      arrival({ atMs: 9000, comments: 4 }),
    ];
    const heaps = seen({ stream: stream({ arrivals }) });
    expect(troubles(heaps)).toEqual(["problem buffered"]);
    expect(find(heaps, "buffered")?.text).toMatch(
      /2 times in 10 s: at 5 s 5 comments .* as much as 5 s/,
    );
  });

  it("take two comments together for a heap only where others come alone, and again", () => {
    const twoLines = [30, 1000, 2000].map((atMs) => arrival({ atMs, comments: 2 }));
    expect(troubles(seen({ stream: stream({ arrivals: twoLines }) }))).toEqual([]);
    const once = [...comments(30, 1000), arrival({ atMs: 3000, comments: 2 })];
    expect(troubles(seen({ stream: stream({ arrivals: once }) }))).toEqual([]);
    const twice = [...once, arrival({ atMs: 5000, comments: 2 })];
    expect(troubles(seen({ stream: stream({ arrivals: twice }) }))).toEqual(["problem buffered"]);
  });

  it("see a piece that stops in a line before a silence, and not one that goes on at once", () => {
    const cut = (nextMs: number) =>
      seen({
        stream: stream({
          arrivals: [arrival({ endsMidLine: true, bytes: 4096 }), ...comments(nextMs)],
        }),
      });
    expect(troubles(cut(4000))).toEqual(["problem buffered"]);
    expect(find(cut(4000), "buffered")?.text).toContain("4096 bytes that stop inside a line");
    expect(troubles(cut(300))).toEqual([]);
  });

  it("see portions of a buffer also where they come soon one after the other", () => {
    const portions = (bytes: number, count: number) => {
      const pieces = Array.from({ length: count }, (_, index) =>
        arrival({ atMs: 200 * (index + 1), bytes, endsMidLine: true, comments: 0 }),
      );
      return seen({ stream: stream({ arrivals: pieces }) });
    };
    expect(troubles(portions(4096, 4))).toEqual(["problem buffered"]);
    // What a slow network cuts has no round size.
    expect(troubles(portions(1460, 4))).toEqual([]);
    expect(troubles(portions(4096, 3))).toEqual([]);
  });

  it("see a beginning that comes late and in a heap", () => {
    const late = (bytes: number, events: number) =>
      seen({
        stream: stream({ firstByteMs: 5000, arrivals: [arrival({ atMs: 5000, bytes, events })] }),
      });
    expect(troubles(late(8192, 1))).toEqual(["problem buffered"]);
    expect(troubles(late(900, 30))).toEqual(["problem buffered"]);
    expect(troubles(late(30, 1))).toEqual([]);
  });

  it("do not advise what the server does already", () => {
    const arrivals = [arrival(), arrival({ atMs: 5000, comments: 5 })];
    const last = hopWith({ "x-accel-buffering": "no" });
    const held = seen({
      opening: { kind: "answered", hops: [], last },
      stream: stream({ arrivals }),
    });
    expect(find(held, "buffered")?.culprit).toContain("takes no notice");
  });
});

describe("findings about what is in the way of the bytes", () => {
  const withHeaders = (headers: Readonly<Record<string, string>>, parts = {}) =>
    seen({
      opening: { kind: "answered", hops: [], last: hopWith(headers) },
      stream: stream(parts),
    });

  it("warn of compression that comes through, and tell of one that does not", () => {
    expect(troubles(withHeaders({ "content-encoding": "br" }))).toEqual(["warning compressed"]);
    expect(troubles(withHeaders({ "content-encoding": "identity" }))).toEqual([]);
    const stuck = (bytes: number) =>
      withHeaders({ "content-encoding": "gzip" }, { undecodable: "gzip", bytes });
    expect(find(stuck(15), "compressed")?.text).toContain("the compressor's own");
    expect(find(stuck(500), "compressed")?.text).toContain("nothing can be read of the 500 bytes");
    expect(troubles(stuck(500))).toEqual(["problem compressed"]);
  });

  it("tell of an encoding that nobody asked for, and of one that is a lie", () => {
    const zstd = withHeaders({ "content-encoding": "zstd" }, { undecodable: "zstd" });
    expect(find(zstd, "compressed")?.text).toContain("was not asked for (zstd)");
    const end = { kind: "damaged", atMs: 20, silenceMs: 1 };
    const lie = withHeaders({ "content-encoding": "gzip" }, { damage: "encoding", end });
    expect(troubles(lie)).toEqual(["problem damaged"]);
    expect(troubles(withHeaders({}, { damage: "too-large", end }))).toEqual(["problem damaged"]);
  });

  it("tell of a length, of damage, and of what may be cached", () => {
    expect(troubles(withHeaders({ "content-length": "40" }))).toEqual(["problem content-length"]);
    expect(troubles(withHeaders({}, { damage: "text" }))).toEqual(["warning damaged"]);
    expect(troubles(withHeaders({ "cache-control": "public" }))).toEqual(["warning cacheable"]);
    const { "content-type": type = "" } = hop().headers;
    const bare = hop({ headers: { "content-type": type } });
    expect(troubles(seen({ opening: { kind: "answered", hops: [], last: bare } }))).toEqual([
      "warning cacheable",
    ]);
  });
});

describe("findings about signs of life", () => {
  it("tell of the pulse, and of its header where that is lost", () => {
    const last = hopWith({ "throughline-pulse": "interval=1000, deadline=1700" });
    const hub = seen({
      opening: { kind: "answered", hops: [], last },
      stream: stream({ hello: hello() }),
    });
    expect(troubles(hub)).toEqual([]);
    expect(find(hub, "heartbeat")?.text).toContain("promised every 1 s");
    expect(troubles(seen({ stream: stream({ hello: hello() }) }))).toEqual([
      "warning pulse-header",
    ]);
  });

  it("warn where there are none, or rare ones, and it was quiet", () => {
    const quiet = {
      arrivals: comments(30),
      end: { kind: "time-up", atMs: 10_000, silenceMs: 9970 },
    } as const;
    const none = seen({ stream: stream({ ...quiet, heartbeats: [] }) });
    expect(troubles(none)).toEqual(["warning no-heartbeat"]);
    expect(find(none, "no-heartbeat")?.text).toContain("--idle 70");
    const rare = { kind: "json", name: "ping", count: 3, everyMs: 28_000 } as const;
    expect(
      find(
        seen({ stream: stream({ ...quiet, watchMs: 90_000, heartbeats: [rare] }) }),
        "no-heartbeat",
      )?.text,
    ).toMatch(/messages that say ping every 28 s in 90 s/);
  });

  it("say nothing against a stream that was never quiet", () => {
    const busy = seen({ stream: stream({ heartbeats: [] }) });
    expect(troubles(busy)).toEqual([]);
    expect(find(busy, "heartbeat")?.text).toContain("no heartbeat was due");
  });

  it("name each kind, and when a loss is noticed by them", () => {
    const heartbeats = [
      { kind: "event", name: "ping", count: 2, everyMs: 5000 },
      { kind: "comment", name: ":", count: 1, everyMs: undefined },
      { kind: "comment", name: ":", count: 4, everyMs: 0 },
    ] as const;
    const text = find(seen({ stream: stream({ heartbeats }) }), "heartbeat")?.text;
    expect(text).toContain("events ping every 5 s, comments (1), comments (4, in heaps)");
    const slow = find(
      seen({ stream: stream({ heartbeats: heartbeats.slice(0, 1) }) }),
      "heartbeat",
    );
    expect(slow?.text).toContain("noticed after two or three of them, 13 s");
  });
});

describe("findings about the end", () => {
  const ended = (kind: "closed" | "cut", atMs: number, silenceMs: number, parts = {}) =>
    seen({ stream: stream({ end: { kind, atMs, silenceMs }, heartbeats: [], ...parts }) });

  it.each([
    [60_000, "nginx's proxy_read_timeout"],
    [50_000, "HAProxy's timeout server"],
    [30_000, "gunicorn's --timeout"],
    [100_000, "Cloudflare's limit"],
    [55_000, "Heroku's router"],
    [20_000, "an idle timeout of something between"],
  ])("know a silence of %i ms by its owner", (silenceMs, owner) => {
    const observation = ended("cut", 70_000, silenceMs);
    expect(troubles(observation)).toEqual(["problem idle-timeout"]);
    expect(find(observation, "idle-timeout")?.culprit).toContain(owner);
  });

  it("tell of one after headers without a byte as of a timeout, or as of an empty answer", () => {
    const empty = { firstByteMs: undefined, arrivals: [], bytes: 0 };
    expect(troubles(ended("cut", 3000, 3000, empty))).toEqual(["problem idle-timeout"]);
    expect(troubles(ended("closed", 30, 10, empty))).toEqual(["problem empty"]);
  });

  it("tell one right behind bytes by its kind, its sender and its time", () => {
    expect(troubles(ended("closed", 3000, 10))).toEqual(["warning ended"]);
    expect(troubles(ended("cut", 3000, 10))).toEqual(["problem ended"]);
    expect(find(ended("cut", 60_000, 10), "ended")?.culprit).toContain("proxy_read_timeout");
    const gunicorn = { kind: "answered", hops: [], last: hopWith({ server: "gunicorn" }) } as const;
    expect(find({ ...ended("cut", 3000, 10), opening: gunicorn }, "ended")?.change).toContain(
      "gthread",
    );
  });

  it.each(["drain", "end"] as const)("take %s for what it is", (farewell) => {
    const last = hopWith({ "throughline-pulse": "interval=1000, deadline=1700" });
    const opening = { kind: "answered", hops: [], last } as const;
    const left = { ...ended("closed", 3000, 10, { farewell, hello: hello() }), opening };
    expect(troubles(left)).toEqual([]);
  });

  it("say how long a silence was borne", () => {
    const borne = seen({
      stream: stream({ end: { kind: "enough", atMs: 10_000, silenceMs: 9000 } }),
    });
    expect(find(borne, "end")?.text).toContain("still open after 9 s of silence");
  });

  it.each([
    [1500, []],
    [0, ["warning retry"]],
    [60_000, ["warning retry"]],
  ])("have for retry: %i %j", (retryMs, expected) => {
    expect(troubles(seen({ stream: stream({ retryMs }) }))).toEqual(expected);
  });
});

describe("a duration", () => {
  it.each([
    [0.4, "0 ms"],
    [999, "999 ms"],
    [1000, "1 s"],
    [1234, "1.2 s"],
    [12_345, "12 s"],
  ])("of %d ms is shown as %s", (ms, text) => {
    expect(showMs(ms)).toBe(text);
  });
});
