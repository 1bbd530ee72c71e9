// A log whose tails go deaf on command: it goes on taking and answering, as an engine does after a
// failover that left its subscriptions behind.

import type { EventLog, TailMessage } from "@throughline/server/log";
import { createMemoryLog } from "@throughline/server/log";
import { epochs } from "./hub/stage.js";

export interface DeafLog {
  readonly log: EventLog;
  /** How many tails have been opened since the beginning. */
  tails(): number;
  /** How many of them are open. */
  openTails(): number;
  /** From now on no tail that is open hears anything; new ones do, unless `isLasting`. */
  deafen(options?: { readonly isLasting: boolean }): void;
  /** New tails hear again. */
  heal(): void;
  /** What deaf tails have held back they say now, also those that have been closed. */
  speakLate(): void;
}

export function createDeafLog(): DeafLog {
  const log = createMemoryLog({ createEpoch: epochs() });
  const open = log.tail.bind(log);
  const deaf = new Set<number>();
  const late: (() => void)[] = [];
  let opened = 0;
  let closed = 0;
  let isLasting = false;
  log.tail = (stream, after, listener) => {
    opened += 1;
    const number = opened;
    if (isLasting) deaf.add(number);
    const tail = open(stream, after, (message: TailMessage) => {
      if (deaf.has(number)) late.push(() => listener(message));
      else listener(message);
    });
    return {
      close: () => {
        closed += 1;
        tail.close();
      },
    };
  };
  return {
    log,
    tails: () => opened,
    openTails: () => opened - closed,
    deafen: (options) => {
      for (let number = 1; number <= opened; number += 1) deaf.add(number);
      isLasting = options?.isLasting ?? false;
    },
    heal: () => {
      isLasting = false;
    },
    speakLate: () => {
      for (const speak of late.splice(0)) speak();
    },
  };
}
