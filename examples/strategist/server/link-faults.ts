// What can be done to a link.

import type { Fault, FaultProxy } from "@throughline/testkit";
import type { FaultPlan } from "./fault-control.js";

/** The switch on a link: the part of the fault proxy that is used. */
export type LinkSwitch = Pick<FaultProxy, "set">;

/** The faults of a link, by the names that the page has for them. */
export type LinkFaultName = "drop" | "reset" | "freeze" | "unavailable" | "slow";

/** Builds the faults of one link. */
export function linkFaults(link: LinkSwitch): Readonly<Record<LinkFaultName, FaultPlan>> {
  const plan = (durationMs: number, faults: readonly Fault[]): FaultPlan => ({
    durationMs,
    // Set one after the other, at once: what is awaited concerns only faults not used here.
    begin: () => Promise.all(faults.map((fault) => link.set(fault))),
    end: () => link.set({ kind: "pass" }),
  });
  return {
    drop: plan(0, [{ kind: "end-cleanly" }]),
    reset: plan(0, [{ kind: "reset" }]),
    freeze: plan(12_000, [{ kind: "freeze", direction: "both" }]),
    // A backend that restarts: what was open is cut, what comes anew is refused by the proxy before it.
    unavailable: plan(8000, [{ kind: "reset" }, { kind: "http-error", status: 503 }]),
    // A third of what the feed needs, so that the stream visibly falls behind.
    slow: plan(15_000, [{ kind: "slow", bytesPerSecond: 220 }]),
  };
}
