// What goes wrong, one thing each, on all ways at the same time.

import { setTimeout as wait } from "node:timers/promises";
import type { Fault } from "@throughline/testkit";
import type { Backend } from "../backend/launcher/start-backend.js";
import type { Generation, Way } from "./way.js";

/** What a fault is done with. */
export interface Scene {
  readonly ways: readonly Way[];
  readonly backend: Backend;
  /** Writes so many rows at once. */
  burst(count: number): Promise<void>;
  /** Gives the pages a session that counts. */
  logIn(): Promise<void>;
}

/** Names a fault towards whoever wants to run one, or some that begin alike. */
export type FaultName =
  | "none"
  | "complete"
  | "deployed"
  | "reset"
  | "end"
  | "silent-line"
  | "silent-backend"
  | "refused"
  | "502"
  | "502-burst"
  | "unanswered"
  | "kill"
  | "gateway-kill"
  | "gateway-stop"
  | "session"
  | "burst"
  | "parameter";

/** One row of the table. */
export interface MigrationFault {
  readonly name: FaultName;
  readonly title: string;
  readonly generation: Generation;
  /** What the pages ask for; default `all`. */
  readonly priority?: string | undefined;
  /** No row can be received: what is measured is how often is asked. */
  readonly isHopeless?: boolean | undefined;
  /** It can only befall a gateway. */
  readonly isOfGateway?: boolean | undefined;
  /** For how long after it healing is waited for, and requests are counted. Default 16 s. */
  readonly watchMs?: number | undefined;
  /** Resolves when the path is usable again. */
  strike(scene: Scene): Promise<void>;
}

/** How long what does not strike and pass lasts. */
const OUTAGE_MS = 5000;

/** How long a killed process stays away; to start again takes it some time more. */
const DEAD_MS = 2000;

/** Long enough for two responses of the enhanced feed, and for several that end early. */
const LOOP_MS = 30_000;

/** In the order of the table. */
export const FAULTS: readonly MigrationFault[] = [
  { name: "none", title: "nothing", generation: "first", strike: async () => {} },
  {
    name: "complete",
    title: "nothing; the enhanced feed with rows ends by `complete` every few seconds (D6)",
    generation: "enhanced",
    watchMs: LOOP_MS,
    strike: async () => {},
  },
  {
    name: "deployed",
    title: "nothing; the enhanced feed as deployed fails in every round (D1, D2)",
    generation: "enhanced",
    isHopeless: true,
    async strike({ backend }) {
      // Other faults run beside this one only on back ends of their own.
      await backend.setFault({ kind: "blind", endpoint: "feed", times: "always" });
      await backend.setFault({ kind: "fail", endpoint: "feed", times: "always" });
      await wait(LOOP_MS * 1.5);
      await backend.clearFaults();
    },
    watchMs: 0,
  },
  strike("reset", "the browser's connection is reset", { kind: "reset" }),
  strike("end", "the browser's response ends cleanly", { kind: "end-cleanly" }),
  {
    name: "silent-line",
    title: "the browser's connection falls silent, new ones work",
    generation: "first",
    strike: ({ ways }) => silence(ways.map(({ line }) => line)),
  },
  {
    name: "silent-backend",
    title: "the back end's connection falls silent, new ones work",
    generation: "enhanced",
    strike: ({ ways }) => silence(ways.map(({ backendLine }) => backendLine)),
  },
  outage("refused", "reset, then refused for 5 s", { kind: "refuse" }),
  outage("502", "reset, then a proxy answers 502 for 5 s", { kind: "http-error", status: 502 }),
  outage(
    "502-burst",
    "the same, and 8 rows at once meanwhile",
    { kind: "http-error", status: 502 },
    ({ burst }) => burst(8),
  ),
  outage("unanswered", "reset, then requests are accepted and not answered for 5 s", {
    kind: "accept-stall",
  }),
  {
    name: "kill",
    title: "the back end is killed (`kill -9`) and started again (D16)",
    generation: "first",
    async strike({ backend }) {
      await backend.kill("SIGKILL");
      await wait(DEAD_MS);
      await backend.restart();
    },
  },
  restart("gateway-kill", "the gateway is killed and started again on its log", "kill"),
  restart("gateway-stop", "the gateway is stopped (SIGTERM) and started again on its log", "stop"),
  {
    name: "session",
    title: "the session ends, the connection is reset, a login after 5 s (D14)",
    generation: "first",
    async strike({ ways, backend, logIn }) {
      await backend.endSessions("strategist");
      await each(ways, ({ line }) => line.set({ kind: "reset" }));
      await wait(OUTAGE_MS);
      await logIn();
    },
  },
  {
    name: "burst",
    title: "15 rows at once, where a poll shows 10 (D7)",
    generation: "first",
    strike: ({ burst }) => burst(15),
  },
  {
    name: "parameter",
    title: "a bad parameter, `priority=confidence`, as a hook asks (D10)",
    generation: "enhanced",
    priority: "confidence",
    isHopeless: true,
    watchMs: LOOP_MS,
    strike: async () => {},
  },
];

function each(ways: readonly Way[], act: (way: Way) => Promise<unknown>): Promise<unknown> {
  return Promise.all(ways.map(act));
}

/** What is over as soon as it has struck. */
function strike(name: FaultName, title: string, fault: Fault): MigrationFault {
  return {
    name,
    title,
    generation: "first",
    strike: async ({ ways }) => {
      await each(ways, ({ line }) => line.set(fault));
    },
  };
}

/** What begins with a reset of the browser's connection and lasts. */
function outage(
  name: FaultName,
  title: string,
  fault: Fault,
  meanwhile: (scene: Scene) => Promise<void> = async () => {},
): MigrationFault {
  return {
    name,
    title,
    generation: "first",
    async strike(scene) {
      await each(scene.ways, async ({ line }) => {
        await line.set({ kind: "reset" });
        await line.set(fault);
      });
      await wait(OUTAGE_MS / 2);
      await meanwhile(scene);
      await wait(OUTAGE_MS / 2);
      await each(scene.ways, ({ line }) => line.set({ kind: "pass" }));
    },
  };
}

function restart(name: FaultName, title: string, by: "kill" | "stop"): MigrationFault {
  return {
    name,
    title,
    generation: "first",
    isOfGateway: true,
    strike: async ({ ways }) => {
      await each(ways, (way) => way.restartGateway(by, DEAD_MS));
    },
  };
}

/** Connections that are open stay so, and dead, as after a table of addresses forgot them. */
async function silence(lines: readonly Way["line"][]): Promise<void> {
  for (const line of lines) {
    await line.set({ kind: "freeze", direction: "both" });
    await line.set({ kind: "pass" });
  }
}
