// The `connection` channel: what an interface shows of a connection, apart from the stream's events.

import type { ConnectionReason, Incident, IncidentLog, Source } from "../core/index.js";
import { callSafely } from "./call-safely.js";
import type { Environment } from "./environment.js";
import type {
  ConnectionChannel,
  ConnectionSnapshot,
  ConnectionStateName,
  ConnectionStatistics,
  GapNotice,
  IncidentReport,
  TransportName,
} from "./types.js";

/** The facts that a channel shows; times are on the clock of the connection machine. */
export interface ChannelFacts {
  readonly state: ConnectionStateName;
  readonly reason: ConnectionReason;
  readonly attempts: number;
  readonly dueMs: number | undefined;
  readonly transport: TransportName;
  readonly isDegraded: boolean;
  readonly source: Source | undefined;
  readonly incidents: IncidentLog;
  readonly gap: GapNotice | undefined;
  readonly statistics: ConnectionStatistics;
}

/** The channel, and the way to say that its facts have changed. */
export class Channel implements ConnectionChannel {
  readonly #facts: () => ChannelFacts;
  readonly #environment: Environment;
  readonly #listeners = new Set<(snapshot: ConnectionSnapshot) => void>();
  #snapshot: ConnectionSnapshot | undefined;
  #sinceMs: number;
  #shown: Pick<ChannelFacts, "state" | "reason"> | undefined;

  constructor(facts: () => ChannelFacts, environment: Environment) {
    this.#facts = facts;
    this.#environment = environment;
    this.#sinceMs = environment.epochMs();
  }

  get state(): ConnectionStateName {
    return this.#facts().state;
  }

  get reason(): ConnectionReason {
    return this.#facts().reason;
  }

  get gap(): GapNotice | undefined {
    return this.#facts().gap;
  }

  get statistics(): ConnectionStatistics {
    return this.#facts().statistics;
  }

  get snapshot(): ConnectionSnapshot {
    this.#snapshot ??= this.#takeSnapshot();
    return this.#snapshot;
  }

  subscribe(listener: (snapshot: ConnectionSnapshot) => void): () => void {
    // A wrapper of its own for each call, so that one function can subscribe twice.
    const entry = (snapshot: ConnectionSnapshot) => listener(snapshot);
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  /** Says that something has changed. A listener that throws does not keep it from the others. */
  changed(): void {
    const { state, reason } = this.#facts();
    if (this.#shown?.state !== state || this.#shown.reason !== reason) {
      this.#shown = { state, reason };
      this.#sinceMs = this.#environment.epochMs();
    }
    this.#snapshot = undefined;
    for (const listener of [...this.#listeners]) callSafely(() => listener(this.snapshot));
  }

  #takeSnapshot(): ConnectionSnapshot {
    const { dueMs, incidents, ...facts } = this.#facts();
    const { nowMs, epochMs } = this.#environment;
    return {
      ...facts,
      sinceMs: this.#sinceMs,
      nextAttemptAtMs: toEpoch(dueMs, epochMs() - nowMs()),
      incidents: incidents.recent.map(toReport),
    };
  }
}

function toReport(incident: Incident): IncidentReport {
  const { epochOffsetMs, reason, attempts } = incident;
  const { lastByteMs, detectedMs, begunMs, healedMs } = incident;
  return {
    reason,
    lastByteAtMs: toEpoch(lastByteMs, epochOffsetMs),
    detectedAtMs: toEpoch(detectedMs, epochOffsetMs),
    begunAtMs: toEpoch(begunMs, epochOffsetMs),
    healedAtMs: toEpoch(healedMs, epochOffsetMs),
    attempts,
  };
}

/** A time on the clock of the machine in whole milliseconds since 1970. */
function toEpoch<T extends number | undefined>(ms: T, offsetMs: number): T {
  return (ms === undefined ? ms : Math.round(ms + offsetMs)) as T;
}
