// Bodies of any size, and ends of any kind: back-pressure both ways, and no side outlives the other.

import { once } from "node:events";
import { type IncomingMessage, request, type ServerResponse } from "node:http";
import { connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { PassStage } from "./pass-stage.js";

const MIB = 1024 * 1024;

let stage: PassStage;

afterEach(async () => {
  await stage.close();
});

/** The first request that arrives at the backend of a new stage, which does not answer by itself. */
async function openHeld(options: Parameters<typeof PassStage.open>[1] = {}) {
  let arrive: (pair: [IncomingMessage, ServerResponse]) => void = () => {};
  const arrived = new Promise<[IncomingMessage, ServerResponse]>((resolve) => {
    arrive = resolve;
  });
  stage = await PassStage.open((incoming, response) => arrive([incoming, response]), options);
  return arrived;
}

describe("a body", () => {
  it("of 200 MiB goes through as it comes, and is never in memory as a whole", async () => {
    let gotBytes = 0;
    stage = await PassStage.open(async (incoming, response) => {
      for await (const chunk of incoming) gotBytes += (chunk as Buffer).length;
      response.end(String(gotBytes));
    });
    const upload = request({ port: stage.port, method: "POST", agent: false });
    const answered = once(upload, "response");
    const piece = Buffer.alloc(MIB, 7);
    let mostBytes = 0;
    const beforeBytes = process.memoryUsage().arrayBuffers;
    for (let sent = 0; sent < 200; sent += 1) {
      if (!upload.write(piece)) await once(upload, "drain");
      mostBytes = Math.max(mostBytes, process.memoryUsage().arrayBuffers - beforeBytes);
    }
    upload.end();
    const [response] = (await answered) as [IncomingMessage];
    expect(response.statusCode).toBe(200);
    expect(gotBytes).toBe(200 * MIB);
    response.resume();
    expect(mostBytes).toBeLessThan(64 * MIB);
  });

  it("is taken from the reader only as fast as the backend takes it", async () => {
    const arrived = openHeld();
    await arrived.catch(() => {});
  });

  it("is taken from the backend only as fast as the reader takes it", async () => {
    let writtenBytes = 0;
    let stalled = () => {};
    const isStalled = new Promise<void>((resolve) => {
      stalled = resolve;
    });
    stage = await PassStage.open((_incoming, response) => {
      const piece = Buffer.alloc(MIB, 7);
      while (response.write(piece) || writtenBytes < 64 * MIB) {
        writtenBytes += piece.length;
        if (response.writableLength > 32 * MIB) break;
      }
      stalled();
    });
    const client = connect(stage.port, "127.0.0.1");
    client.pause();
    client.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await isStalled;
    client.destroy();
  });
});
