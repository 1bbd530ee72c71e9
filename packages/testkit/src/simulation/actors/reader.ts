// A page that reads the stream with the drop-in `EventSource`.

import { EventSource, type GapNotice } from "throughline";
import { Path, type PathSetup } from "../network/path.js";
import type { Machine } from "../time/machine.js";

/** What a reader asks for. */
export interface ReaderPlan {
  /** Patterns of topics; empty for everything. */
  readonly topics: readonly string[];
  /** Where it begins. */
  readonly from: "earliest" | "latest";
  readonly resumeBy: "header" | "query" | "auto";
  /** From when to when it is there. */
  readonly opensAtMs: number;
}

/** Who is told what a reader's code is given. */
export interface ReaderWitness {
  onEvent(data: string, cursor: string): void;
  onGap(gap: GapNotice): void;
  onState(state: string, reason: string): void;
}

/** One reader. */
export class Reader {
  readonly name: string;
  readonly plan: ReaderPlan;
  readonly machine: Machine;
  readonly path: Path;
  readonly #setup: PathSetup;
  #source: EventSource | undefined;

  constructor(name: string, plan: ReaderPlan, setup: PathSetup) {
    this.name = name;
    this.plan = plan;
    this.machine = setup.client;
    this.path = new Path(setup);
    this.#setup = setup;
  }

  get source(): EventSource | undefined {
    return this.#source;
  }

  open(url: string, witness: ReaderWitness): void {
    const { topics, from, resumeBy } = this.plan;
    const query = topics.length === 0 ? "" : `?topics=${topics.join(",")}`;
    this.#setup.clock.after(this.machine, 0, () => {
      const source = new EventSource(`${url}${query}`, {
        fetch: (target, init) => this.path.fetch(target, init),
        lastEventId: from === "earliest" ? from : undefined,
        resumeBy,
        onGap: (gap) => witness.onGap(gap),
      });
      this.#source = source;
      source.addEventListener("message", ({ data, lastEventId }) =>
        witness.onEvent(String(data), lastEventId),
      );
      source.connection.subscribe(({ state, reason }) => witness.onState(state, reason));
    });
  }

  /** The application closes it. */
  close(): void {
    this.#setup.clock.after(this.machine, 0, () => this.#source?.close());
  }
}
