// Counts what two readers of the same feed received, against the ledger of what was published.

/** The two readers. */
export type SideName = "native" | "throughline";

/** One published item, as the ledger lists it. */
export interface LedgerEntry {
  readonly seq: number;
  readonly id: string;
  /** Milliseconds since 1970 on the server's clock. */
  readonly atMs: number;
}

/** One item that a reader received; both times in milliseconds since 1970, on the server's clock. */
export interface Arrival {
  readonly id: string;
  readonly publishedAtMs: number;
  readonly atMs: number;
}

/** What one reader received so far. */
export interface Side {
  /** Each item's first arrival. */
  readonly first: ReadonlyMap<string, Arrival>;
  readonly repeated: number;
  readonly outOfOrder: number;
  /** Publication time of the newest item received. */
  readonly newestMs: number;
  /** When the last item came; `undefined` before the first. */
  readonly lastAtMs: number | undefined;
  /** The longest silence that has ended. */
  readonly longestSilenceMs: number;
}

/** The count. */
export interface Comparison {
  /**
   * Only what was published after this moment counts: both readers were listening by then.
   * `undefined` until the native reader was first connected.
   */
  readonly sinceMs: number | undefined;
  /** What was published since, oldest first; the newest `WINDOW` of it. */
  readonly ledger: readonly LedgerEntry[];
  readonly sides: Readonly<Record<SideName, Side>>;
}

/** What happens to a count. */
export type ComparisonInput =
  /** The native reader was greeted; only the first greeting begins the count. */
  | { readonly kind: "greeted"; readonly atMs: number }
  | { readonly kind: "published"; readonly entries: readonly LedgerEntry[] }
  | { readonly kind: "arrived"; readonly side: SideName; readonly arrivals: readonly Arrival[] }
  /** Count anew. */
  | { readonly kind: "restarted" };

/** Published items that are looked back on: about an hour of the sample feed. */
export const WINDOW = 5000;

/** What a server of the feed can be expected to do. Milliseconds. */
export interface Pace {
  /** An item that took longer than this came late: it waited for a connection to heal. */
  readonly lateAfterMs: number;
  /** How long an item may be on its way before it counts as missing. */
  readonly onTheWayMs: number;
}

const EMPTY_SIDE: Side = {
  first: new Map(),
  repeated: 0,
  outOfOrder: 0,
  newestMs: 0,
  lastAtMs: undefined,
  longestSilenceMs: 0,
};

export const EMPTY_COMPARISON: Comparison = {
  sinceMs: undefined,
  ledger: [],
  sides: { native: EMPTY_SIDE, throughline: EMPTY_SIDE },
};

/** One step of the count. */
export function stepComparison(state: Comparison, input: ComparisonInput): Comparison {
  switch (input.kind) {
    case "greeted":
      return state.sinceMs === undefined ? begin(state, input.atMs) : state;
    case "published":
      return publish(state, input.entries);
    case "arrived": {
      const side = input.arrivals.reduce(
        (before, arrival) => receive(before, arrival, state.sinceMs),
        state.sides[input.side],
      );
      return { ...state, sides: { ...state.sides, [input.side]: side } };
    }
    case "restarted":
      return EMPTY_COMPARISON;
  }
}

/** The figures of one reader. */
export interface SideFigures {
  readonly received: number;
  /** Published, not on its way any more, and not here. */
  readonly missing: number;
  readonly repeated: number;
  readonly outOfOrder: number;
  /** Milliseconds since the last item. */
  readonly silentMs: number;
  /** The longest silence, the present one included. */
  readonly longestSilenceMs: number;
}

/** A moment on the server's clock, at which something is judged by a pace. */
export interface Judgement {
  readonly nowMs: number;
  readonly pace: Pace;
}

/** Computes the figures of a reader. */
export function figuresOf(state: Comparison, name: SideName, at: Judgement): SideFigures {
  const { nowMs } = at;
  const side = state.sides[name];
  const silentMs = Math.max(0, nowMs - (side.lastAtMs ?? state.sinceMs ?? nowMs));
  return {
    // Counted by the ledger, which may be a second behind: never more than was published.
    received: state.ledger.filter(({ id }) => side.first.has(id)).length,
    missing: state.ledger.filter((entry) => isMissing(entry, side, at)).length,
    repeated: side.repeated,
    outOfOrder: side.outOfOrder,
    silentMs,
    longestSilenceMs: Math.max(side.longestSilenceMs, silentMs),
  };
}

/** How an item fared with one reader. */
export type Fate = "prompt" | "late" | "missing" | "on-the-way";

/** How a published item fared with a reader. */
export function fateOf(entry: LedgerEntry, side: Side, at: Judgement): Fate {
  const arrival = side.first.get(entry.id);
  if (arrival !== undefined) {
    return arrival.atMs - entry.atMs > at.pace.lateAfterMs ? "late" : "prompt";
  }
  return isMissing(entry, side, at) ? "missing" : "on-the-way";
}

function isMissing(entry: LedgerEntry, side: Side, { nowMs, pace }: Judgement): boolean {
  return !side.first.has(entry.id) && entry.atMs <= nowMs - pace.onTheWayMs;
}

/** Forgets what came before the beginning; a faster reader may have had it already. */
function begin(state: Comparison, sinceMs: number): Comparison {
  const startSide = (side: Side): Side =>
    [...side.first.values()].reduce(
      (before, arrival) => receive(before, arrival, sinceMs),
      EMPTY_SIDE,
    );
  return {
    sinceMs,
    ledger: state.ledger.filter((entry) => entry.atMs > sinceMs),
    sides: {
      native: startSide(state.sides.native),
      throughline: startSide(state.sides.throughline),
    },
  };
}

function publish(state: Comparison, entries: readonly LedgerEntry[]): Comparison {
  const { sinceMs } = state;
  const known = state.ledger.at(-1)?.seq ?? 0;
  const added = entries.filter(
    (entry) => entry.seq > known && (sinceMs === undefined || entry.atMs > sinceMs),
  );
  if (added.length === 0) return state;
  const ledger = [...state.ledger, ...added];
  const dropped = ledger.splice(0, Math.max(0, ledger.length - WINDOW));
  return {
    ...state,
    ledger,
    sides: {
      native: forget(state.sides.native, dropped),
      throughline: forget(state.sides.throughline, dropped),
    },
  };
}

function forget(side: Side, dropped: readonly LedgerEntry[]): Side {
  if (dropped.length === 0) return side;
  const first = new Map(side.first);
  for (const { id } of dropped) first.delete(id);
  return { ...side, first };
}

function receive(side: Side, arrival: Arrival, sinceMs: number | undefined): Side {
  if (sinceMs !== undefined && arrival.publishedAtMs <= sinceMs) return side;
  const silenceMs = side.lastAtMs === undefined ? 0 : arrival.atMs - side.lastAtMs;
  const heard = {
    ...side,
    lastAtMs: arrival.atMs,
    longestSilenceMs: Math.max(side.longestSilenceMs, silenceMs),
  };
  if (side.first.has(arrival.id)) return { ...heard, repeated: side.repeated + 1 };
  return {
    ...heard,
    first: new Map(side.first).set(arrival.id, arrival),
    newestMs: Math.max(side.newestMs, arrival.publishedAtMs),
    outOfOrder: side.outOfOrder + (arrival.publishedAtMs < side.newestMs ? 1 : 0),
  };
}
