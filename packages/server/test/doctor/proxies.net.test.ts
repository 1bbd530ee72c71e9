// The doctor through a real nginx: with its defaults, in front of a server that does not know of it; and
// as documented, in front of hubs.

import { readFileSync } from "node:fs";
import { createMemoryLog } from "@throughline/server";
import { afterEach, describe, expect, it } from "vitest";
import {
  findProgram,
  nginx,
  type ProxyPorts,
  startReadyHub,
  startRealProxy,
  withPorts,
} from "../../../testkit/src/proxies/index.js";
import { diagnose } from "../../src/doctor/diagnose.js";
import { examine } from "../../src/doctor/examine.js";
import { beginStream, every, startBrokenServer } from "./broken-server.js";

const documented = readFileSync(new URL("../../../../deploy/nginx.conf", import.meta.url), "utf8");

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

async function startNginx(config: (ports: ProxyPorts) => string): Promise<string> {
  const proxy = await startRealProxy(nginx, { config });
  stops.push(proxy.close);
  return proxy.url;
}

/** What one has who writes the least that works, with a line of one's own in it. */
const least =
  (backend: number, line = "") =>
  ({ port }: ProxyPorts) =>
    `server { listen ${port}; location / { ${line} proxy_pass http://127.0.0.1:${backend}; } }\n`;

async function startHub(): Promise<number> {
  const hub = await startReadyHub({ log: createMemoryLog() });
  stops.push(() => hub.close(0));
  await hub.hub.publish("feed", { data: "1" });
  return hub.port;
}

/** An endpoint as frameworks make them: it knows nothing of proxies, and pings. */
async function startPlain(): Promise<number> {
  const server = await startBrokenServer((_request, response) => {
    beginStream(response);
    every(response, 200, (turn) => response.write(`: ping\n\nid: ${turn}\ndata: ${turn}\n\n`));
  });
  stops.push(server.stop);
  return server.port;
}

async function findThrough(url: string, { streams = 0 } = {}) {
  const observation = await examine({
    url: new URL(url),
    credentials: {},
    watchMs: 3000,
    streams,
  });
  const findings = diagnose(observation);
  return { findings, problems: findings.filter(({ severity }) => severity === "problem") };
}

// Only a machine that has nginx can run it; `npm test` installs it where it can.
describe.skipIf(findProgram("nginx") === undefined)("the doctor through nginx", () => {
  it("names nginx and its line where the defaults hold a plain stream back", async () => {
    const url = await startNginx(least(await startPlain()));
    const { problems } = await findThrough(`${url}/stream`);
    expect(problems).toEqual([
      expect.objectContaining({
        code: "buffered",
        culprit: "nginx",
        change: expect.stringContaining("proxy_buffering off;"),
      }),
    ]);
  });

  it("sees the portions of its buffer where so much is sent that they fill", async () => {
    const server = await startBrokenServer((_request, response) => {
      beginStream(response);
      const data = "x".repeat(1000);
      every(response, 50, (turn) => response.write(`id: ${turn}\ndata: ${data}\n\n`));
    });
    stops.push(server.stop);
    const url = await startNginx(least(server.port));
    const { problems } = await findThrough(`${url}/stream`);
    expect(problems[0]).toMatchObject({
      code: "buffered",
      culprit: "nginx",
      text: expect.stringContaining("4096 bytes that stop inside a line"),
    });
  });

  it("finds nothing held back once that line is there", async () => {
    const url = await startNginx(least(await startPlain(), "proxy_buffering off;"));
    const { findings } = await findThrough(`${url}/stream`);
    expect(findings.find(({ code }) => code === "buffered")?.severity).toBe("ok");
  });

  it("finds no problem where the defaults stand in front of a hub", async () => {
    const url = await startNginx(least(await startHub()));
    expect((await findThrough(`${url}/streams/feed`, { streams: 7 })).problems).toEqual([]);
  });

  it("finds no problem with the documented configuration", async () => {
    const hub = await startHub();
    const url = await startNginx((ports) => withPorts(documented, ports, [hub, hub]));
    expect((await findThrough(`${url}/streams/feed`, { streams: 7 })).problems).toEqual([]);
  });

  it("finds the timeout of a silence that nginx does not bear", async () => {
    const server = await startBrokenServer((_request, response) => {
      beginStream(response);
      response.write("id: 1\ndata: 1\n\n");
    });
    stops.push(server.stop);
    const line = "proxy_buffering off; proxy_read_timeout 1s;";
    const url = await startNginx(least(server.port, line));
    const { problems } = await findThrough(`${url}/stream`);
    expect(problems[0]).toMatchObject({
      code: "idle-timeout",
      culprit: "nginx",
      change: expect.stringContaining("proxy_read_timeout"),
    });
  });

  it("tells that the header of a reader's id is lost on the way", async () => {
    const line = 'proxy_set_header Last-Event-ID "";';
    const url = await startNginx(least(await startHub(), line));
    const { problems } = await findThrough(`${url}/streams/feed`);
    expect(problems.map(({ code }) => code)).toEqual(["resume-header"]);
  });

  it("tells that leases do not reach the hub", async () => {
    const hub = await startHub();
    const url = await startNginx(
      ({ port }) =>
        `server { listen ${port}; location /streams/ { proxy_pass http://127.0.0.1:${hub}; } }\n`,
    );
    const { problems } = await findThrough(`${url}/streams/feed`);
    expect(problems.map(({ code }) => code)).toEqual(["lease"]);
  });
});
