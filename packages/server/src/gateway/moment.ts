// Moments as backends write them: as text of ISO 8601 with a zone or without, or as a number of seconds or
// milliseconds. A moment that is told back is written in the same way, because it is compared with others
// that are.

/** How a backend writes moments. */
type Notation =
  /** ISO 8601; `suffix` is `Z`, or empty where no zone is told and the backend's own is meant. */
  | { readonly kind: "text"; readonly suffix: "" | "Z" }
  | { readonly kind: "seconds" | "milliseconds" };

/** A moment, and how it was written. */
export interface Moment {
  /** Comparable with other moments of the same backend; of a text without zone as if it were UTC. */
  readonly ms: number;
  readonly notation: Notation;
}

const ISO = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$/;

/** From here on numbers are milliseconds: as seconds they would lie after the year 5000. */
const FIRST_MILLISECONDS = 1e11;

/** Reads a moment; `undefined` for what is none. */
export function parseMoment(value: unknown): Moment | undefined {
  if (typeof value === "number" && Number.isFinite(value) && value > 0) {
    return value < FIRST_MILLISECONDS
      ? { ms: value * 1000, notation: { kind: "seconds" } }
      : { ms: value, notation: { kind: "milliseconds" } };
  }
  if (typeof value !== "string") return undefined;
  const found = ISO.exec(value);
  if (found === null) return undefined;
  const zone = found[1];
  const ms = Date.parse(`${value.replace(" ", "T")}${zone === undefined ? "Z" : ""}`);
  if (Number.isNaN(ms)) return undefined;
  return { ms, notation: { kind: "text", suffix: zone === undefined ? "" : "Z" } };
}

/** Writes a moment so much earlier, in its own notation. */
export function momentText({ ms, notation }: Moment, earlierMs: number): string {
  const at = ms - earlierMs;
  switch (notation.kind) {
    case "text":
      return `${new Date(at).toISOString().slice(0, -1)}${notation.suffix}`;
    case "seconds":
      return String(at / 1000);
    case "milliseconds":
      return String(Math.floor(at));
  }
}

/** The later of two; the first where they are equal. */
export function laterMoment(a: Moment | undefined, b: Moment | undefined): Moment | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return b.ms > a.ms ? b : a;
}
