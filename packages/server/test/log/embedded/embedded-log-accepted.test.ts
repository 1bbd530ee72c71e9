// What is peculiar to a log that acknowledges events before they are stored. A continuation of an
// append runs before the event loop turns, so that the commit of it cannot have been heard of.

import {
  createEmbeddedLog,
  type EventLog,
  parseStreamName,
  type TailMessage,
} from "@throughline/server/log";
import { expect, it, onTestFinished } from "vitest";
import { temporaryDirectory } from "./temporary-directory.js";

const STREAM = parseStreamName("ward/42");
const AMPLE = { limit: 1000, maxBytes: 1_000_000 };

async function openLog(directory = temporaryDirectory()): Promise<EventLog> {
  const log = await createEmbeddedLog({ directory, acknowledge: "accepted" });
  onTestFinished(() => log.close());
  return log;
}

it("an append is answered while nobody can read of it, and a read that begins then waits", async () => {
  const log = await openLog();
  const order: string[] = [];
  const tail = log.tail(STREAM, { epoch: (await log.head(STREAM)).epoch, offset: 0 }, () => {
    order.push("heard");
  });
  await log.append(STREAM, [{ data: "a" }]);
  order.push("acknowledged");
  const page = await log.read(STREAM, { after: 0, ...AMPLE });
  order.push("read");
  expect(page).toMatchObject({ kind: "events", events: [{ offset: 1, data: "a" }] });
  expect(order).toEqual(["acknowledged", "heard", "read"]);
  tail.close();
});

it("a reader that begins at a position that is acknowledged and not stored is told no gap", async () => {
  const log = await openLog();
  const { epoch } = await log.append(STREAM, [{ data: "a" }]);
  const heard = new Promise<TailMessage>((resolve) => {
    log.tail(STREAM, { epoch, offset: 1 }, resolve);
  });
  const page = await log.read(STREAM, { after: 1, epoch, ...AMPLE });
  expect(page).toMatchObject({ kind: "events", events: [] });
  await log.append(STREAM, [{ data: "b" }]);
  expect(await heard).toMatchObject({ kind: "events", events: [{ offset: 2, data: "b" }] });
});

it("an append that follows another in the same group knows its ids and its producer", async () => {
  const log = await openLog();
  const producer = { id: "p", epoch: 0, sequence: 0 };
  const [first, again, next] = await Promise.all([
    log.append(STREAM, [{ data: "a", id: "one" }], { producer }),
    log.append(STREAM, [{ data: "a", id: "one" }], { producer }),
    log.append(STREAM, [{ data: "b" }], { producer: { ...producer, sequence: 1 } }),
  ]);
  const entries = [first, again, next].flatMap(({ events }) => events);
  expect(entries.map(({ offset, isDuplicate }) => [offset, isDuplicate])).toEqual([
    [1, false],
    [1, true],
    [2, false],
  ]);
});

it("what was acknowledged is stored when the log is closed, in the same epoch", async () => {
  const directory = temporaryDirectory();
  const log = await createEmbeddedLog({ directory, acknowledge: "accepted" });
  const { epoch } = await log.append(STREAM, [{ data: "a" }]);
  await log.close();
  const next = await openLog(directory);
  expect(await next.head(STREAM)).toMatchObject({ epoch, offset: 1 });
});
