import { createMemoryLog } from "@throughline/server/log";
import { encodeCursor } from "throughline/core";
import { describe, expect, it } from "vitest";
import { encodeFrame } from "../../src/hub/frame.js";
import { isServedRenewal, type ServedStream } from "../../src/hub/served.js";
import { remarksText } from "../../src/hub/stream-text.js";
import { RecordingSink } from "./recording-sink.js";
import { NEWS, numbers, Stage } from "./stage.js";

const PLACE = "/api/v1/feed?ward=Alpha";

async function read(
  stage: Stage,
  served: Partial<ServedStream> = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<RecordingSink> {
  const sink = new RecordingSink();
  const answer = await stage.stream(PLACE, { served: { stream: "news", ...served }, headers });
  answer.open(sink);
  await stage.environment.settle();
  return sink;
}

describe("a stream that is served at another address", () => {
  it("is the stream that was chosen, whatever the address says", async () => {
    const stage = new Stage();
    const sink = await read(stage);
    await stage.publish("1");
    expect(sink.data).toEqual(["1"]);
  });

  it.each<[string, ServedStream["fresh"], string[]]>([
    ["with what comes", { at: "latest" }, []],
    ["with all that is stored", { at: "earliest" }, numbers(1, 5)],
    ["with the newest", { newest: 2 }, numbers(4, 5)],
    ["with all, where more of the newest are wanted", { newest: 9 }, numbers(1, 5)],
  ])("begins, without a cursor, %s", async (_name, fresh, expected) => {
    const stage = new Stage();
    await stage.publish(...numbers(1, 5));
    expect((await read(stage, { fresh })).data).toEqual(expected);
  });

  it.each([0, 1, 2, 3, 4, 5])("begins with what was stored after moment %i", async (moment) => {
    let nowMs = 0;
    const log = createMemoryLog({ now: () => nowMs });
    for (const data of numbers(1, 5)) {
      nowMs = Number(data);
      await log.append(NEWS, [{ data }]);
    }
    const sink = await read(new Stage({ log }), { fresh: { sinceMs: moment } });
    expect(sink.data).toEqual(numbers(moment + 1, 5));
  });

  it("goes on after a cursor, wherever fresh readers begin", async () => {
    const stage = new Stage();
    await stage.publish(...numbers(1, 5));
    const { epoch } = await stage.log.head(NEWS);
    const cursor = encodeCursor({ epoch, offset: 3 });
    const sink = await read(stage, { fresh: { at: "earliest" } }, { "last-event-id": cursor });
    expect(sink.data).toEqual(numbers(4, 5));
  });

  it("begins with remarks, which are no part of it", async () => {
    const stage = new Stage();
    await stage.publish("1");
    const remarks: ServedStream["remarks"] = ({ isFresh }) => [{ data: `fresh: ${isFresh}` }];
    const fresh = await read(stage, { remarks, fresh: { at: "earliest" } });
    expect(fresh.data).toEqual(["fresh: true", "1"]);
    const { epoch } = await stage.log.head(NEWS);
    const cursor = encodeCursor({ epoch, offset: 1 });
    const resumed = await read(stage, { remarks }, { "last-event-id": cursor });
    expect(resumed.data).toEqual(["fresh: false"]);
  });

  it("has its leases at its own address", async () => {
    const stage = new Stage();
    const sink = await read(stage);
    const { lease } = JSON.parse(sink.events[0]?.data ?? "");
    const url = new URL(lease.url, `http://hub${PLACE}`);
    expect(url.pathname).toBe("/api/v1/feed");
    const target = `${url.pathname}${url.search}`;
    expect(isServedRenewal("POST", target)).toBe(true);
    const renewal = { method: "POST", served: { stream: "news" } };
    expect((await stage.plain(target, renewal)).status).toBe(200);
    expect((await stage.plain(`${target}x`, renewal)).status).toBe(404);
    expect((await stage.plain(PLACE, renewal)).status).toBe(421);
  });

  it("takes nothing that is published, and no topics", async () => {
    const stage = new Stage();
    const served = { stream: "news" };
    expect((await stage.plain(PLACE, { method: "PUT", served })).status).toBe(405);
    const topics = `${PLACE}&topics=${"x,".repeat(500)}`;
    expect((await stage.stream(topics, { served })).kind).toBe("stream");
  });

  it("has heartbeats of the name that goes with its stream", async () => {
    const stage = new Stage({ heartbeatType: (stream) => `${stream}-heartbeat` });
    expect((await read(stage)).types).toContain("news-heartbeat");
  });
});

describe("what is said beside a stream", () => {
  it("reaches whoever reads at that moment, and is not kept", async () => {
    const stage = new Stage();
    const sink = await read(stage);
    const frame = encodeFrame(remarksText([{ data: "now" }, { type: "mood", data: "fine" }]));
    stage.core.feeds.find(NEWS)?.say(frame);
    await stage.publish("1");
    expect(sink.data.slice(-3)).toEqual(["now", "fine", "1"]);
    expect((await read(stage, { fresh: { at: "earliest" } })).data).toEqual(["1"]);
  });

  it("comes after what has been stored before it", async () => {
    const stage = new Stage();
    const sink = await read(stage);
    await stage.log.append(NEWS, [{ data: "1" }]);
    stage.core.feeds.find(NEWS)?.say(encodeFrame(remarksText([{ data: "now" }])));
    await stage.publish("2");
    expect(sink.data).toEqual(["1", "now", "2"]);
  });

  it("is left out for a reader that does not keep up, and for one that is leaving", async () => {
    const stage = new Stage();
    const sink = await read(stage);
    sink.isFull = true;
    stage.core.feeds.find(NEWS)?.say(encodeFrame(remarksText([{ data: "now" }])));
    expect(sink.data).toEqual([]);
  });
});
