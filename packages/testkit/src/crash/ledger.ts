// What was acknowledged, held against what is stored.

import type { EventLog, StoredEvent, StreamHead, StreamName } from "@throughline/server/log";
import { allStreams, authorOf, PUBLISHERS, streamOf } from "./job.js";

interface Acknowledgement {
  readonly publisher: number;
  readonly number: number;
  readonly epoch: string;
  readonly offset: number;
}

interface KnownStream {
  epoch: string | undefined;
  /** Everything up to here has been examined. */
  examined: number;
  /** Which event stands at each offset that was examined: `<publisher>:<number>`. */
  readonly authors: Map<number, string>;
}

const ACKNOWLEDGEMENT = /^ack (\d+) (\d+) (\w+) (\d+)$/;
const PAGE = { limit: 1000, maxBytes: 10_000_000 };

/** Knows across all lives what was acknowledged, and examines what is stored. */
export class Ledger {
  /** What came since the last examination. */
  #news: Acknowledgement[] = [];
  /** For each publisher the number of its next event that was not acknowledged yet. */
  readonly #next = new Array<number>(PUBLISHERS).fill(0);
  /** For each publisher the number of the event that has to follow in the store. */
  readonly #expected = new Array<number>(PUBLISHERS).fill(0);
  readonly #streams = new Map<StreamName, KnownStream>();
  acknowledged = 0;

  get next(): readonly number[] {
    return this.#next;
  }

  /** Takes a line that the process said. */
  hear(line: string): void {
    const [, publisher, number, epoch = "", offset] = ACKNOWLEDGEMENT.exec(line) ?? [];
    if (publisher === undefined) return;
    const news = {
      publisher: Number(publisher),
      number: Number(number),
      epoch,
      offset: Number(offset),
    };
    this.#news.push(news);
    this.#next[news.publisher] = news.number + 1;
    this.acknowledged += 1;
  }

  /** Examines what is stored. Resolves to complaints: none, if every promise was kept. */
  async examine(log: EventLog): Promise<readonly string[]> {
    const complaints: string[] = [];
    const news = this.#news;
    this.#news = [];
    for (const name of allStreams()) {
      const known = this.#streams.get(name) ?? newStream();
      this.#streams.set(name, known);
      const head = await log.head(name);
      if (known.epoch !== undefined && known.epoch !== head.epoch) {
        complaints.push(`${name}: the epoch changed from ${known.epoch} to ${head.epoch}`);
      }
      known.epoch = head.epoch;
      const stored = await readFrom(log, name, known.examined);
      for (const event of stored) complaints.push(...this.#follow(name, known, event));
      if (known.examined !== head.offset) {
        complaints.push(`${name}: the head is ${head.offset}, the last event ${known.examined}`);
      }
      for (const ack of news) {
        if (streamOf(ack.publisher) === name) complaints.push(...hold(ack, head, known));
      }
    }
    return complaints;
  }

  /** Each event is the next one of its publisher, at the next offset. */
  #follow(name: StreamName, known: KnownStream, { offset, data }: StoredEvent): string[] {
    const author = authorOf(data);
    const where = `${name} ${offset}`;
    const isNext = offset === known.examined + 1;
    known.examined = offset;
    if (author !== undefined) known.authors.set(offset, `${author.publisher}:${author.number}`);
    if (!isNext) return [`${where}: does not follow the offset before`];
    if (author === undefined) return [`${where}: nobody has sent this event`];
    const expected = this.#expected[author.publisher];
    this.#expected[author.publisher] = author.number + 1;
    if (expected === author.number) return [];
    return [`${where}: event ${author.number} of publisher ${author.publisher}, not ${expected}`];
  }
}

/** What was acknowledged stands where the acknowledgement said. */
function hold(
  { publisher, number, epoch, offset }: Acknowledgement,
  head: StreamHead,
  known: KnownStream,
): string[] {
  const what = `event ${number} of publisher ${publisher}, acknowledged as ${epoch}.${offset}`;
  if (epoch !== head.epoch) return [`${what}: the epoch is ${head.epoch}`];
  if (offset > head.offset) return [`${what}: lost, the head is ${head.offset}`];
  const author = known.authors.get(offset);
  if (author === `${publisher}:${number}`) return [];
  return [`${what}: ${author === undefined ? "never seen" : `${author} stands there`}`];
}

function newStream(): KnownStream {
  return { epoch: undefined, examined: 0, authors: new Map() };
}

async function readFrom(log: EventLog, name: StreamName, after: number): Promise<StoredEvent[]> {
  const events: StoredEvent[] = [];
  for (let at = after; ; ) {
    const page = await log.read(name, { after: at, ...PAGE });
    if (page.kind === "gap") {
      at = page.resumeAfter.offset;
      continue;
    }
    const last = page.events.at(-1);
    if (last === undefined) return events;
    events.push(...page.events);
    at = last.offset;
  }
}
