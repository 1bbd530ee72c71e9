// What a case of the suite works with, and how the implementation under test is plugged in.

import { randomUUID } from "node:crypto";
import { type EventLog, parseStreamName, type StreamName } from "@throughline/server/log";
import type { Position } from "throughline/core";
import type { LogCase } from "./case.js";
import { TailRecorder } from "./tail-recorder.js";

/** What the suite hands to the implementation. */
export interface LogSetup {
  /** The clock to use, milliseconds since 1970; it may go back. Of no use to a log with its own. */
  readonly now: () => number;
  /** Where the log has to report what listeners of tails throw. */
  readonly onListenerError: (error: unknown) => void;
}

/** A log, and how to get rid of it. */
export interface LogUnderTest {
  readonly log: EventLog;
  /** Called once, at the end of the case, when the log may be closed already. */
  dispose(): Promise<void>;
}

/** How to run the suite. */
export interface LogConformanceOptions {
  /** Makes a log that keeps at least 20,000 events and 16 MiB per stream, for an hour at least. */
  createLog(setup: LogSetup): Promise<LogUnderTest>;
  /**
   * Whether the log takes its time from `setup.now`. Default `false`; the cases on time need it.
   */
  readonly usesGivenClock?: boolean | undefined;
  /**
   * How long to wait for something that a tail has to deliver, in milliseconds. Default 5,000: a
   * log in another process may be slow on a loaded machine, and only a failing case waits so long.
   */
  readonly waitMs?: number | undefined;
}

/** A log for one case, with names, a clock and recorders for its tails. */
export interface LogFixture {
  readonly log: EventLog;
  /** The stream that the case is about. Nobody has used it before. */
  readonly stream: StreamName;
  /** Another name that nobody has used: that of the stream, and then `suffix`. */
  nameWith(suffix: string): StreamName;
  /** Sets the clock of the log, where it takes the given one. */
  setNow(epochMs: number): void;
  /** Tails a stream, by default the one of the case, and writes down what comes. */
  record(after: Position, options?: RecordOptions): TailRecorder;
  /** What the log reported as thrown by listeners. */
  readonly listenerErrors: readonly unknown[];
}

/** What to tail, and what to do at each message beside recording it. */
export interface RecordOptions {
  readonly stream?: StreamName | undefined;
  readonly onMessage?: ((recorder: TailRecorder) => void) | undefined;
}

const DEFAULT_WAIT_MS = 5000;

/** Runs one case on a log of its own. */
export async function runCase(each: LogCase, options: LogConformanceOptions): Promise<void> {
  let nowMs = Date.UTC(2026, 0, 1);
  const listenerErrors: unknown[] = [];
  const recorders: TailRecorder[] = [];
  const { log, dispose } = await options.createLog({
    now: () => nowMs,
    onListenerError: (error) => listenerErrors.push(error),
  });
  const stream = parseStreamName(`conformance/${randomUUID()}`);
  try {
    await each.run({
      log,
      stream,
      listenerErrors,
      nameWith: (suffix) => parseStreamName(stream + suffix),
      setNow: (epochMs) => {
        nowMs = epochMs;
      },
      record: (after, record = {}) => {
        const waitMs = options.waitMs ?? DEFAULT_WAIT_MS;
        const recorder = new TailRecorder({ waitMs, onMessage: record.onMessage });
        recorders.push(recorder);
        recorder.start(log, record.stream ?? stream, after);
        return recorder;
      },
    });
  } finally {
    for (const recorder of recorders) recorder.close();
    await dispose();
  }
}
