// A hub with a page at its own origin, behind a line that breaks, and the page open in a browser.

import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import type { TestPage } from "@throughline/browsers";
import { bundleScript } from "@throughline/browsers";
import { createHub, createMemoryLog } from "@throughline/server";
import { createFaultProxy, type FaultProxy } from "@throughline/testkit";
import type { PlaceApi, PlaceReport } from "./place.js";

/** The scripts of the page and of its workers, by path. */
export type Scripts = ReadonlyMap<string, string>;

export interface PlaceStage {
  readonly line: FaultProxy;
  /** Calls the page. */
  inPage<N extends keyof PlaceApi>(
    name: N,
    ...args: Parameters<PlaceApi[N]>
  ): Promise<ReturnType<PlaceApi[N]>>;
  /** Publishes the next number without waiting for it. */
  publish(): Promise<string>;
  /** Publishes the next number, and waits until the source has it. */
  hears(withinMs: number): Promise<void>;
  /** Waits until the record is as it should be; rejects with the record. */
  until(what: string, isIt: (report: PlaceReport) => boolean, withinMs: number): Promise<void>;
  close(): Promise<void>;
}

/** Bundles the sources, as in all tests, and not what was last built from them. */
export async function bundlePlaces(): Promise<Scripts> {
  const place = new URL("place.ts", import.meta.url);
  const [classic, module] = await Promise.all([
    bundleScript(place),
    bundleScript(place, { format: "es" }),
  ]);
  return new Map([
    ["/place.js", classic],
    ["/place.mjs", module],
  ]);
}

export async function openStage(
  newPage: () => Promise<TestPage>,
  scripts: Scripts,
): Promise<PlaceStage> {
  const hub = createHub({ log: createMemoryLog() });
  const server = createServer((request, response) => {
    const script = scripts.get(request.url ?? "");
    if (script !== undefined) {
      response.writeHead(200, { "content-type": "text/javascript" }).end(script);
    } else if (request.url === "/") {
      response.writeHead(200, { "content-type": "text/html" });
      response.end('<!doctype html><meta charset="utf-8"><script src="/place.js"></script>');
    } else hub.handleNode(request, response);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const line = await createFaultProxy({ upstream: { host: "127.0.0.1", port } });
  const page = await newPage();
  await page.goto(`${line.url}/`);

  const inPage: PlaceStage["inPage"] = (name, ...args) =>
    page.evaluate(
      ([called, values]) => {
        const { place } = globalThis as unknown as { place: PlaceApi };
        return Reflect.apply(place[called], place, values);
      },
      [name, args] as const,
    );
  let count = 0;
  const publish = async () => {
    count += 1;
    await hub.publish("news", { data: String(count) });
    return String(count);
  };
  const until: PlaceStage["until"] = async (what, isIt, withinMs) => {
    const untilMs = performance.now() + withinMs;
    for (;;) {
      const report = await inPage("report");
      if (isIt(report)) return;
      if (performance.now() > untilMs) {
        throw new Error(`not within ${withinMs} ms: ${what}; ${JSON.stringify(report)}`);
      }
      await wait(20);
    }
  };
  return {
    line,
    inPage,
    publish,
    until,
    hears: async (withinMs) => {
      const wanted = await publish();
      await until(`event ${wanted}`, ({ data }) => data.includes(wanted), withinMs);
    },
    close: async () => {
      await line.close();
      await hub.close({ withinMs: 0 });
      server.close();
      server.closeAllConnections();
    },
  };
}
