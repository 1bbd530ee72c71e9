// What is known of a stream besides its events. One record of the store, replaced as a whole.

import type { StreamHead } from "../event-log.js";

/** The state of a stream. Never changed, only replaced. */
export interface StreamState {
  /** The number under which the keys of its events stand. */
  readonly life: number;
  readonly epoch: string;
  /** The offset assigned last. */
  readonly offset: number;
  /** The smallest offset that still counts as stored. */
  readonly earliest: number;
  /** Up to this offset nothing is physically there any more; at most `earliest - 1`. */
  readonly purged: number;
  readonly lastTimeMs: number;
  /** Sizes of all events of this life, and of those before `earliest`. */
  readonly totalBytes: number;
  readonly trimmedBytes: number;
  readonly sealed: boolean;
  readonly sealReason?: string | undefined;
  /** How many producers are known, and how often one of them has appended. */
  readonly producers: number;
  readonly uses: number;
}

/** The state of a stream that begins. */
export function newState(life: number, epoch: string): StreamState {
  return {
    life,
    epoch,
    offset: 0,
    earliest: 1,
    purged: 0,
    lastTimeMs: 0,
    totalBytes: 0,
    trimmedBytes: 0,
    sealed: false,
    producers: 0,
    uses: 0,
  };
}

/** How far the stream is. */
export function headOf(state: StreamState): StreamHead {
  const { epoch, earliest, offset, sealed, sealReason } = state;
  return { epoch, earliest, offset, sealed, sealReason };
}

/** What the events that count as stored hold. */
export function heldBytes(state: StreamState): number {
  return state.totalBytes - state.trimmedBytes;
}

/** Whether nothing would be lost but the epoch if the stream were forgotten. */
export function isUnwritten(state: StreamState): boolean {
  return state.offset === 0 && !state.sealed;
}

/** The state of the two that has trimmed more, with everything else from the first. */
export function withLaterStart(state: StreamState, other: StreamState): StreamState {
  if (state.life !== other.life || state.earliest >= other.earliest) return state;
  return { ...state, earliest: other.earliest, trimmedBytes: other.trimmedBytes };
}

export function encodeState(state: StreamState): Buffer {
  return Buffer.from(JSON.stringify(state));
}

export function decodeState(value: Buffer): StreamState {
  return JSON.parse(value.toString()) as StreamState;
}
