// What whoever waits is told, on standard error: how far it is, and everything that goes wrong.

/** Says how far a run is. */
export interface Progress {
  /** Something that should be known. */
  say(line: string): void;
  /** Something is left out, and why: said loudly, and kept for the report. */
  skip(what: string, why: string): void;
  /** One more is done. */
  done(): void;
  close(): void;
}

/** What it begins with. */
export interface ProgressOptions {
  readonly total: number;
  onSkipped(line: string): void;
}

const TELL_EVERY_MS = 10_000;

/** Begins to tell. `total` is how many there are at most. */
export function createProgress({ total, onSkipped }: ProgressOptions): Progress {
  const startMs = performance.now();
  let count = 0;
  const say = (line: string) => {
    const seconds = ((performance.now() - startMs) / 1000).toFixed(0);
    process.stderr.write(`[${seconds} s] ${line}\n`);
  };
  const skipped = new Set<string>();
  const timer = setInterval(() => say(`${count} of ${total} recoveries`), TELL_EVERY_MS);
  return {
    say,
    skip: (what, why) => {
      const line = `${what}: ${why}`;
      if (skipped.has(line)) return;
      skipped.add(line);
      onSkipped(line);
      say(`!!! SKIPPED ${line}`);
    },
    done: () => {
      count += 1;
    },
    close: () => clearInterval(timer),
  };
}
