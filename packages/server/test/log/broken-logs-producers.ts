// Logs that break one promise on producers each.

import type { AppendOptions, AppendResult, EventLog, ProducerStamp } from "@throughline/server/log";
import { StreamError, type StreamErrorCode } from "throughline/core";
import type { BrokenLog } from "./broken-log.js";
import { refusingWhenSealed } from "./broken-logs-ids.js";

/** One fault for each promise on producers that an implementation could plausibly break. */
export const LOGS_WITH_BROKEN_PRODUCERS: readonly BrokenLog[] = [
  {
    fault: "stamps are not looked at",
    caughtBy: "each of a producer's newest five batches can come again: nothing is stored for it",
    damage: (log) => ({ append: (stream, events) => log.append(stream, events) }),
  },
  {
    fault: "only the newest batch of a producer is known",
    caughtBy: "each of a producer's newest five batches can come again: nothing is stored for it",
    damage: (log) => {
      let newest = -1;
      return withStamp(log, (producer, append) => {
        if (producer.sequence < newest) throw refusal("producer-out-of-order");
        newest = producer.sequence;
        return append(producer);
      });
    },
  },
  {
    fault: "all batches of a producer are known",
    caughtBy: "a batch of a producer from before its newest five is refused",
    damage: withEndlessMemory,
  },
  {
    fault: "a sequence that is left out is not missed",
    caughtBy: "a batch that leaves out a sequence is refused, and the one left out can still come",
    damage: (log) => withoutRefusal(log, "producer-out-of-order"),
  },
  {
    fault: "a batch is recognised by its sequence alone",
    caughtBy: "a batch with the sequence of a known one and another number of events is refused",
    damage: withEndlessMemory,
  },
  {
    fault: "a producer that was replaced goes on",
    caughtBy: "a producer with a higher epoch fences the one before it, repetitions included",
    damage: (log) => withoutRefusal(log, "producer-fenced"),
  },
  {
    fault: "a producer that was replaced is still answered what it sent before",
    caughtBy: "a producer with a higher epoch fences the one before it, repetitions included",
    damage: withEndlessMemory,
  },
  {
    fault: "the first batch of a producer must be its number 0",
    caughtBy: "the first batch of a producer, and of a higher epoch, may have any sequence",
    damage: (log) => {
      const known = new Set<string>();
      return withStamp(log, (producer, append) => {
        const life = `${producer.id} ${producer.epoch}`;
        if (!known.has(life) && producer.sequence > 0) throw refusal("producer-out-of-order");
        known.add(life);
        return append(producer);
      });
    },
  },
  {
    fault: "a producer with a higher epoch inherits the batches of the one before it",
    caughtBy: "the first batch of a producer, and of a higher epoch, may have any sequence",
    damage: (log) => {
      const outcomes = new Map<string, AppendResult>();
      return withStamp(log, async (producer, append) => {
        const name = `${producer.id} ${producer.sequence}`;
        const known = outcomes.get(name);
        if (known !== undefined) return duplicatesOf(known);
        const result = await append(producer);
        outcomes.set(name, result);
        return result;
      });
    },
  },
  {
    fault: "producers whose ids differ in case only are taken for one",
    caughtBy: "producers with different ids, and in different streams, know nothing of each other",
    damage: (log) =>
      withStamp(log, (producer, append) => append({ ...producer, id: producer.id.toLowerCase() })),
  },
  {
    fault: "a producer is fenced in all streams",
    caughtBy: "producers with different ids, and in different streams, know nothing of each other",
    damage: (log) => {
      const epochs = new Map<string, number>();
      return withStamp(log, (producer, append) => {
        const known = epochs.get(producer.id) ?? 0;
        if (producer.epoch < known) throw refusal("producer-fenced");
        epochs.set(producer.id, producer.epoch);
        return append(producer);
      });
    },
  },
  {
    fault: "a stamp is looked at some time before its batch is stored",
    caughtBy:
      "batches of a producer that are sent at once stand in order, and repetitions are found",
    damage: (log) => ({
      append: async (stream, events, options) => {
        const jitter = (options?.producer?.sequence ?? 0) % 3;
        for (let turn = 0; turn < jitter; turn += 1) await new Promise(setImmediate);
        return log.append(stream, events, options);
      },
    }),
  },
  {
    fault: "what a producer sent is forgotten with its events",
    caughtBy: "a repetition is recognised after its events were trimmed, and in a complete stream",
    damage: (log) => {
      let trims = 0;
      return {
        ...withStamp(log, (producer, append) =>
          append({ ...producer, id: `${producer.id}.${trims}` }),
        ),
        trim: (stream, throughOffset) => {
          trims += 1;
          return log.trim(stream, throughOffset);
        },
      };
    },
  },
  {
    fault: "a complete stream refuses also repetitions",
    caughtBy: "a repetition is recognised after its events were trimmed, and in a complete stream",
    damage: refusingWhenSealed,
  },
  {
    fault: "a removal leaves the producers behind",
    caughtBy: "a removal forgets the producers of the stream",
    damage: (log) => {
      const epochs = new Map<string, number>();
      return withStamp(log, (producer, append) => {
        if (producer.epoch < (epochs.get(producer.id) ?? 0)) throw refusal("producer-fenced");
        epochs.set(producer.id, producer.epoch);
        return append(producer);
      });
    },
  },
  {
    fault: "the producers that came first are forgotten first, also where they go on",
    caughtBy: "the thousand producers that appended last are known, and no others",
    damage: (log) => {
      const arrivals: string[] = [];
      return withStamp(log, (producer, append) => {
        if (!arrivals.includes(producer.id)) arrivals.push(producer.id);
        const isForgotten = arrivals.length - arrivals.indexOf(producer.id) > 1000;
        return append(isForgotten ? { ...producer, id: `${producer.id}.again` } : producer);
      });
    },
  },
  {
    fault: "a producer is never forgotten",
    caughtBy: "the thousand producers that appended last are known, and no others",
    damage: (log) => {
      const newest = new Map<string, number>();
      return withStamp(log, (producer, append) => {
        const { id, sequence } = producer;
        if (sequence < (newest.get(id) ?? 0)) throw refusal("producer-out-of-order");
        newest.set(id, sequence);
        return append(producer);
      });
    },
  },
  {
    fault: "a repetition is answered as if all its events had been new and contiguous",
    caughtBy: "a batch of a producer is repeated with what was known of its ids the first time",
    damage: (log) => {
      const firsts = new Map<number, number>();
      return {
        append: async (stream, events, options) => {
          const result = await log.append(stream, events, options);
          const sequence = options?.producer?.sequence ?? -1;
          const first = firsts.get(sequence);
          firsts.set(sequence, result.events[0]?.offset ?? 0);
          if (first === undefined) return result;
          const told = events.map((_, index) => ({ offset: first + index, isDuplicate: true }));
          return { ...result, events: told };
        },
      };
    },
  },
  {
    fault: "a refused batch uses up its sequence",
    caughtBy: "a producer's batch that was refused leaves its sequence free",
    damage: (log) => {
      const used = new Set<number>();
      return withStamp(log, async (producer, append) => {
        if (used.has(producer.sequence)) throw refusal("producer-out-of-order");
        return append(producer).catch((error: unknown) => {
          used.add(producer.sequence);
          throw error;
        });
      });
    },
  },
  {
    fault: "a stamp that makes no sense is ignored",
    caughtBy: "a stamp that makes no sense is refused",
    damage: (log) => withoutRefusal(log, "invalid-option"),
  },
];

