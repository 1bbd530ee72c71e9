// A network that changes, as a reader of a real hub sees it: its stream may have died, or only be slow.

import { createFaultProxy, type FaultProxy } from "@throughline/testkit";
import { EventSource } from "throughline";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type RunningHub, startNodeHub } from "./running-hub.js";

let hub: RunningHub;
let line: FaultProxy;
let page: EventTarget;
let source: EventSource;
let data: string[];
let announced: string[];

beforeEach(async () => {
  // Two seconds from stale to lost, so that a busy machine cannot make a loss of it.
  hub = await startNodeHub({ pulse: { intervalMs: 500, deadlineMs: 4000 } });
  line = await createFaultProxy({ upstream: { host: "127.0.0.1", port: hub.port } });
  page = new EventTarget();
  vi.stubGlobal("addEventListener", page.addEventListener.bind(page));
  vi.stubGlobal("removeEventListener", page.removeEventListener.bind(page));
  source = new EventSource(`${line.url}/streams/news`);
  data = [];
  announced = [];
  source.addEventListener("message", (event) => data.push(event.data));
  source.addEventListener("error", () => announced.push("error"));
  await new Promise<void>((resolve) => {
    source.onopen = () => resolve();
  });
  await hub.hub.publish("news", { data: "1" });
  await vi.waitFor(() => expect(data).toEqual(["1"]), 5000);
});

afterEach(async () => {
  source.close();
  vi.unstubAllGlobals();
  await line.close();
  await hub.stop();
});

/** Has the page hear of another network as soon as the silence of its stream is noticed. */
async function changeNetworkWhenStale(): Promise<void> {
  await new Promise<void>((resolve) => {
    source.connection.subscribe(({ state }) => state === "stale" && resolve());
  });
  page.dispatchEvent(new Event("online"));
}

it("a stream that has died is replaced before it is given up, and nobody is told", async () => {
  await line.set({ kind: "freeze", direction: "both" });
  await hub.hub.publish("news", { data: "2" });
  await line.set({ kind: "pass" });
  await changeNetworkWhenStale();
  await vi.waitFor(() => expect(data).toEqual(["1", "2"]), 5000);
  await hub.hub.publish("news", { data: "3" });
  await vi.waitFor(() => expect(data).toEqual(["1", "2", "3"]), 5000);
  expect(announced).toEqual([]);
  expect(source.connection.statistics.requests).toBe(2);
  expect(source.connection.snapshot.incidents).toEqual([]);
});

it("a stream that was only slow loses nothing to it and repeats nothing, and nobody is told", async () => {
  await line.set({ kind: "freeze", direction: "both", thaw: true });
  await hub.hub.publish("news", { data: "2" });
  await changeNetworkWhenStale();
  await line.set({ kind: "pass" });
  await vi.waitFor(() => expect(data).toEqual(["1", "2"]), 5000);
  await hub.hub.publish("news", { data: "3" });
  await vi.waitFor(() => expect(data).toEqual(["1", "2", "3"]), 5000);
  expect(announced).toEqual([]);
  expect(source.connection.statistics.requests).toBe(2);
});
