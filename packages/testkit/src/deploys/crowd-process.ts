// Starts a crowd of readers as a process of its own, and talks to it.

import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Quantiles } from "./quantiles.js";

/** What a crowd is told. */
export type CrowdCommand =
  | {
      readonly kind: "connect";
      readonly url: string;
      readonly readers: number;
      /** Whether readers that are told to leave open their next connection before they do. */
      readonly isHandingOver: boolean;
    }
  /** Measure from now on. */
  | { readonly kind: "measure" }
  /** Wait for the event of this offset, stop, and report. */
  | { readonly kind: "report"; readonly newest: number };

/** What a crowd says. */
export type CrowdSays =
  | { readonly kind: "connected" }
  | { readonly kind: "report"; readonly report: CrowdReport };

/** What a crowd has seen. */
export interface CrowdReport {
  readonly readers: number;
  /** Holes between two events that came, and that nobody announced: summed over readers. */
  readonly lost: number;
  /** Events after the last that came, when the wait for the newest was over: summed over readers. */
  readonly missing: number;
  /** Events that came twice over one connection, or again after a resume. */
  readonly repeated: number;
  readonly announcedGaps: number;
  /** Each reader's longest time without a byte, in milliseconds. */
  readonly gapsMs: Quantiles;
  /** Requests since the measurement began, and how many in each 100 ms of it. */
  readonly requests: number;
  readonly requestsPerSlot: readonly number[];
}

/** A crowd in its process. */
export interface CrowdProcess {
  /** Resolves when every reader is served. */
  connect(options: Omit<Extract<CrowdCommand, { kind: "connect" }>, "kind">): Promise<void>;
  measure(): void;
  report(newest: number): Promise<CrowdReport>;
  kill(): void;
}

/** Starts a crowd. The compiled package has to be there: the process runs it. */
export function startCrowd(): CrowdProcess {
  const program = fileURLToPath(new URL("../../dist/deploys/crowd.js", import.meta.url));
  const child = fork(program, { stdio: ["ignore", "inherit", "inherit", "ipc"], execArgv: [] });
  const exited = once(child, "exit");
  const tell = (command: CrowdCommand) => {
    child.send(command);
  };
  const ask = async (command: CrowdCommand): Promise<CrowdSays> => {
    tell(command);
    const gone = exited.then(() => {
      throw new Error("The crowd's process has ended.");
    });
    const [said] = await Promise.race([once(child, "message"), gone]);
    return said as CrowdSays;
  };
  return {
    connect: async (options) => {
      await ask({ kind: "connect", ...options });
    },
    measure: () => tell({ kind: "measure" }),
    report: async (newest) => {
      const said = await ask({ kind: "report", newest });
      if (said.kind !== "report") throw new Error(`The crowd said "${said.kind}".`);
      return said.report;
    },
    kill: () => {
      child.kill("SIGKILL");
    },
  };
}
