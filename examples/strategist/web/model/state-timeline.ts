// What a connection has been doing lately, as stretches of time.

/** One state and how long it held; milliseconds since 1970. */
export interface Stretch<State extends string> {
  readonly state: State;
  readonly fromMs: number;
}

/** Stretches, oldest first. Each ends where the next begins; the last is still going on. */
export type Timeline<State extends string> = readonly Stretch<State>[];

/** Stretches kept: a bad quarter of an hour. */
const KEPT = 300;

/** Adds a state that holds from `fromMs`; a state that held already goes on. */
export function noteState<State extends string>(
  timeline: Timeline<State>,
  state: State,
  fromMs: number,
): Timeline<State> {
  const last = timeline.at(-1);
  if (last?.state === state) return timeline;
  // Clocks may be set back; a stretch never begins before the one ahead of it.
  const startMs = Math.max(fromMs, last?.fromMs ?? fromMs);
  return [...timeline.slice(1 - KEPT), { state, fromMs: startMs }];
}

/** A stretch cut to a window of time. */
export interface VisibleStretch<State extends string> {
  readonly state: State;
  readonly fromMs: number;
  readonly toMs: number;
}

/** The stretches between two moments, each cut to what lies between. */
export function stretchesBetween<State extends string>(
  timeline: Timeline<State>,
  fromMs: number,
  toMs: number,
): readonly VisibleStretch<State>[] {
  return timeline
    .map((stretch, index) => ({
      state: stretch.state,
      fromMs: Math.max(fromMs, stretch.fromMs),
      toMs: Math.min(toMs, timeline[index + 1]?.fromMs ?? toMs),
    }))
    .filter((stretch) => stretch.toMs > stretch.fromMs);
}
