// On real sockets: the answer is lost after the event was stored.

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createHub } from "@throughline/server";
import { createMemoryLog, parseStreamName } from "@throughline/server/log";
import { createPublisher } from "throughline/publish";
import { afterEach, describe, expect, it } from "vitest";

const STREAM = parseStreamName("feed");
const log = createMemoryLog();
const hub = createHub({ log });
let server: Server | undefined;

/** Serves the hub; the first answers are cut off, after the hub has given them. */
async function serve(lostAnswers: number): Promise<string> {
  let lost = 0;
  server = createServer(async (request, response) => {
    if (lost >= lostAnswers) {
      hub.handleNode(request, response);
      return;
    }
    lost += 1;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method = "", headers } = request;
    const own = Object.entries(headers).filter(([name]) => /^(content-type|producer-)/.test(name));
    await hub.fetch(
      new Request(`http://hub${request.url}`, {
        method,
        headers: own.map(([name, value]) => [name, String(value)] as [string, string]),
        body: Buffer.concat(chunks),
      }),
    );
    request.socket.destroy();
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function stored(): Promise<readonly string[]> {
  const page = await log.read(STREAM, { after: 0, limit: 100, maxBytes: 1e6 });
  return page.kind === "gap" ? [] : page.events.map(({ data }) => data);
}

afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((resolve) => server?.close(resolve));
  await log.remove(STREAM);
});

describe("an event whose publisher never heard the answer", () => {
  it("is published again and stored once", async () => {
    const publisher = createPublisher({ url: await serve(2) });
    const published = await publisher.publish("feed", { data: "once" });
    expect(published.duplicates).toEqual([0]);
    expect(published.cursors).toHaveLength(1);
    expect(await stored()).toEqual(["once"]);
  });

  it("keeps its place among those of its producer", async () => {
    const publisher = createPublisher({ url: await serve(2), producer: { id: "p" } });
    await Promise.all(["1", "2", "3"].map((data) => publisher.publish("feed", { data })));
    expect(await stored()).toEqual(["1", "2", "3"]);
  });

  it("is published when a hub that was away is there again", async () => {
    const url = await serve(0);
    const port = new URL(url).port;
    await new Promise((resolve) => server?.close(resolve));
    let tellFailed = () => {};
    const failed = new Promise<void>((resolve) => {
      tellFailed = resolve;
    });
    const publisher = createPublisher({
      url,
      fetch: async (...request) => {
        try {
          return await fetch(...request);
        } catch (error) {
          tellFailed();
          throw error;
        }
      },
    });
    const sent = publisher.publish("feed", { data: "later" });
    await failed;
    await new Promise<void>((resolve) => server?.listen(Number(port), "127.0.0.1", resolve));
    expect((await sent).cursors).toHaveLength(1);
    expect(await stored()).toEqual(["later"]);
  });
});
