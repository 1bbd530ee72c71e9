// Observations as the probes would have made them, with what a test wants different.

import { diagnose } from "../../src/doctor/diagnose.js";
import type { Finding } from "../../src/doctor/finding.js";
import type { Arrival, Hop, Observation, StreamSeen } from "../../src/doctor/observation.js";

/** The answer of a server that does everything right. */
export function hop(parts: Partial<Hop> = {}): Hop {
  return {
    url: "https://app.example/streams/feed",
    httpVersion: "2",
    status: 200,
    headers: { "content-type": "text/event-stream", "cache-control": "no-store" },
    connectMs: 10,
    headersMs: 20,
    ...parts,
  };
}

/** The same with other headers beside the usual ones. */
export function hopWith(headers: Readonly<Record<string, string>>): Hop {
  const usual = hop();
  return { ...usual, headers: { ...usual.headers, ...headers } };
}

export function arrival(parts: Partial<Arrival> = {}): Arrival {
  return { atMs: 30, bytes: 20, comments: 1, events: 0, endsMidLine: false, ...parts };
}

/** Pieces with one comment each, at these moments. */
export function comments(...momentsMs: readonly number[]): Arrival[] {
  return momentsMs.map((atMs) => arrival({ atMs }));
}

/** Ten seconds of a stream with a comment in every second, and two events. */
export function stream(parts: Partial<StreamSeen> = {}): StreamSeen {
  const arrivals = comments(30, 1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000);
  return {
    watchMs: 10_000,
    firstByteMs: 30,
    bytes: 300,
    arrivals,
    end: { kind: "time-up", atMs: 10_000, silenceMs: 1000 },
    comments: 10,
    events: 2,
    types: { message: 2 },
    ids: ids(),
    retryMs: undefined,
    heartbeats: [{ kind: "comment", name: ":", count: 10, everyMs: 1000 }],
    damage: undefined,
    undecodable: undefined,
    hello: undefined,
    gaps: [],
    farewell: undefined,
    ...parts,
  };
}

/** Two events with ids that are numbers. */
export function ids(parts: Partial<StreamSeen["ids"]> = {}): StreamSeen["ids"] {
  return {
    applicationEvents: 2,
    withId: 2,
    first: "1",
    previous: "1",
    last: "2",
    areCursors: false,
    unsafe: undefined,
    ...parts,
  };
}

/** The greeting of a hub. */
export function hello(parts: Partial<NonNullable<StreamSeen["hello"]>> = {}) {
  return {
    protocol: 1,
    pulse: { intervalMs: 1000, deadlineMs: 1700 },
    head: "k3f9.2",
    resume: "caught-up" as const,
    hasLease: true,
    ...parts,
  };
}

/** A stream that was answered, by a server that is no hub. */
export function seen(parts: Partial<Observation> = {}): Observation {
  return {
    url: "https://app.example/streams/feed",
    asked: { withToken: false, withCookie: false },
    opening: { kind: "answered", hops: [], last: hop() },
    stream: stream(),
    lease: undefined,
    resume: undefined,
    streams: undefined,
    cors: undefined,
    ...parts,
  };
}

/** An answer in place of a stream. */
export function answered(last: Hop, hops: readonly Hop[] = []): Observation {
  return seen({ opening: { kind: "answered", hops, last }, stream: undefined });
}

/** `severity code` of everything that is not well. */
export function troubles(observation: Observation): readonly string[] {
  return diagnose(observation)
    .filter(({ severity }) => severity !== "ok")
    .map(({ severity, code }) => `${severity} ${code}`);
}

export function find(observation: Observation, code: string): Finding | undefined {
  return diagnose(observation).find((finding) => finding.code === code);
}
