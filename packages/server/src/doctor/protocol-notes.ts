// What a Throughline server says of itself in the stream.

import { type GapReason, RESERVED } from "throughline/core";
import { type Greeting, parseHello, parseObject } from "./hello.js";
import type { StreamSeen } from "./observation.js";

/** Most gaps that are remembered. */
const MOST_GAPS = 20;

/** Notes events of the protocol. */
export interface ProtocolNotes {
  event(type: string, data: string): void;
  readonly greeting: Greeting | undefined;
  readonly gaps: readonly GapReason[];
  readonly farewell: StreamSeen["farewell"];
}

/** Begins to take notes. */
export function createProtocolNotes(): ProtocolNotes {
  const gaps: GapReason[] = [];
  let greeting: Greeting | undefined;
  let farewell: StreamSeen["farewell"];
  return {
    event: (type, data) => {
      if (type === RESERVED.hello) greeting ??= parseHello(data);
      else if (type === RESERVED.drain) farewell = "drain";
      else if (type === RESERVED.end) farewell = "end";
      else if (type === RESERVED.gap) {
        const reason = parseObject(data)?.["reason"];
        if (isReason(reason) && gaps.length < MOST_GAPS) gaps.push(reason);
      }
    },
    get greeting() {
      return greeting;
    },
    get gaps() {
      return gaps;
    },
    get farewell() {
      return farewell;
    },
  };
}

const REASONS: readonly unknown[] = [
  "trimmed",
  "reset",
  "unknown-cursor",
  "upstream",
] satisfies GapReason[];

function isReason(value: unknown): value is GapReason {
  return REASONS.includes(value);
}
