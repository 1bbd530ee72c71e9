// Logs that break one promise each, to show that the conformance suite notices.

import type { EventLog, ReadResult, StoredEvent } from "@throughline/server/log";
import { type BrokenLog, withListener, withRead } from "./broken-log.js";

const AMPLE = { limit: 100_000, maxBytes: 1e9 };

/** One fault for each promise that an implementation could plausibly break. */
export const BROKEN_LOGS: readonly BrokenLog[] = [
  {
    fault: "a tail repeats the last event of a batch",
    caughtBy: "a tail hears what was stored before it and what comes after it, and nothing twice",
    damage: (log) =>
      withListener(log, (message, listener) => {
        listener(message);
        if (message.kind === "events") listener({ ...message, events: message.events.slice(-1) });
      }),
  },
  {
    fault: "a tail misses what is appended between its replay and its live part",
    caughtBy: "tails from every offset miss and repeat nothing while appends go on",
    damage: (log) => ({
      tail: (stream, after, listener) => {
        let live: { close(): void } | undefined;
        let isOpen = true;
        const replay = async () => {
          const result = await log.read(stream, { after: after.offset, ...AMPLE });
          if (!isOpen || result.kind !== "events") return;
          if (result.events.length > 0) listener(result);
          await new Promise(setImmediate);
          const { epoch, offset } = await log.head(stream);
          if (isOpen) live = log.tail(stream, { epoch, offset }, listener);
        };
        void replay();
        return {
          close: () => {
            isOpen = false;
            live?.close();
          },
        };
      },
    }),
  },
  {
    fault: "offsets and epoch are used again after a removal",
    caughtBy:
      "a removed stream begins anew in another epoch; old positions are answered with a reset",
    options: { createEpoch: () => "always" },
    damage: () => ({}),
  },
  {
    fault: "a gap ends one event too late",
    caughtBy: "a reader behind a trim is told exactly the missing range and where to go on",
    damage: (log) => withRead(log, (result) => shiftGap(result, { to: 1 })),
  },
  {
    fault: "a gap begins one event too early",
    caughtBy: "a reader behind a trim is told exactly the missing range and where to go on",
    damage: (log) => withRead(log, (result) => shiftGap(result, { from: -1 })),
  },
  {
    fault: "a read goes silently on after what was trimmed",
    caughtBy: "a reader that is overtaken by trims hears of each gap before any later event",
    damage: (log) => ({
      read: async (stream, options) => {
        const result = await log.read(stream, options);
        if (result.kind === "events" || result.reason !== "trimmed") return result;
        return log.read(stream, { ...options, after: result.resumeAfter.offset });
      },
    }),
  },
  {
    fault: "a tail goes silently on after what was trimmed",
    caughtBy:
      "tails beside appends and trims hear each event or a gap that names it, never neither",
    damage: (log) =>
      withListener(log, (message, listener) => {
        if (message.kind !== "gap" || message.reason !== "trimmed") listener(message);
      }),
  },
  {
    fault: "concurrent batches are mixed",
    caughtBy: "concurrent batches stand in the order of the calls, whole and without a hole",
    damage: (log) => ({
      append: async (stream, events) => {
        const results = [];
        for (const event of events) results.push(await log.append(stream, [event]));
        const [first] = results;
        if (first === undefined) return log.append(stream, events);
        return { epoch: first.epoch, events: results.flatMap((result) => result.events) };
      },
    }),
  },
  {
    fault: "the head is derived from what is stored, and forgotten with it",
    caughtBy: "the position outlives the data: after trimming everything, head and epoch stay",
    damage: (log) => ({
      head: async (stream) => {
        const head = await log.head(stream);
        return head.earliest > head.offset ? { ...head, earliest: 1, offset: 0 } : head;
      },
    }),
  },
  {
    fault: "trimming everything removes the stream",
    caughtBy:
      "a reader that missed nothing is caught up, even if everything has been trimmed since",
    damage: (log) => ({
      trim: async (stream, throughOffset) => {
        const head = await log.head(stream);
        if (throughOffset < head.offset) return log.trim(stream, throughOffset);
        await log.remove(stream);
        return log.head(stream);
      },
    }),
  },
  {
    fault: "a reader at the head of a trimmed stream is told of a gap",
    caughtBy:
      "a reader that missed nothing is caught up, even if everything has been trimmed since",
    damage: (log) =>
      withRead(log, (result) => {
        const { head } = result;
        if (result.kind === "gap" || head.offset === 0 || head.earliest <= head.offset)
          return result;
        const resumeAfter = { epoch: head.epoch, offset: head.offset };
        return { kind: "gap", reason: "reset", from: null, to: null, resumeAfter, head };
      }),
  },
  {
    fault: "a page ignores `through`",
    caughtBy: "a page ends at `through`, inclusive, or at the head where that comes first",
    damage: (log) => ({
      read: (stream, options) => log.read(stream, { ...options, through: undefined }),
    }),
  },
  {
    fault: "a page ignores `maxBytes`",
    caughtBy: "a page holds at most `maxBytes`, counted as the strings of its events in UTF-8",
    damage: (log) => ({
      read: (stream, options) => log.read(stream, { ...options, maxBytes: 1e9 }),
    }),
  },
  {
    fault: "a page holds one event more than `limit`",
    caughtBy: "a page holds at most `limit` events, and pages put together are the whole stream",
    damage: (log) => ({
      read: (stream, options) => log.read(stream, { ...options, limit: options.limit + 1 }),
    }),
  },
  {
    fault: "an event larger than `maxBytes` is never given out",
    caughtBy: "an event larger than `maxBytes` comes alone, so that every reader gets on",
    damage: (log) => ({
      read: async (stream, options) => {
        const result = await log.read(stream, options);
        if (result.kind === "gap" || result.events.length !== 1) return result;
        const [event] = result.events;
        const isLarge = event !== undefined && event.data.length > options.maxBytes;
        return isLarge ? { ...result, events: [] } : result;
      },
    }),
  },
  {
    fault: "the epoch of an empty stream is another one each time",
    caughtBy: "the epoch of an unwritten stream stays once it was told, also with the first write",
    damage: (log) => {
      let asked = 0;
      return {
        head: async (stream) => {
          const head = await log.head(stream);
          asked += 1;
          return head.offset === 0 ? { ...head, epoch: `fresh${asked}` } : head;
        },
      };
    },
  },
  {
    fault: "a cursor beyond the head counts as caught up",
    caughtBy:
      "an offset beyond the head is answered with a reset to the head: the log was rolled back",
    damage: (log) => ({
      read: async (stream, options) => {
        const { offset } = await log.head(stream);
        return log.read(stream, { ...options, after: Math.min(options.after, offset) });
      },
    }),
  },
  {
    fault: "the epoch of a cursor is not looked at",
    caughtBy: "a position of another epoch is answered with a reset to the earliest event stored",
    damage: (log) => ({
      read: (stream, options) => log.read(stream, { ...options, epoch: undefined }),
    }),
  },
  {
    fault: "a bad event in a batch is left out and the others are stored",
    caughtBy:
      "a batch with one event that cannot be stored stores nothing, and no tail hears of it",
    damage: (log) => ({
      append: async (stream, events) => {
        const good = events.filter((event) => event.data === "good");
        if (good.length === events.length || good.length === 0) return log.append(stream, events);
        await log.append(stream, good);
        return log.append(stream, events);
      },
    }),
  },
  {
    fault: "a batch is read only after the call has returned",
    caughtBy: "changing a batch after the call changes nothing that is stored",
    damage: (log) => ({
      append: async (stream, events) => {
        await Promise.resolve();
        return log.append(stream, events);
      },
    }),
  },
  {
    fault: "data loses its line breaks at the end",
    caughtBy: "data is kept to the last character: empty, Unicode, line breaks, control characters",
    damage: (log) => ({
      append: (stream, events) =>
        log.append(
          stream,
          events.map((event) => ({ ...event, data: String(event.data).replace(/[\r\n]+$/, "") })),
        ),
    }),
  },
  {
    fault: "the place to begin is found by reading from the first event",
    caughtBy: "reading the newest of 10,001 events takes no longer than reading the newest of two",
    damage: (log) => ({
      read: async (stream, options) => {
        for (let after = 0; after < options.after; after += 1) {
          await log.read(stream, { after, limit: 1, maxBytes: 1 });
        }
        return log.read(stream, options);
      },
    }),
  },
  {
    fault: "tail() calls the listener before it returns",
    caughtBy: "the listener is not called before tail() has returned, however much is stored",
    damage: (log) => ({
      tail: (stream, after, listener) => {
        listener({ kind: "events", epoch: after.epoch, events: [FORGED] });
        return log.tail(stream, after, listener);
      },
    }),
  },
  {
    fault: "a closed tail goes on",
    caughtBy: "a closed tail hears nothing more, the others go on; closing twice is allowed",
    damage: (log) => ({
      tail: (stream, after, listener) => {
        log.tail(stream, after, listener);
        return { close: () => undefined };
      },
    }),
  },
  {
    fault: "a tail ends at the first error of its listener",
    caughtBy: "a listener that throws disturbs no append, no other tail and not what it hears next",
    damage: (log) => ({
      tail: (stream, after, listener) => {
        const tail = log.tail(stream, after, (message) => {
          try {
            listener(message);
          } catch (error) {
            tail.close();
            throw error;
          }
        });
        return tail;
      },
    }),
  },
  {
    fault: "a tail does not hear that its stream was removed",
    caughtBy: "a tail across a removal hears a reset before the first event of the new epoch",
    damage: (log) =>
      withListener(log, (message, listener) => {
        if (message.kind !== "gap" || message.reason !== "reset") listener(message);
      }),
  },
  {
    fault: "a tail hears that the stream is complete before its last event",
    caughtBy: "a tail hears the last event before the seal, then once that the stream is complete",
    damage: (log) =>
      withListener(log, (message, listener) => {
        if (message.kind !== "events") return listener(message);
        setImmediate(() => listener(message));
      }),
  },
  {
    fault: "a sealed stream takes appends",
    caughtBy: "a sealed stream refuses appends, says so with its reason, and stays readable",
    damage: (log) => {
      const reasons = new Map<string, string | undefined>();
      const head: EventLog["head"] = async (stream) => ({
        ...(await log.head(stream)),
        sealed: reasons.has(stream),
        sealReason: reasons.get(stream),
      });
      return {
        head,
        seal: (stream, reason) => {
          reasons.set(stream, reason);
          return head(stream);
        },
      };
    },
  },
  {
    fault: "sealing again changes the reason",
    caughtBy: "sealing again changes nothing, not even the reason",
    damage: (log) => ({
      seal: async (stream, reason) => {
        const head = await log.seal(stream, reason);
        return { ...head, sealReason: reason };
      },
    }),
  },
  {
    fault: "streams whose names differ in case are one",
    caughtBy: "streams are independent, also where their names differ by a character",
    damage: (log) => ({
      append: (stream, events) => log.append(stream.toLowerCase() as typeof stream, events),
    }),
  },
  {
    fault: "a closed log still tells the head",
    caughtBy: "a closed log refuses every call, and closing it again does nothing",
    damage: (log) => ({
      head: (stream) =>
        log.head(stream).catch(() => ({ epoch: "e", earliest: 1, offset: 0, sealed: false })),
    }),
  },
  {
    fault: "a tail goes on with its replay when the log is closed",
    caughtBy: "closing the log ends its tails: their listeners hear nothing more",
    damage: (log) => ({
      tail: (stream, after, listener) => {
        let isOpen = true;
        const replay = async () => {
          const result = await log.read(stream, { after: after.offset, ...AMPLE });
          if (result.kind !== "events") return;
          for (const event of result.events) {
            await new Promise(setImmediate);
            if (isOpen) listener({ ...result, events: [event] });
          }
        };
        void replay();
        return {
          close: () => {
            isOpen = false;
          },
        };
      },
    }),
  },
  {
    fault: "the times follow a clock that goes back",
    caughtBy: "the times of events never go back, even where the clock does",
    damage: (log) =>
      withRead(log, (result) => {
        if (result.kind === "gap") return result;
        return { ...result, events: result.events.map(oddTimesEarlier) };
      }),
  },
];

const FORGED: StoredEvent = { offset: 1, timeMs: 0, type: "message", data: "1" };

function oddTimesEarlier(event: StoredEvent): StoredEvent {
  return event.offset % 2 === 1 ? event : { ...event, timeMs: event.timeMs - 60_000 };
}

function shiftGap(
  result: ReadResult,
  shift: { readonly from?: number; readonly to?: number },
): ReadResult {
  if (result.kind === "events" || result.reason === "reset") return result;
  return {
    ...result,
    from: result.from + (shift.from ?? 0),
    to: result.to + (shift.to ?? 0),
  };
}
