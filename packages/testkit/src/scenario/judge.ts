// Whether what happened is what a scenario expects. It knows nothing of who has played it.

import type { Expectation, Scenario } from "./scenario.js";

/** A state that a reader was in from some moment on. */
export interface ReaderState {
  /** One of the drop-in's states, or what comes nearest to it. */
  readonly state: string;
  readonly reason: string | undefined;
  readonly atMs: number;
}

/** A gap that a reader was told of. */
export interface ReaderGap {
  readonly from: number | null;
  readonly to: number | null;
  readonly reason: string | undefined;
}

/** What one reader showed. All times on one clock, in milliseconds. */
export interface ReaderMeasures {
  readonly detectMs: number | undefined;
  readonly beginMs: number | undefined;
  readonly healMs: number | undefined;
  /** When each of its requests for the stream left. */
  readonly requestsMs: readonly number[];
  /** In order. */
  readonly states: readonly ReaderState[];
  /** When the path was hurt, for this reader. */
  readonly struckMs: number;
  readonly gaps: readonly ReaderGap[];
}

/** What a whole run showed; the counts are those of all readers together. */
export interface ScenarioMeasures {
  readonly readers: readonly ReaderMeasures[];
  /** Published, never received, and not covered by a gap. */
  readonly lost: number;
  readonly repeated: number;
  readonly reordered: number;
  /** Received and never published, or gaps that are not true: wrong whatever the scenario expects. */
  readonly invented: number;
}

/** The expectations that were broken, as sentences without a full stop; none if all were met. */
export function judgeScenario(
  { expectations }: Pick<Scenario, "expectations">,
  measures: ScenarioMeasures,
): readonly string[] {
  const broken = expectations.flatMap((each) => [...new Set(judgeOne(each, measures))]);
  if (measures.invented > 0) broken.push(`${measures.invented} events or gaps were invented`);
  return broken;
}

function judgeOne(expectation: Expectation, measures: ScenarioMeasures): readonly string[] {
  const { readers } = measures;
  switch (expectation.kind) {
    case "within":
      return judgeTime(expectation, readers);
    case "nothing":
      return judgeHarm(expectation.what, measures);
    case "no-gap":
      return readers.flatMap(({ gaps }) =>
        gaps.map(({ reason }) => `a gap was told${because(reason)}`),
      );
    case "gap":
      return readers.flatMap(({ gaps }) => judgeGap(gaps, expectation.reason));
    case "at-most":
      return judgeMost(expectation, readers);
    case "at-least":
      return readers
        .filter(({ requestsMs }) => requestsMs.length < expectation.requests)
        .map(
          ({ requestsMs }) =>
            `only ${requestsMs.length} requests were made, at least ${expectation.requests} expected`,
        );
    case "state":
      return readers.flatMap(({ states }) => judgeState(states.at(-1), expectation));
    case "reason":
      return readers
        .filter((reader) => !since(reader).some(({ reason }) => reason === expectation.reason))
        .map(() => `no state had the reason "${expectation.reason}"`);
  }
}

const TIMES = {
  detect: { of: "detectMs", late: "it was noticed after", never: "it was never noticed" },
  begin: { of: "beginMs", late: "recovery began after", never: "recovery never began" },
  heal: { of: "healMs", late: "it healed after", never: "it never healed" },
} as const;

function judgeTime(
  { what, ms }: Extract<Expectation, { kind: "within" }>,
  readers: readonly ReaderMeasures[],
): readonly string[] {
  const { of, late, never } = TIMES[what];
  const times = readers.map((reader) => reader[of]);
  const broken: string[] = [];
  const worst = Math.max(...times.map((time) => time ?? 0));
  if (times.includes(undefined)) broken.push(never);
  if (worst > ms) broken.push(`${late} ${Math.round(worst)} ms, at most ${ms} expected`);
  return broken;
}

function judgeHarm(
  what: Extract<Expectation, { kind: "nothing" }>["what"],
  { lost, repeated, reordered }: ScenarioMeasures,
): readonly string[] {
  const count = { lost, repeated, "out of order": reordered }[what];
  if (count === 0) return [];
  return [`${count} ${count === 1 ? "event was" : "events were"} ${what}`];
}

function judgeGap(gaps: readonly ReaderGap[], reason: string | undefined): readonly string[] {
  if (gaps.length === 0) return [`no gap was told, one was expected${because(reason)}`];
  if (reason === undefined || gaps.some((gap) => gap.reason === reason)) return [];
  const told = [...new Set(gaps.map((gap) => gap.reason ?? "none"))].join(", ");
  return [`a gap was told with the reason ${told}, "${reason}" was expected`];
}

function judgeMost(
  { requests, perMs = Number.POSITIVE_INFINITY }: Extract<Expectation, { kind: "at-most" }>,
  readers: readonly ReaderMeasures[],
): readonly string[] {
  const most = Math.max(0, ...readers.map(({ requestsMs }) => mostWithin(requestsMs, perMs)));
  if (most <= requests) return [];
  const span = perMs === Number.POSITIVE_INFINITY ? "" : ` within ${perMs} ms`;
  return [`${most} requests were made${span}, at most ${requests} expected`];
}

/** The largest number of moments in any stretch of that length. */
function mostWithin(momentsMs: readonly number[], spanMs: number): number {
  const sorted = momentsMs.toSorted((a, b) => a - b);
  let most = 0;
  let first = 0;
  sorted.forEach((at, last) => {
    while (at - (sorted[first] ?? at) > spanMs) first += 1;
    most = Math.max(most, last - first + 1);
  });
  return most;
}

function judgeState(
  last: ReaderState | undefined,
  { state, reason }: Extract<Expectation, { kind: "state" }>,
): readonly string[] {
  if (last?.state === state && (reason === undefined || last.reason === reason)) return [];
  const was = last === undefined ? "unknown" : `"${last.state}"${because(last.reason)}`;
  return [`the state is ${was}, "${state}"${because(reason)} was expected`];
}

function since({ states, struckMs }: ReaderMeasures): readonly ReaderState[] {
  return states.filter(({ atMs }) => atMs >= struckMs);
}

function because(reason: string | undefined): string {
  return reason === undefined ? "" : ` (${reason})`;
}
