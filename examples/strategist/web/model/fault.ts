// The faults that can be put on the link, and what the server says about them.

import { asRecord, type Json, numberAt, textAt } from "./wire.js";

/** The faults on offer. */
export type FaultName = "drop" | "reset" | "freeze" | "unavailable" | "slow" | "kill";

/** One fault; milliseconds since 1970 on the server's clock. */
export interface FaultRecord {
  readonly fault: FaultName;
  readonly startedAtMs: number;
  /** Equal to the start for a fault that strikes once. */
  readonly endsAtMs: number;
}

/** The state of the link. */
export interface FaultStatus {
  readonly nowMs: number;
  readonly active: FaultRecord | undefined;
  readonly history: readonly FaultRecord[];
}

/** What a fault does, for somebody who is about to press the button. */
export interface FaultText {
  readonly name: FaultName;
  readonly title: string;
  readonly text: string;
  /** It ends when it is over, and cannot be hurried. */
  readonly mendsItself?: true;
}

/** What can happen between the browser and the server. */
export const linkFaultTexts: readonly FaultText[] = [
  {
    name: "drop",
    title: "Drop",
    text: "Ends every open stream once, in good order.",
  },
  {
    name: "reset",
    title: "Reset",
    text: "Tears every connection off once.",
  },
  {
    name: "freeze",
    title: "Freeze",
    text: "12 s of silence; what was open stays dead.",
  },
  {
    name: "unavailable",
    title: "503 burst",
    text: "Cuts everything, then answers 503 for 8 s.",
  },
  {
    name: "slow",
    title: "Slow link",
    text: "Too thin for 15 s: both readers fall behind.",
  },
];

/** What can happen to the back end, behind the gateway. */
export const sourceFaultTexts: readonly FaultText[] = [
  {
    name: "kill",
    title: "kill -9",
    text: "Kills the Flask back end, then starts it again.",
    mendsItself: true,
  },
  {
    name: "reset",
    title: "Reset",
    text: "Tears every connection to it off once.",
  },
  {
    name: "freeze",
    title: "Freeze",
    text: "12 s in which it is there and says nothing.",
  },
  {
    name: "unavailable",
    title: "503 burst",
    text: "Cuts everything, then answers 503 for 8 s.",
  },
];

const allTexts = [...linkFaultTexts, ...sourceFaultTexts];

/** The short name of a fault. */
export function faultTitle(name: FaultName): string {
  return allTexts.find((text) => text.name === name)?.title ?? name;
}

/** Reads the server's answer; `undefined` where it is none. */
export function parseFaultStatus(json: Json): FaultStatus | undefined {
  const nowMs = numberAt(json, "nowMs");
  const history = json["history"];
  if (nowMs === undefined || !Array.isArray(history)) return undefined;
  return {
    nowMs,
    active: parseFaultRecord(json["active"]),
    history: history.map(parseFaultRecord).filter((record) => record !== undefined),
  };
}

function parseFaultRecord(value: unknown): FaultRecord | undefined {
  const json = asRecord(value);
  if (json === undefined) return undefined;
  const fault = allTexts.find(({ name }) => name === textAt(json, "fault"))?.name;
  const startedAtMs = numberAt(json, "startedAtMs");
  const endsAtMs = numberAt(json, "endsAtMs");
  if (fault === undefined || startedAtMs === undefined || endsAtMs === undefined) return undefined;
  return { fault, startedAtMs, endsAtMs };
}
