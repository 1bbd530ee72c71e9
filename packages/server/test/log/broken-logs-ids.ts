// Logs that break one promise on event ids each.

import type { EventLog, NewEvent, StreamName } from "@throughline/server/log";
import { StreamError } from "throughline/core";
import { type BrokenLog, withAppended, withEvents } from "./broken-log.js";

/** One fault for each promise on ids that an implementation could plausibly break. */
export const LOGS_WITH_BROKEN_IDS: readonly BrokenLog[] = [
  {
    fault: "ids are stored and not looked at",
    caughtBy: "an event whose id is stored is not stored again, and its entry names the first one",
    damage: (log) => {
      let count = 0;
      return withEvents(log, (event) => {
        count += 1;
        return event.id === undefined ? event : { ...event, id: `${event.id} ${count}` };
      });
    },
  },
  {
    fault: "a duplicate is not told from what is new",
    caughtBy: "an event whose id is stored is not stored again, and its entry names the first one",
    damage: (log) => withAppended(log, (appended) => ({ ...appended, isDuplicate: false })),
  },
  {
    fault: "a batch of which something is known is taken to be known as a whole",
    caughtBy: "what is new in a batch is stored contiguously, whatever of it is known",
    damage: (log) => {
      const known = new Set<string | undefined>();
      return {
        append: (stream, events, options) => {
          const repeated = events.filter(({ id }) => id !== undefined && known.has(id));
          for (const { id } of events) known.add(id);
          return log.append(stream, repeated.length > 0 ? repeated : events, options);
        },
      };
    },
  },
  {
    fault: "ids are looked up before any event of the batch is stored",
    caughtBy: "an id that comes twice in one batch is stored once",
    damage: (log) =>
      withEvents(log, (event, index, batch) => {
        const isSecond = event.id !== undefined && batch.slice(0, index).some(sameId(event));
        return isSecond ? { ...event, id: `${event.id} ${index}` } : event;
      }),
  },
  {
    fault: "events without an id are taken to have the same one",
    caughtBy: "events without an id are never duplicates, however equal",
    damage: (log) => withEvents(log, (event) => ({ ...event, id: event.id ?? "undefined" })),
  },
  {
    fault: "ids are cut off at 511 bytes",
    caughtBy: "ids are compared to the last byte, and may have 512 of them",
    damage: (log) => withEvents(log, (event) => withId(event, (id) => id.slice(0, 511))),
  },
  {
    fault: "ids are normalised",
    caughtBy: "ids are compared to the last byte, and may have 512 of them",
    damage: (log) => withEvents(log, (event) => withId(event, (id) => id.normalize("NFC"))),
  },
  {
    fault: "an id is remembered longer than its event",
    caughtBy: "an id is known exactly as long as its event is stored",
    damage: (log) => {
      const offsets = new Map<string | undefined, number>();
      return {
        append: async (stream, events, options) => {
          const known = events.map(({ id }) => (id === undefined ? undefined : offsets.get(id)));
          const { epoch } = await log.head(stream);
          if (known.every((offset) => offset !== undefined)) {
            return { epoch, events: known.map((offset) => ({ offset, isDuplicate: true })) };
          }
          const result = await log.append(stream, events, options);
          for (const [index, { offset }] of result.events.entries()) {
            offsets.set(events[index]?.id, offset);
          }
          return result;
        },
      };
    },
  },
  {
    fault: "an id is forgotten when other events are trimmed",
    caughtBy: "an id is known exactly as long as its event is stored",
    damage: (log) => {
      let trims = 0;
      return {
        append: (stream, events, options) => {
          const renamed = events.map((event) => withId(event, (id) => `${id}${" ".repeat(trims)}`));
          return log.append(stream, renamed, options);
        },
        trim: (stream, throughOffset) => {
          trims += 1;
          return log.trim(stream, throughOffset);
        },
      };
    },
  },
  {
    fault: "an id that another stream has is known",
    caughtBy: "ids belong to one stream, and are forgotten when it is removed",
    damage: (log) => {
      const owners = new Map<string | undefined, StreamName>();
      return {
        append: async (stream, events, options) => {
          const [id] = events.map((event) => event.id);
          const owner = id === undefined ? stream : (owners.get(id) ?? stream);
          for (const event of events) owners.set(event.id, owner);
          return log.append(owner, events, options);
        },
      };
    },
  },
  {
    fault: "ids are looked up some time before their event is stored",
    caughtBy: "an event that is published many times at once is stored once",
    damage: (log) => {
      const renamed = new Map<string, string>();
      let count = 0;
      return {
        append: async (stream, events, options) => {
          const batch = events.map((event) => {
            count += 1;
            const fresh = `${event.id} ${count}`;
            return withId(event, (id) => renamed.get(id) ?? fresh);
          });
          await new Promise(setImmediate);
          for (const [index, { id }] of batch.entries()) {
            renamed.set(events[index]?.id ?? "", id ?? "");
          }
          return log.append(stream, batch, options);
        },
      };
    },
  },
  {
    fault: "a complete stream refuses also what it holds",
    caughtBy: "a complete stream still recognises what it holds, and refuses a batch with news",
    damage: refusingWhenSealed,
  },
  {
    fault: "what is known of a batch for a complete stream counts as all of it",
    caughtBy: "a complete stream still recognises what it holds, and refuses a batch with news",
    damage: (log) => ({
      append: (stream, events, options) =>
        log.append(stream, events, options).catch((error: unknown) => {
          const isSealed = error instanceof StreamError && error.code === "stream-sealed";
          if (isSealed && events.length > 1) return log.append(stream, events.slice(0, 1), options);
          throw error;
        }),
    }),
  },
  {
    fault: "the ids of a refused batch are noted",
    caughtBy: "a batch that was refused leaves none of its ids behind",
    damage: (log) => {
      const refused = new Set<string | undefined>();
      return {
        append: async (stream, events, options) => {
          try {
            const result = await log.append(stream, events, options);
            const told = result.events.map((appended, index) => {
              const isDuplicate = appended.isDuplicate || refused.has(events[index]?.id);
              return { ...appended, isDuplicate };
            });
            return { ...result, events: told };
          } catch (error) {
            for (const { id } of events) refused.add(id);
            throw error;
          }
        },
      };
    },
  },
  {
    fault: "the trace of an event is lost",
    caughtBy: "type, topic, id and trace are kept as given; where no type was, it is message",
    damage: (log) => withEvents(log, (event) => ({ ...event, traceparent: undefined })),
  },
];

/** The fault of looking at the seal before anything else. */
export function refusingWhenSealed(log: EventLog): Pick<EventLog, "append"> {
  return {
    append: async (stream, events, options) => {
      const { sealed } = await log.head(stream);
      if (!sealed) return log.append(stream, events, options);
      throw new StreamError("complete", { code: "stream-sealed", fault: "local" });
    },
  };
}

function withId(event: NewEvent, change: (id: string) => string): NewEvent {
  return event.id === undefined || event.id === "" ? event : { ...event, id: change(event.id) };
}

function sameId(event: NewEvent): (other: NewEvent) => boolean {
  return ({ id }) => id === event.id;
}
