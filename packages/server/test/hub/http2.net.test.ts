// The hub on node:http2: many streams over one connection, and what is forbidden or different there.

import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  createServer,
  type Http2Server,
  type OutgoingHttpHeaders,
} from "node:http2";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { createHub, type Hub } from "@throughline/server";
import { createMemoryLog, type EventLog } from "@throughline/server/log";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { epochs } from "./stage.js";

const STREAMS = 200;
const QUIET = { intervalMs: 60_000, deadlineMs: 90_000 };

let log: EventLog;
let hub: Hub;
let server: Http2Server;
let session: ClientHttp2Session;
let errors: unknown[];
/** Settles when the log may answer. */
let gate: Promise<void>;

beforeEach(async () => {
  errors = [];
  gate = Promise.resolve();
  log = createMemoryLog({ createEpoch: epochs() });
  const head = log.head.bind(log);
  log.head = async (stream) => {
    await gate;
    return head(stream);
  };
  hub = createHub({ log, pulse: QUIET, onError: (error) => errors.push(error) });
  server = createServer(hub.handleNode);
  session = await openSession(server);
});

afterEach(async () => {
  session.destroy();
  server.close();
  await hub.close({ withinMs: 0 });
});

async function openSession(to: Http2Server): Promise<ClientHttp2Session> {
  await new Promise<void>((resolve) => to.listen(0, "127.0.0.1", resolve));
  const opened = connect(`http://127.0.0.1:${(to.address() as AddressInfo).port}`);
  // Tests break sessions; what becomes of the hub is what counts.
  opened.on("error", () => {});
  return opened;
}

/** A request whose body is collected. */
class Exchange {
  text = "";
  status: number | undefined;
  headers: Record<string, unknown> = {};
  isClosed = false;
  error: unknown;
  readonly stream: ClientHttp2Stream;

  constructor(headers: OutgoingHttpHeaders) {
    this.stream = session.request(headers);
    this.stream.setEncoding("utf8");
    this.stream.on("response", (answer) => {
      this.status = answer[":status"];
      this.headers = answer;
    });
    this.stream.on("data", (part: string) => {
      this.text += part;
    });
    this.stream.on("error", (error) => {
      this.error = error;
    });
    this.stream.on("close", () => {
      this.isClosed = true;
    });
  }
}

const subscribe = (target = "/streams/news") => new Exchange({ ":path": target });

const open = () => {
  const { live, replaying, draining } = hub.stats().connections;
  return live + replaying + draining;
};

async function eventually(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(5);
}

describe("over one connection", () => {
  it(`${STREAMS} streams are live, each ends alone, and all end with the connection`, async () => {
    const readers = Array.from({ length: STREAMS }, () => subscribe());
    await eventually(() => hub.stats().connections.live === STREAMS);
    await hub.publish("news", { data: "for all" });
    await eventually(() => readers.every(({ text }) => text.includes("data: for all")));
    readers[0]?.stream.close(constants.NGHTTP2_CANCEL);
    await eventually(() => open() === STREAMS - 1);
    session.destroy();
    await eventually(() => open() === 0);
    expect(errors).toEqual([]);
  });

  it("a stream that nobody reads costs bounded memory, and holds up none beside it", async () => {
    const slow = subscribe();
    const fast = subscribe();
    await eventually(() => hub.stats().connections.live === 2);
    slow.stream.pause();
    const data = "x".repeat(1000);
    let mostBytes = 0;
    for (let batch = 1; batch <= 20; batch += 1) {
      await hub.publish("news", Array(100).fill({ data }));
      await eventually(() => fast.text.includes(`id: e1.${batch * 100}\n`));
      mostBytes = Math.max(mostBytes, hub.stats().queuedBytes);
    }
    expect(hub.stats().connections).toMatchObject({ live: 1, replaying: 1 });
    // The high-water mark, and the page that went over it.
    expect(mostBytes).toBeLessThan(64 * 1024 + 128 * 1024);
    slow.stream.resume();
    await eventually(() => slow.text.includes("id: e1.2000\n"));
    expect(slow.text.match(/^id: e1\.\d+\ndata: x/gm)).toHaveLength(2000);
    await eventually(() => hub.stats().connections.live === 2);
  });
});

