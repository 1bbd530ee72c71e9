// What a finding is.

/** `ok`: as it should be. `warning`: it costs something. `problem`: readers lose events, or get none. */
export type Severity = "ok" | "warning" | "problem";

/** The names of findings, which stay as they are. docs/doctor.md says what each is about. */
export const FINDING_CODES = [
  "unreachable",
  "certificate",
  "no-answer",
  "login-redirect",
  "redirected",
  "wrong-type",
  "charset",
  "http-version",
  "http-1-0",
  "buffered",
  "headers-without-bytes",
  "empty",
  "compressed",
  "content-length",
  "damaged",
  "cacheable",
  "heartbeat",
  "no-heartbeat",
  "pulse-header",
  "end",
  "idle-timeout",
  "ended",
  "retry",
  "greeting",
  "lease",
  "gap",
  "ids",
  "no-ids",
  "some-ids",
  "unsafe-ids",
  "resume",
  "resume-query",
  "resume-header",
  "resume-unclear",
  "resume-ignored",
  "resume-refused",
  "streams",
  "cors",
  "cors-origin",
  "cors-credentials",
  "cors-preflight",
  "cors-reflects",
  "cors-expose",
  "cors-vary",
] as const;

/** The name of a finding. */
export type FindingCode = (typeof FINDING_CODES)[number] | `status-${number}`;

/** One thing that was found. */
export interface Finding {
  readonly severity: Severity;
  /** For programs. */
  readonly code: FindingCode;
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
