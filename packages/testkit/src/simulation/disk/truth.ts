// What is stored, written down beside the store: the truth that readers and publishers are held against. It
// knows what was put in and taken out, and asks the log nothing.

/** An event that was stored. */
export interface StoredFact {
  /** The publisher's own name for it, which readers find in its data. */
  readonly key: string;
  readonly topic: string | undefined;
  readonly cursor: string;
  /** Its place among all events of all epochs. */
  readonly position: number;
  readonly storedMs: number;
}

/** A place in a stream, as a cursor has it. */
export interface Place {
  /** The how-manieth epoch it is, from 0. */
  readonly epochIndex: number;
  readonly offset: number;
}

/** Positions of one epoch are below those of the next. */
const EPOCH_SPAN = 1_000_000;

/** The place of an offset among all events. */
export function positionOf({ epochIndex, offset }: Place): number {
  return epochIndex * EPOCH_SPAN + offset;
}

/** Everything that was stored in one stream, in all of its epochs. */
export class Truth {
  readonly #epochs: { readonly name: string; earliest: number; head: number }[] = [];
  readonly #byCursor = new Map<string, StoredFact>();
  readonly #newestByKey = new Map<string, StoredFact>();
  readonly #facts: StoredFact[] = [];
  readonly #complaints: string[] = [];
  readonly #onStored: (fact: StoredFact) => void;

  constructor(onStored: (fact: StoredFact) => void) {
    this.#onStored = onStored;
  }

  get facts(): readonly StoredFact[] {
    return this.#facts;
  }

  /** What the log did that no log may do. */
  get complaints(): readonly string[] {
    return this.#complaints;
  }

  /** The epoch in which events are stored now. */
  get epochIndex(): number {
    return Math.max(0, this.#epochs.length - 1);
  }

  /** The smallest offset of the present epoch that is kept. */
  get earliest(): number {
    return this.#epochs.at(-1)?.earliest ?? 1;
  }

  get head(): number {
    return this.#epochs.at(-1)?.head ?? 0;
  }

  /** The newest offset of the present epoch that was stored before a moment; 0 where there is none. */
  headBefore(momentMs: number): number {
    const start = positionOf({ epochIndex: this.epochIndex, offset: 0 });
    const fact = this.#facts.findLast((each) => each.storedMs < momentMs);
    return Math.max(0, (fact?.position ?? 0) - start);
  }

  beginEpoch(name: string): void {
    this.#epochs.push({ name, earliest: 1, head: 0 });
  }

  /** An append has stored an event. */
  store(fact: Omit<StoredFact, "position" | "cursor"> & { epoch: string; offset: number }): void {
    const { epoch, offset, ...rest } = fact;
    const present = this.#epochs.at(-1);
    if (present === undefined || present.name !== epoch || offset !== present.head + 1) {
      this.#complaints.push(`${fact.key} was stored at ${epoch}.${offset}, which is not the head`);
      return;
    }
    const twin = this.#newestByKey.get(fact.key);
    if (twin !== undefined && this.isKept(twin)) {
      this.#complaints.push(`${fact.key} was stored again at ${epoch}.${offset}: ${twin.cursor}`);
    }
    present.head = offset;
    const position = positionOf({ epochIndex: this.epochIndex, offset });
    const stored = { ...rest, cursor: `${epoch}.${offset}`, position };
    this.#facts.push(stored);
    this.#newestByKey.set(stored.key, stored);
    this.#byCursor.set(stored.cursor, stored);
    this.#onStored(stored);
  }

  /** Events up to an offset of the present epoch were deleted. */
  trim(throughOffset: number): void {
    const present = this.#epochs.at(-1);
    if (present === undefined) return;
    const earliest = Math.min(throughOffset, present.head) + 1;
    present.earliest = Math.max(present.earliest, earliest);
  }

  at(cursor: string): StoredFact | undefined {
    return this.#byCursor.get(cursor);
  }

  /** What a cursor says; `undefined` for what is none of this stream. */
  placeOf(cursor: string): Place | undefined {
    const [, name, digits] = /^([a-z0-9]+)\.([0-9]+)$/.exec(cursor) ?? [];
    const epochIndex = this.#epochs.findIndex((epoch) => epoch.name === name);
    return epochIndex < 0 ? undefined : { epochIndex, offset: Number(digits) };
  }

  /** Whether an event is stored at this moment. */
  isKept({ position }: StoredFact): boolean {
    return position >= positionOf({ epochIndex: this.epochIndex, offset: this.earliest });
  }
}
