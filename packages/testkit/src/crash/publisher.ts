// The process that is killed: publishes from several publishers at once into an embedded log, until
// somebody ends it, and tells over standard output what was acknowledged.
//
// Each publisher sends its events one batch after the other. What was sent before and never
// acknowledged is sent again, under the same ids or the same stamp.

import { createEmbeddedLog, type EventLog } from "@throughline/server/log";
import { type CrashJob, eventOf, MAX_EVENTS, streamOf } from "./job.js";

const { directory, acknowledge, next } = JSON.parse(process.argv[2] ?? "") as CrashJob;
const opened = await createEmbeddedLog({ directory, acknowledge, maxEvents: MAX_EVENTS });
process.stdout.write("ready\n");
await Promise.all(next.map((number, publisher) => publish(opened, publisher, number)));

async function publish(log: EventLog, publisher: number, first: number): Promise<never> {
  for (let number = first; ; ) {
    const isStamped = publisher % 2 === 1;
    // A stamp names a batch, so its size must be the same each time.
    const count = isStamped ? 1 : 1 + (number % 3);
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