describe.each([
  ["an error", constants.NGHTTP2_CANCEL],
  ["no error", constants.NGHTTP2_NO_ERROR],
])("a reset that names %s", (_, code) => {
  it("frees a stream in which bytes wait for a reader that takes none", async () => {
    const reader = subscribe();
    await eventually(() => hub.stats().connections.live === 1);
    reader.stream.pause();
    await hub.publish("news", Array(500).fill({ data: "x".repeat(1000) }));
    await eventually(() => hub.stats().connections.replaying === 1);
    reader.stream.close(code);
    reader.stream.destroy();
    await eventually(() => open() === 0);
  });
});

describe("a request", () => {
  it("that is reset before the hub can answer costs no place", async () => {
    let letThrough = () => {};
    gate = new Promise((resolve) => {
      letThrough = resolve;
    });
    const arrived = new Promise<void>((resolve) => server.once("request", () => resolve()));
    const reader = subscribe();
    await arrived;
    reader.stream.close(constants.NGHTTP2_CANCEL);
    await eventually(() => reader.isClosed);
    // The reset has been read when the connection answers what was sent after it.
    await new Promise<void>((resolve) => session.ping(() => resolve()));
    letThrough();
    const next = subscribe();
    await eventually(() => next.text.includes("heartbeat"));
    expect([open(), hub.stats().acceptedTotal, errors]).toEqual([1, 1, []]);
  });

  it("to a hub that is closing is answered without what HTTP/2 forbids", async () => {
    const warnings: Error[] = [];
    const note = (warning: Error) => warnings.push(warning);
    process.on("warning", note);
    await hub.close({ withinMs: 0 });
    const refused = subscribe();
    await eventually(() => refused.isClosed);
    expect([refused.status, refused.headers["retry-after"]]).toEqual([503, "1"]);
    expect(refused.headers).not.toHaveProperty("connection");
    process.off("warning", note);
    expect(warnings).toEqual([]);
  });

  it("with a body too large is refused, and its connection goes on", async () => {
    const head = { ":method": "POST", ":path": "/streams/news" };
    const large = new Exchange({
      ...head,
      "content-type": "application/json",
      "content-length": "9000000",
    });
    large.stream.write("[");
    await eventually(() => large.isClosed);
    expect(large.text).toContain("body-too-large");
    expect(large.status).toBe(413);
    const next = new Exchange({ ...head, "content-type": "application/json" });
    next.stream.end('{"data":"x"}');
    await eventually(() => next.isClosed);
    expect([next.status, next.text]).toEqual([201, '{"cursors":["e1.1"],"duplicates":[]}\n']);
  });

  it("that somebody else has begun to answer is broken off, not ended", async () => {
    server.removeAllListeners("request");
    server.on("request", (request, response) => {
      response.writeHead(200);
      hub.handleNode(request, response);
    });
    const reader = subscribe();
    await eventually(() => reader.isClosed);
    expect(reader.error).toMatchObject({ code: "ERR_HTTP2_STREAM_ERROR" });
    expect(errors).toMatchObject([{ code: "ERR_HTTP2_HEADERS_SENT" }]);
    expect(open()).toBe(0);
  });

  it("whose response was wrapped is written through the wrapper", async () => {
    let written = 0;
    server.removeAllListeners("request");
    server.on("request", (request, response) => {
      const { write } = response;
      response.write = ((chunk: Uint8Array) => {
        written += chunk.byteLength;
        return write.call(response, chunk, "utf8");
      }) as typeof write;
      hub.handleNode(request, response);
    });
    const reader = subscribe();
    await eventually(() => reader.text.includes("heartbeat"));
    expect(written).toBeGreaterThan(100);
  });
});
