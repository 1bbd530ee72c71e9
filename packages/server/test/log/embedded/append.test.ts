// Producers that are forgotten within one draft, which the log itself does not make large enough for that.

import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { appendTo } from "../../../src/log/embedded/append.js";
import { Draft } from "../../../src/log/embedded/draft.js";
import { EmbeddedStream } from "../../../src/log/embedded/embedded-stream.js";
import { encodeEvent } from "../../../src/log/embedded/event-codec.js";
import { producerKey, useKey } from "../../../src/log/embedded/keys.js";
import { DATA_FILE, Store, storeOptions } from "../../../src/log/embedded/store.js";
import { newState } from "../../../src/log/embedded/stream-state.js";
import { REMEMBERED_PRODUCERS } from "../../../src/log/producer.js";
import { parseStreamName } from "../../../src/log/stream-name.js";
import { temporaryDirectory } from "./temporary-directory.js";

const AMPLE = { maxEvents: 10_000, maxBytes: 2 ** 20, maxAgeMs: 1e9 };

it("the producer that is forgotten is one of the same stream, the one that appended least recently", () => {
  const directory = temporaryDirectory();
  const path = join(directory, DATA_FILE);
  const store = Store.open(storeOptions({ path, maxTotalBytes: 2 ** 20 }), directory);
  onTestFinished(() => store.close());
  const draft = new Draft(store);
  const [elsewhere, here] = [1, 2].map(
    (life) => new EmbeddedStream(parseStreamName(`s${life}`), store, newState(life, `e${life}`)),
  ) as [EmbeddedStream, EmbeddedStream];
  const append = (stream: EmbeddedStream, id: string, sequence = 0) => {
    const events = [encodeEvent({ data: "" })];
    appendTo(draft, stream, { events, producer: { id, epoch: 0, sequence }, nowMs: 1 }, AMPLE);
  };
  append(elsewhere, "earlier");
  append(here, "first");
  for (let index = 1; index < REMEMBERED_PRODUCERS; index += 1) append(here, `p${index}`);
  append(here, "first", 1);
  append(here, "newcomer");

  const isKnown = (life: number, id: string) =>
    draft.get("producers", producerKey(life, id)) !== undefined;
  expect(["first", "p1", "p2", "newcomer"].map((id) => isKnown(2, id))).toEqual([
    true,
    false,
    true,
    true,
  ]);
  expect(draft.state(here)?.producers).toBe(REMEMBERED_PRODUCERS);
  expect([isKnown(1, "earlier"), draft.get("uses", useKey(1, 1))?.toString()]).toEqual([
    true,
    "earlier",
  ]);
});
