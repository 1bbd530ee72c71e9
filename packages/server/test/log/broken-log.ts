// How a fault is put into a log.

import type {
  Appended,
  EventLog,
  MemoryLogOptions,
  NewEvent,
  ReadResult,
  TailListener,
  TailMessage,
} from "@throughline/server/log";
import { createMemoryLog } from "@throughline/server/log";

/** A log with one fault, and the sentence of the suite that it makes untrue. */
export interface BrokenLog {
  readonly fault: string;
  readonly caughtBy: string;
  /** Puts the fault in front of a log that has none. */
  readonly damage: (log: EventLog) => Partial<EventLog>;
  /** Options under which the log itself has the fault. */
  readonly options?: MemoryLogOptions;
}

/** The faulty log. */
export function createBrokenLog(broken: BrokenLog, options: MemoryLogOptions): EventLog {
  const log = createMemoryLog({ ...options, ...broken.options });
  const intact: EventLog = {
    append: (...call) => log.append(...call),
    read: (...call) => log.read(...call),
    head: (...call) => log.head(...call),
    tail: (...call) => log.tail(...call),
    trim: (...call) => log.trim(...call),
    seal: (...call) => log.seal(...call),
    remove: (...call) => log.remove(...call),
    close: () => log.close(),
  };
  return { ...intact, ...broken.damage(log) };
}

/** Changes what every read answers. */
export function withRead(
  log: EventLog,
  change: (result: ReadResult) => ReadResult,
): Pick<EventLog, "read"> {
  return { read: async (stream, options) => change(await log.read(stream, options)) };
}

/** Stands between a log and the listeners of its tails. */
export function withListener(
  log: EventLog,
  relay: (message: TailMessage, listener: TailListener) => void,
): Pick<EventLog, "tail"> {
  return {
    tail: (stream, after, listener) =>
      log.tail(stream, after, (message) => relay(message, listener)),
  };
}

/** Changes every event before it is appended. */
export function withEvents(
  log: EventLog,
  change: (event: NewEvent, index: number, batch: readonly NewEvent[]) => NewEvent,
): Pick<EventLog, "append"> {
  return {
    append: (stream, events, options) => log.append(stream, events.map(change), options),
  };
}

/** Changes what an append tells of each event. */
export function withAppended(
  log: EventLog,
  change: (appended: Appended) => Appended,
): Pick<EventLog, "append"> {
  return {
    append: async (stream, events, options) => {
      const result = await log.append(stream, events, options);
      return { ...result, events: result.events.map(change) };
    },
  };
}
