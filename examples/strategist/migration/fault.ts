// What goes wrong, one thing each, on all ways at the same time.

import { setTimeout as wait } from "node:timers/promises";
import type { Backend } from "../backend/launcher/start-backend.js";
import type { Generation, Way } from "./way.js";

/** What a fault is done with. */
export interface Scene {
  readonly ways: readonly Way[];
  readonly backend: Backend;
  readonly ward: string;
  /** Writes so many rows at once. */
  burst(count: number): Promise<void>;
  /** Gives the pages a session that counts. */
  logIn(): Promise<void>;
}

/** One row of the table. */
export interface MigrationFault {
  readonly title: string;
  readonly generation: Generation;
  /** What the pages ask for; default `all`. */
  readonly priority?: string | undefined;
  /** Nothing can be received: what is measured is how often is asked. */
  readonly isHopeless?: boolean | undefined;
  /** For how long after it healing is waited for, and requests are counted. Default 16 s. */
  readonly watchMs?: number | undefined;
  /** Resolves when the path is usable again. */
  strike(scene: Scene): Promise<void>;
}

/** How long what does not strike and pass lasts. */
const OUTAGE_MS = 5000;

const each = (ways: readonly Way[], act: (way: Way) => unknown) => Promise.all(ways.map(act));

/** A fault on the line to the browser that begins with a reset. */
function outage(title: string, fault: Parameters<Way["line"]["set"]>[0]): MigrationFault {
  return {
    title,
    generation: "first",
    async strike({ ways }) {
      await each(ways, async ({ line }) => {
        await line.set({ kind: "reset" });
        await line.set(fault);
      });
      await wait(OUTAGE_MS);
      await each(ways, ({ line }) => line.set({ kind: "pass" }));
    },
  };
}

/** In the order of the table. */
export const FAULTS: readonly MigrationFault[] = [
  {
    title: "nothing goes wrong, first generation",
    generation: "first",
    strike: async () => {},
  },
  {
    title: "nothing goes wrong, enhanced: the `complete` loop (D6)",
    generation: "enhanced",
    watchMs: 30_000,
    strike: async () => {},
  },
  {
    title: "reset of the browser's connection",
    generation: "first",
    strike: async ({ ways }) => {
      await each(ways, ({ line }) => line.set({ kind: "reset" }));
    },
  },
  {
    title: "clean end of the browser's response",
    generation: "first",
    strike: async ({ ways }) => {
      await each(ways, ({ line }) => line.set({ kind: "end-cleanly" }));
    },
  },
  {
    title: "the browser's connection falls silent, new ones work",
    generation: "first",
    async strike({ ways }) {
      await each(ways, async ({ line }) => {
        await line.set({ kind: "freeze", direction: "both" });
        await line.set({ kind: "pass" });
      });
    },
  },
  {
    title: "the back end's connection falls silent, new ones work",
    generation: "enhanced",
    async strike({ ways }) {
      await each(ways, async ({ backendLine }) => {
        await backendLine.set({ kind: "freeze", direction: "both" });
        await backendLine.set({ kind: "pass" });
      });
    },
  },
  outage("connection refused for 5 s", { kind: "refuse" }),
  outage("a proxy answers 502 for 5 s", { kind: "http-error", status: 502 }),
  outage("requests are accepted and not answered for 5 s", { kind: "accept-stall" }),
  {
    title: "back end killed (`kill -9`) and started again, behind Vite's proxy (D16)",
    generation: "first",
    async strike({ ways, backend }) {
      // What was measured of that proxy: it keeps open streams, silent, and answers 500 meanwhile.
      const direct = ways.filter(({ kind }) => !kind.hasGateway);
      await each(direct, async ({ line }) => {
        await line.set({ kind: "freeze", direction: "both" });
        await line.set({ kind: "http-error", status: 500 });
      });
      await backend.kill("SIGKILL");
      await wait(2000);
      await backend.restart();
      await each(direct, ({ line }) => line.set({ kind: "pass" }));
    },
  },
  {
    title: "session ends, connection is reset, new login after 5 s (D14)",
    generation: "first",
    async strike({ ways, backend, logIn }) {
      await backend.endSessions("strategist");
      await each(ways, ({ line }) => line.set({ kind: "reset" }));
      await wait(OUTAGE_MS);
      await logIn();
    },
  },
  {
    title: "15 rows at once (D7)",
    generation: "first",
    strike: ({ burst }) => burst(15),
  },
  {
    title: "a proxy answers 502 for 5 s, 8 rows come meanwhile",
    generation: "first",
    async strike({ ways, burst }) {
      await each(ways, async ({ line }) => {
        await line.set({ kind: "reset" });
        await line.set({ kind: "http-error", status: 502 });
      });
      await wait(OUTAGE_MS / 2);
      await burst(8);
      await wait(OUTAGE_MS / 2);
      await each(ways, ({ line }) => line.set({ kind: "pass" }));
    },
  },
  {
    title: "bad parameter: `priority=confidence`, as a hook asks (D10)",
    generation: "enhanced",
    priority: "confidence",
    isHopeless: true,
    watchMs: 30_000,
    strike: async () => {},
  },
];
