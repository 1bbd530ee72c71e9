// What a finding is.

/** `ok`: as it should be. `warning`: it costs something. `problem`: readers lose events, or get none. */
export type Severity = "ok" | "warning" | "problem";

/** One thing that was found. */
export interface Finding {
  readonly severity: Severity;
  /** A name that stays, for programs. docs/doctor.md lists them all. */
  readonly code: string;
  /** What it means for readers, in a sentence or two. */
  readonly text: string;
  /** Who it most likely is. */
  readonly culprit?: string | undefined;
  /** The line to change. */
  readonly change?: string | undefined;
}

/** A duration as people say it. */
export function showMs(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return `${Number((ms / 1000).toFixed(ms < 10_000 ? 1 : 0))} s`;
}
