// What a command needs from the process it runs in, so that tests can be one.

/** Takes text. */
export interface Output {
  write(text: string): unknown;
}

/** The surroundings of a command. */
export interface CliHost {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly stdin: AsyncIterable<Uint8Array | string>;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Calls a listener at every request to stop. Returns how to take it away. */
  onSignal(listener: () => void): () => void;
  /** Calls a listener at every request to read files again. Returns how to take it away. */
  onHangup(listener: () => void): () => void;
  /** Ends the process now, whatever is still open. */
  exit(code: number): void;
}

/** What a command ends with. */
export const EXIT = {
  ok: 0,
  /** Something failed, or the call was wrong. A line on standard error says what. */
  failed: 1,
  /** `doctor`: it could look, and found a problem. */
  problems: 2,
  /** `tail`: it went well, but events were missing for good. */
  gap: 3,
} as const;

/** A command: takes what stands behind its name, and resolves with its exit code. */
export type Command = (argv: readonly string[], host: CliHost) => Promise<number>;
