// What shows that a connection is alive: comments, events that are named so, and messages that say so.

import { RESERVED } from "throughline/core";
import type { HeartbeatSeen } from "./observation.js";

const WORDS =
  /^(?:throughline\.heartbeat|(?:sse[-_.]?)?(?:heart[-_ ]?beat|keep[-_ ]?alive|ping|pong|hb))$/i;

/** Members of JSON that say what kind of message it is. */
const KINDS = ["type", "event", "kind"] as const;

/** Notes heartbeats of all kinds, and how often they come. */
export interface HeartbeatNotes {
  comment(atMs: number): void;
  /** Returns whether the event is one. */
  event(type: string, data: string, atMs: number): boolean;
  seen(): readonly HeartbeatSeen[];
}

/** Begins to take notes. */
export function createHeartbeatNotes(): HeartbeatNotes {
  const notes = new Map<string, { kind: HeartbeatSeen["kind"]; name: string; times: number[] }>();
  const note = (kind: HeartbeatSeen["kind"], name: string, atMs: number) => {
    const key = `${kind} ${name}`;
    const entry = notes.get(key) ?? { kind, name, times: [] };
    notes.set(key, entry);
    if (entry.times.length < MOST_TIMES) entry.times.push(atMs);
  };
  return {
    comment: (atMs) => note("comment", ":", atMs),
    event: (type, data, atMs) => {
      if (type === RESERVED.heartbeat || WORDS.test(type)) {
        note("event", type, atMs);
        return true;
      }
      const said = type === "message" ? messageKind(data) : undefined;
      if (said === undefined) return false;
      note("json", said, atMs);
      return true;
    },
    seen: () =>
      [...notes.values()].map(({ kind, name, times }) => ({
        kind,
        name,
        count: times.length,
        everyMs: medianStep(times),
      })),
  };
}

/** More tell nothing new. */
const MOST_TIMES = 10_000;

/** The word by which a message calls itself a heartbeat. */
function messageKind(data: string): string | undefined {
  if (data.length > 1000) return undefined;
  if (WORDS.test(data.trim())) return data.trim().toLowerCase();
  if (!data.startsWith("{")) return undefined;
  try {
    const value = JSON.parse(data) as Readonly<Record<string, unknown>>;
    const said = KINDS.map((kind) => value[kind]).find(
      (word): word is string => typeof word === "string" && WORDS.test(word),
    );
    return said?.toLowerCase();
  } catch {
    // Events may hold anything.
    return undefined;
  }
}

function medianStep(times: readonly number[]): number | undefined {
  const steps = times.slice(1).map((time, index) => time - (times[index] ?? time));
  return steps.sort((a, b) => a - b)[Math.floor(steps.length / 2)];
}