/** Decides about each batch that has a stamp; may throw. Batches without one pass. */
function withStamp(
  log: EventLog,
  decide: (
    producer: ProducerStamp,
    append: (producer: ProducerStamp) => Promise<AppendResult>,
  ) => Promise<AppendResult>,
): Pick<EventLog, "append"> {
  return {
    append: async (stream, events, options: AppendOptions = {}) => {
      if (options.producer === undefined) return log.append(stream, events);
      return decide(options.producer, (producer) => log.append(stream, events, { producer }));
    },
  };
}

/** The fault of remembering every batch for ever, by its epoch and sequence and nothing else. */
function withEndlessMemory(log: EventLog): Pick<EventLog, "append"> {
  const outcomes = new Map<string, AppendResult>();
  return withStamp(log, async (producer, append) => {
    const name = `${producer.id} ${producer.epoch} ${producer.sequence}`;
    const known = outcomes.get(name);
    if (known === undefined) {
      const result = await append(producer);
      outcomes.set(name, result);
      return result;
    }
    return duplicatesOf(known);
  });
}

function duplicatesOf(known: AppendResult): AppendResult {
  return { ...known, events: known.events.map(({ offset }) => ({ offset, isDuplicate: true })) };
}

/** The fault of storing what had to be refused with this code. */
function withoutRefusal(log: EventLog, code: StreamErrorCode): Pick<EventLog, "append"> {
  return {
    append: (stream, events, options) =>
      log.append(stream, events, options).catch((error: unknown) => {
        if (error instanceof StreamError && error.code === code) return log.append(stream, events);
        throw error;
      }),
  };
}

function refusal(code: StreamErrorCode): StreamError {
  return new StreamError("refused", { code, fault: "local" });
}
