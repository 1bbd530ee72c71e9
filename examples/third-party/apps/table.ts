// The rows that the servers stream. It stands for the database of an application: it outlives them.

/** One row; numbers begin with 1, without holes. */
export interface Row {
  readonly id: number;
}

/** Rows, and who wants to hear of new ones. */
export class Table {
  readonly #rows: Row[] = [];
  readonly #listeners = new Set<(row: Row) => void>();

  insert(): Row {
    const row = { id: this.#rows.length + 1 };
    this.#rows.push(row);
    for (const listener of this.#listeners) listener(row);
    return row;
  }

  /** All rows after the one that a reader had last; `undefined`, or what is no id, for all. */
  after(lastEventId: string | null | undefined): readonly Row[] {
    return this.#rows.slice(Number(lastEventId) || 0);
  }

  /** Calls back for every new row, until the function that it returns is called. */
  onInsert(listener: (row: Row) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Rows after the one that a reader had last, those to come included. Where none comes for a while it
   * gives `undefined`: the moment for a sign of life.
   */
  async *follow(
    lastEventId: string | null | undefined,
    signal: AbortSignal,
    everyMs: number,
  ): AsyncGenerator<Row | undefined, void> {
    const queue: Row[] = [...this.after(lastEventId)];
    let wake = () => {};
    const stop = this.onInsert((row) => {
      queue.push(row);
      wake();
    });
    signal.addEventListener("abort", () => wake());
    try {
      while (!signal.aborted) {
        const row = queue.shift();
        yield row;
        if (row !== undefined || queue.length > 0) continue;
        let timer: ReturnType<typeof setTimeout> | undefined;
        await new Promise<void>((resolve) => {
          wake = resolve;
          timer = setTimeout(resolve, everyMs);
        });
        clearTimeout(timer);
      }
    } finally {
      stop();
    }
  }
}
