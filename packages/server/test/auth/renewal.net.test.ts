// Scenario 31: a token ends in the middle of a stream. The real client over real sockets; renewal works,
// is slow, or fails. What is published meanwhile arrives once and in order in every case.

import { createServer, type Server } from "node:http";
import { createHub, type Hub } from "@throughline/server";
import { createJwtAuthorizer } from "@throughline/server/auth";
import { createMemoryLog } from "@throughline/server/log";
import { SignJWT } from "jose";
import { EventSource, type HeadersCause } from "throughline";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { listen, stopServer } from "../hub/running-hub.js";

const SECRET = new TextEncoder().encode("0123456789abcdef0123456789abcdef");
const CLOCK_TOLERANCE_S = 0;
const EVERY_MS = 50;

let server: Server;
let hub: Hub;
let source: EventSource;
let announced: string[];
let data: string[];
let port: number;
let requests: number;

async function token(lifeS: number): Promise<string> {
  return new SignJWT({ throughline: { read: ["news"] } })
    .setProtectedHeader({ alg: "HS256" })
    .setSubject("ada")
    .setExpirationTime(Math.floor(Date.now() / 1000) + lifeS)
    .sign(SECRET);
}

const bearer = async (lifeS: number) => ({ authorization: `Bearer ${await token(lifeS)}` });

/** Opens a stream; `headers` is asked for each attempt. */
function open(headers: (cause: HeadersCause) => Promise<Record<string, string>>): void {
  source = new EventSource(`http://127.0.0.1:${port}/streams/news`, { headers });
  source.addEventListener("open", () => announced.push("open"));
  source.addEventListener("error", () => announced.push("error"));
  source.addEventListener("message", (event) => data.push(event.data));
}

/** Publishes for a while, and waits until the last event has arrived. */
async function publishFor(durationMs: number): Promise<readonly string[]> {
  const sent: string[] = [];
  const untilMs = performance.now() + durationMs;
  while (performance.now() < untilMs) {
    sent.push(String(sent.length + 1));
    await hub.publish("news", { data: sent.at(-1) ?? "" });
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
  while (data.length < sent.length) await new Promise((resolve) => setTimeout(resolve, 5));
  return sent;
}

const untilOpen = () =>
  new Promise<void>((resolve) => {
    source.addEventListener("open", () => resolve(), { once: true });
  });

beforeEach(async () => {
  announced = [];
  data = [];
  requests = 0;
  hub = createHub({
    log: createMemoryLog(),
    authorize: createJwtAuthorizer({
      keys: { secret: SECRET },
      clockToleranceS: CLOCK_TOLERANCE_S,
    }),
  });
  server = createServer((request, response) => {
    if (request.method === "GET") requests += 1;
    hub.handleNode(request, response);
  });
  port = await listen(server);
});

afterEach(async () => {
  source.close();
  await stopServer(server);
  await hub.close({ withinMs: 0 });
});

describe("a token that ends in the middle of a stream", () => {
  it("is renewed before, by a handover that nobody notices", async () => {
    const causes: HeadersCause[] = [];
    open((cause) => {
      causes.push(cause);
      return bearer(cause === "connect" ? 5 : 60);
    });
    await untilOpen();
    const sent = await publishFor(6000);
    expect(data).toEqual(sent);
    expect([causes, announced, requests]).toEqual([["connect", "expiring"], ["open"], 2]);
  });

  it("is renewed by a token service that is slow, while the stream goes on", async () => {
    open(async (cause) => {
      if (cause !== "connect") await new Promise((resolve) => setTimeout(resolve, 1500));
      return bearer(cause === "connect" ? 12 : 60);
    });
    await untilOpen();
    const sent = await publishFor(13_000);
    expect(data).toEqual(sent);
    expect(announced).toEqual(["open"]);
  });

  it("ends the stream where it is not renewed in time, and a later token finds everything", async () => {
    let isServiceUp = false;
    const reported: unknown[] = [];
    const onReported = (error: unknown) => reported.push(error);
    process.on("uncaughtException", onReported);
    try {
      open(async (cause) => {
        if (cause !== "connect" && !isServiceUp) throw new Error("no token now");
        return bearer(cause === "connect" && !isServiceUp ? 3 : 60);
      });
      await untilOpen();
      setTimeout(() => {
        isServiceUp = true;
      }, 5000);
      const sent = await publishFor(7000);
      expect(data).toEqual(sent);
      expect(announced).toContain("error");
      expect(reported.length).toBeGreaterThan(0);
    } finally {
      process.off("uncaughtException", onReported);
    }
  });

  it("is not asked with in a loop where nothing better is to be had", async () => {
    let asked = 0;
    const spent = await token(2);
    open(async () => {
      asked += 1;
      return { authorization: `Bearer ${spent}` };
    });
    await untilOpen();
    await new Promise((resolve) => setTimeout(resolve, 8000));
    expect(source.connection.reason).toBe("unauthorized");
    expect(requests).toBeLessThan(9);
    expect(asked).toBe(requests);
  });
});
