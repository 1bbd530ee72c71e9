// Scenarios 5 and 12: streams that are cut, malformed, huge or not what they say.

import { gzipSync } from "node:zlib";
import { EventSource, type EventSourceOptions } from "throughline";
import { afterEach, describe, expect, it } from "vitest";
import {
  type Answer,
  breaking,
  type ScriptedServer,
  startScripted,
  stream,
} from "./scripted-server.js";
import { collect, untilState } from "./watch.js";

let server: ScriptedServer;
let source: EventSource;

afterEach(async () => {
  source.close();
  await server.close();
});

async function open(script: readonly Answer[], options?: EventSourceOptions): Promise<EventSource> {
  server = await startScripted(...script);
  source = new EventSource(server.url, options);
  return source;
}

describe("a stream of any server that is cut", () => {
  const whole = "id: 1\r\ndata: one\r\n\r\n";
  it.each([
    ["inside the id", `${whole}id: 2`],
    ["inside the data", `${whole}id: 2\r\ndata: tw`],
    ["between CR and LF", `${whole}id: 2\r\ndata: two\r`],
    ["before the blank line", `${whole}id: 2\r\ndata: two\r\n`],
  ])("%s: the cursor has not moved, and the event comes once, whole", async (_, text) => {
    const rest = "id: 2\r\ndata: two\r\n\r\nid: 3\r\ndata: three\r\n\r\n";
    expect(await collect(await open([breaking(text), stream(rest)]), 3)).toEqual([
      "one",
      "two",
      "three",
    ]);
    expect(server.requests[1]?.lastEventId).toBe("1");
  });

  it("inside the CRLF of the blank line: the block is whole, and the cursor has moved", async () => {
    await collect(
      await open([breaking(`${whole}id: 2\r\ndata: two\r\n\r`), stream("data: three\n\n")]),
      3,
    );
    expect(server.requests[1]?.lastEventId).toBe("2");
  });
});

describe("a stream that is not as it should be", () => {
  it("has an id with NUL: ignored, as in the standard", async () => {
    await collect(
      await open([breaking("id: 1\ndata: a\n\nid: x\0y\ndata: b\n\n"), stream("data: c\n\n")]),
      3,
    );
    expect(server.requests[1]?.lastEventId).toBe("1");
  });

  it("has an id outside of ASCII: it comes back as the bytes it was", async () => {
    await collect(await open([breaking("id: é→\ndata: a\n\n"), stream("data: b\n\n")]), 2);
    const bytes = Buffer.from(server.requests[1]?.lastEventId ?? "", "latin1");
    expect(bytes.toString("utf8")).toBe("é→");
  });

  it("has an id of 8 KB", async () => {
    const id = "i".repeat(8192);
    await collect(await open([breaking(`id: ${id}\ndata: a\n\n`), stream("data: b\n\n")]), 2);
    expect(server.requests[1]?.lastEventId).toBe(id);
  });

  it("has an event of 10 MB: it comes whole", async () => {
    const data = "x".repeat(10 * 1024 * 1024);
    const [seen] = await collect(await open([stream(`data: ${data}\n\n`)]), 1);
    expect(seen?.length).toBe(data.length);
  });

  it("has an event above the limit: it stops, visibly, and does not ask for the same again", async () => {
    await open([stream(`data: a\n\ndata: ${"x".repeat(5000)}\n\n`)], { maxEventLength: 4096 });
    await untilState(source, "failed");
    expect(source.connection.reason).toBe("event-too-large");
    expect(server.requests).toHaveLength(1);
  });

  it("has a line that never ends: it stops at the limit", async () => {
    const endless: Answer = (response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      const more = () => {
        while (!response.destroyed && response.write("x".repeat(65_536)));
      };
      response.on("drain", more);
      more();
    };
    await open([endless], { maxEventLength: 1024 * 1024 });
    await untilState(source, "failed");
    expect(source.connection.reason).toBe("event-too-large");
  });

  it("has binary garbage before an event: nothing breaks", async () => {
    const noise = Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 131) % 256));
    const answer = stream(Buffer.concat([noise, Buffer.from("\n\ndata: a\n\n")]));
    expect((await collect(await open([answer]), 1)).length).toBe(1);
  });

  it("claims another charset: it is UTF-8 all the same", async () => {
    const answer = stream("data: ü\n\n", {
      "content-type": "text/event-stream; charset=windows-1252",
    });
    expect(await collect(await open([answer]), 1)).toEqual(["ü"]);
  });

  it("is compressed", async () => {
    const answer = stream(gzipSync("data: a\n\ndata: b\n\n"), { "content-encoding": "gzip" });
    expect(await collect(await open([answer]), 2)).toEqual(["a", "b"]);
  });
});
