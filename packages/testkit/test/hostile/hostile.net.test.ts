// Scenario 28: hostile input is refused, nothing breaks, and everybody else is served. The same for hours:
// `npm run fuzz -- --seconds 3600`.

import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createHub, createMemoryLog, hubServerOptions, limitServer } from "@throughline/server";
import { assail } from "@throughline/testkit";
import { afterEach, expect, it } from "vitest";

let server: Server | undefined;
afterEach(async () => {
  const closed = server === undefined ? undefined : once(server, "close");
  server?.close();
  server?.closeAllConnections();
  await closed;
});

async function serve(listener: RequestListener): Promise<{ port: number }> {
  server = limitServer(createServer(hubServerOptions(), listener));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { port: (server.address() as AddressInfo).port };
}

it("a hub refuses hostile input, calls none of it an error, and goes on serving", async () => {
  const errors: unknown[] = [];
  const hub = createHub({ log: createMemoryLog(), onError: (error) => errors.push(error) });
  const victim = await serve(hub.handleNode);
  const url = `http://127.0.0.1:${victim.port}/streams/news`;
  const reader = (await fetch(url)).body?.pipeThrough(new TextDecoderStream()).getReader();
  const report = await assail(victim, { seed: 7, attacks: 500, withinMs: 30_000 });
  expect([report.findings, errors]).toEqual([[], []]);
  expect(report.statuses[400]).toBeGreaterThan(100);
  await hub.publish("news", { data: "still here" });
  let seen = "";
  while (!seen.includes("still here")) seen += (await reader?.read())?.value ?? "";
  await reader?.cancel();
  await hub.close({ withinMs: 0 });
  expect(hub.stats().connections).toEqual({ replaying: 0, live: 0, draining: 0 });
});

it("a server that serves whatever comes is found out", async () => {
  const victim = await serve((_request, response) => response.end("welcome"));
  const { findings } = await assail(victim, { seed: 7, attacks: 50 });
  expect(findings.join("\n")).toContain("a target that leads nowhere: answered 200");
});
