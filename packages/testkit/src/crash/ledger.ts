// What was acknowledged, and what readers saw, held against what is stored.
//
// A log that acknowledges before it stores may lose the newest batch of each publisher and nothing
// else, nothing that a reader saw, and only with another epoch.

import type { EventLog, StoredEvent, StreamHead, StreamName } from "@throughline/server/log";
import { allStreams, authorOf, type CrashJob, LARGEST_BATCH, PUBLISHERS, streamOf } from "./job.js";

/** Something that was said of an event: to its publisher, or to a reader. */
interface Statement {
  readonly isSeen: boolean;
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

const STATEMENT = /^(ack|seen) (\d+) (\d+) (\w+) (\d+)$/;
const PAGE = { limit: 1000, maxBytes: 10_000_000 };

/** Knows across all lives what was acknowledged, and examines what is stored. */
export class Ledger {
  readonly #isAhead: boolean;
  /** What came since the last examination. */
  #news: Statement[] = [];
  /** For each publisher the number of its next event that was not acknowledged yet. */
  readonly #next = new Array<number>(PUBLISHERS).fill(0);
  /** For each publisher the number of the event that has to follow in the store. */
  readonly #expected = new Array<number>(PUBLISHERS).fill(0);
  readonly #streams = new Map<StreamName, KnownStream>();
  acknowledged = 0;
  /** Those of the acknowledged that were not there, and need not be. */
  lost = 0;

  constructor(acknowledge: CrashJob["acknowledge"]) {
    this.#isAhead = acknowledge === "accepted";
  }

  get next(): readonly number[] {
    return this.#next;
  }

  /** Takes a line that the process said. */
  hear(line: string): void {
    const [, said, publisher, number, epoch = "", offset] = STATEMENT.exec(line) ?? [];
    if (publisher === undefined) return;
    const news = {
      isSeen: said === "seen",
      publisher: Number(publisher),
      number: Number(number),
      epoch,
      offset: Number(offset),
    };
    this.#news.push(news);
    if (news.isSeen) return;
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
      if (!this.#isAhead && known.epoch !== undefined && known.epoch !== head.epoch) {
        complaints.push(`${name}: the epoch changed from ${known.epoch} to ${head.epoch}`);
      }
      known.epoch = head.epoch;
      const stored = await readFrom(log, name, known.examined);
      for (const event of stored) complaints.push(...this.#follow(name, known, event));
      if (known.examined !== head.offset) {
        complaints.push(`${name}: the head is ${head.offset}, the last event ${known.examined}`);
      }
      for (const statement of news) {
        if (streamOf(statement.publisher) !== name) continue;
        if (this.#mayBeLost(statement, head)) this.lost += 1;
        else complaints.push(...this.#hold(statement, head, known));
      }
    }
    // What is lost is sent again.
    for (const [publisher, expected] of this.#expected.entries()) {
      this.#next[publisher] = Math.min(this.#next[publisher] ?? 0, expected);
    }
    return complaints;
  }

  /** It is of the newest batch, its place is still free, and its epoch is over. */
  #mayBeLost({ isSeen, publisher, number, epoch, offset }: Statement, head: StreamHead): boolean {
    if (!this.#isAhead || isSeen || epoch === head.epoch || offset <= head.offset) return false;
    const expected = this.#expected[publisher] ?? 0;
    return number >= expected && (this.#next[publisher] ?? 0) - expected <= LARGEST_BATCH;
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

  /** What was said stands where it was said to. */
  #hold(statement: Statement, head: StreamHead, known: KnownStream): string[] {
    const { isSeen, publisher, number, epoch, offset } = statement;
    const said = `${isSeen ? "seen" : "acknowledged"} as ${epoch}.${offset}`;
    const what = `event ${number} of publisher ${publisher}, ${said}`;
    if (!this.#isAhead && epoch !== head.epoch) return [`${what}: the epoch is ${head.epoch}`];
    if (offset > head.offset) return [`${what}: lost, the head is ${head.epoch}.${head.offset}`];
    const author = known.authors.get(offset);
    if (author === `${publisher}:${number}`) return [];
    return [`${what}: ${author === undefined ? "never seen" : `${author} stands there`}`];
  }
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
