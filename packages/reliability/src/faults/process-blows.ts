// Processes that are killed and come back, at once and later, and proxies that are told to reload.

import { setTimeout as wait } from "node:timers/promises";
import type { ProcessName } from "../paths/path.js";
import { type Blow, type BlowScene, processOf } from "./blow.js";

/** How long a process that is restarted later stays away. */
const AWAY_MS = 2000;

/** The blows to processes, in the order of the table. */
export const PROCESS_BLOWS: readonly Blow[] = [
  ...kills("hub", "22-hub", "the hub is killed (`kill -9`)"),
  ...kills("gateway", "22-gateway", "the gateway is killed (`kill -9`)"),
  ...kills("backend", "22-backend", "the backend is killed (`kill -9`)"),
  ...kills("proxy", "6-proxy", "the proxy is killed (`kill -9`)"),
  {
    id: "6-proxy-reload",
    title: "the proxy reads its configuration again, twice",
    needs: "proxy",
    traffic: "busy",
    isQuiet: false,
    countsFromLastEvent: false,
    // Streams that are open go on.
    toleratedMs: Number.POSITIVE_INFINITY,
    strike: async (scene) => {
      const proxy = processOf(scene.path, "proxy");
      const struckMs = performance.now();
      await proxy.reload?.();
      await wait(500);
      await proxy.reload?.();
      return forAll(scene, struckMs);
    },
  },
];

function kills(needs: ProcessName, id: string, title: string): readonly Blow[] {
  const blow = (suffix: string, words: string, awayMs: number): Blow => ({
    id: `${id}-${suffix}`,
    title: `${title}, started again ${words}`,
    needs,
    traffic: "busy",
    // A backend without history, and a gateway that was not there, could tell nobody of it.
    isQuiet: needs === "backend" || needs === "gateway",
    countsFromLastEvent: false,
    // Who reads a gateway keeps the connection when its backend dies.
    toleratedMs: needs === "backend" ? Number.POSITIVE_INFINITY : 0,
    strike: async (scene) => {
      const killed = processOf(scene.path, needs);
      const struckMs = performance.now();
      await killed.kill();
      await wait(awayMs);
      await killed.start();
      return forAll(scene, struckMs);
    },
  });
  return [blow("now", "at once", 0), blow("later", `after ${AWAY_MS / 1000} s`, AWAY_MS)];
}

function forAll({ addresses }: BlowScene, struckMs: number) {
  const usableMs = performance.now();
  return addresses.map(() => ({ struckMs, usableMs }));
}
