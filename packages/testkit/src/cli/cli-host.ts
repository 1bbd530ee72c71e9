// What a command needs of the process that it runs in.

/** The surroundings of a command. */
export interface CliHost {
  /** What is typed, line by line. */
  readonly lines: AsyncIterable<string>;
  readonly say: (line: string) => void;
  readonly complain: (line: string) => void;
  /** Aborted at a request to stop. */
  readonly signal: AbortSignal;
}

/** What a command ends with. */
export const EXIT = {
  ok: 0,
  /** Something failed, or the call was wrong. A line on standard error says what. */
  failed: 1,
  /** It could be tried, and something was not as it has to be. */
  broken: 2,
} as const;

/** A command: takes what stands behind its name, and resolves with its exit code. */
export type Command = (argv: readonly string[], host: CliHost) => Promise<number>;

/** A call that cannot be understood; the message says what was expected. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
