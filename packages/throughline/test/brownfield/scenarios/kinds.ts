// What the classes call the same things: being connected, being interrupted, having data.

import type { ClientKind } from "../drivers.js";
import type { Emission, Plain, ProbeSnapshot } from "../probe.js";

/** The words of one class for what all of them say. */
export interface KindFacts {
  /** The class with its label in the contract. */
  readonly label: string;
  isConnected(emission: Emission): boolean;
  isInterrupted(emission: Emission): boolean;
  /** The message that the emission hands to the application, if it hands one over. */
  messageOf(emission: Emission): Plain | undefined;
}

const enhanced: KindFacts = {
  label: "C1 EnhancedSSEClient",
  isConnected: ({ name }) => name === "connect",
  isInterrupted: ({ name }) => name === "error",
  // D18: unnamed messages, which is all that the server sends, never come out.
  messageOf: () => undefined,
};

const basic: KindFacts = {
  label: "C3 SSEClient",
  isConnected: ({ name }) => name === "connected",
  isInterrupted: ({ name }) => name === "error" || name === "disconnected",
  messageOf: ({ name, payload }) => (name === "message" ? payload : undefined),
};

/** The facts of every class, the chat's bare source left out. */
export const kindFacts = {
  enhanced,
  mobile: {
    ...enhanced,
    label: "C2 MobileOptimizedSSEClient",
    messageOf: ({ name, payload }) =>
      ["intelligence", "alert", "heartbeat"].includes(name) ? payload : undefined,
  },
  basic,
  campaign: { ...basic, label: "C4 SSEClient (lib)" },
  timeline: {
    label: "H4 TimelineSSEManager",
    isConnected: ({ name, payload }) => name === "connection" && has(payload, "state", "connected"),
    isInterrupted: ({ name, payload }) => name === "connection" && has(payload, "state", "error"),
    messageOf: basic.messageOf,
  },
  optimized: {
    label: "H6 OptimizedSSEManager",
    isConnected: ({ name, payload }) => name === "state" && payload === "open",
    isInterrupted: ({ name, payload }) => name === "state" && payload === "error",
    messageOf: ({ name, payload }) => (name === "message" ? member(payload, "data") : undefined),
  },
  feed: {
    label: "H5 useIntelligenceFeed",
    isConnected: ({ payload }) =>
      has(payload, "isConnected", true) && member(payload, "error") === null,
    isInterrupted: ({ payload }) => has(payload, "isConnected", false),
    messageOf: ({ payload }) => newestItem(payload),
  },
} as const satisfies Record<Exclude<ClientKind, "chat">, KindFacts>;

/** The classes that all scenarios are about. */
export type SubjectKind = keyof typeof kindFacts;

/** All of them, in the order of the contract. */
export const subjectKinds = Object.keys(kindFacts) as readonly SubjectKind[];

/** A member of plain data; `undefined` where there is none. */
export function member(value: Plain | undefined, name: string): Plain | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return (value as { readonly [name: string]: Plain })[name];
}

/** All messages that the sources have dispatched, in the order of the objects that did. */
export function wireData(snapshot: ProbeSnapshot): readonly string[] {
  return snapshot.sources.flatMap(({ events }) =>
    events.flatMap(({ kind, data }) => (kind === "message" && data !== undefined ? [data] : [])),
  );
}

/** The ids of the alerts among them, of the first generation of the feed. */
export function alertsOf(snapshot: ProbeSnapshot): readonly string[] {
  return wireData(snapshot)
    .map((data) => JSON.parse(data))
    .filter(({ type }) => type === "alert")
    .map(({ data }) => String(data.id));
}

/** How many messages have been dispatched since that moment, epoch milliseconds. */
export function wireMessagesSince(snapshot: ProbeSnapshot, sinceMs: number): number {
  return snapshot.sources
    .flatMap(({ events }) => events)
    .filter(({ kind, atMs }) => kind === "message" && atMs >= sinceMs).length;
}

function has(payload: Plain, name: string, value: Plain): boolean {
  return member(payload, name) === value;
}

function newestItem(payload: Plain): Plain | undefined {
  const items = member(payload, "intelligence");
  return Array.isArray(items) ? (items as readonly Plain[])[0] : undefined;
}
