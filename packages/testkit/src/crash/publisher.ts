// The process that is killed: publishes from several publishers at once into an embedded log, until
// somebody ends it, and tells over standard output what was acknowledged, and what readers saw.
//
// Each publisher sends its events one batch after the other. What was sent before and never
// acknowledged is sent again, under the same ids or the same stamp.

import { createEmbeddedLog, type EventLog } from "@throughline/server/log";
import {
  allStreams,
  authorOf,
  type CrashJob,
  eventOf,
  LARGEST_BATCH,
  MAX_EVENTS,
  streamOf,
} from "./job.js";

const { directory, acknowledge, next } = JSON.parse(process.argv[2] ?? "") as CrashJob;
const opened = await createEmbeddedLog({ directory, acknowledge, maxEvents: MAX_EVENTS });
for (const stream of allStreams()) {
  const { epoch, offset } = await opened.head(stream);
  opened.tail(stream, { epoch, offset }, (message) => {
    if (message.kind !== "events") return;
    const lines = message.events.map(({ offset, data }) => {
      const { publisher, number } = authorOf(data) ?? {};
      return `seen ${publisher} ${number} ${message.epoch} ${offset}\n`;
    });
    process.stdout.write(lines.join(""));
  });
}
process.stdout.write("ready\n");
await Promise.all(next.map((number, publisher) => publish(opened, publisher, number)));

async function publish(log: EventLog, publisher: number, first: number): Promise<never> {
  for (let number = first; ; ) {
    const isStamped = publisher % 2 === 1;
    // A stamp names a batch, so its size must be the same each time.
    const count = isStamped ? 1 : 1 + (number % LARGEST_BATCH);
    const batch = Array.from({ length: count }, (_, index) => eventOf(publisher, number + index));
    const producer = isStamped
      ? { id: `producer-${publisher}`, epoch: 0, sequence: number }
      : undefined;
    const { epoch, events } = await log.append(streamOf(publisher), batch, { producer });
    const lines = events.map(
      ({ offset }, index) => `ack ${publisher} ${number + index} ${epoch} ${offset}\n`,
    );
    process.stdout.write(lines.join(""));
    number += count;
  }
}
