// What passes between the measured page and whoever measures it: plain data.

import type { TransportName } from "throughline";

/** The existing class, and a bare EventSource as a hook has it. */
export type ReaderName = "class" | "bare";

export interface PageOptions {
  readonly transport: TransportName;
  /** With the drop-in: sources that the class makes anew go on where the former was closed. */
  readonly isContinuing: boolean;
  /** With the drop-in: errors are told only where nothing comes after them. */
  readonly isQuiet: boolean;
  /** The option of the drop-in; default its own. */
  readonly provenAfterMs: number | undefined;
  readonly ward: string;
  readonly priority: string;
}

/** What one reader has had. */
export interface Reader {
  /** Rows in the order in which they came, repetitions too; epoch milliseconds. */
  readonly rows: readonly { readonly key: string; readonly atMs: number }[];
  /** How often it was told that events are missing. */
  readonly gaps: number;
}

export interface PageReading {
  readonly readers: Readonly<Record<ReaderName, Reader>>;
  /** The field of the class that its supervision looks at. */
  readonly lastHeartbeat: number | null;
}

export interface PageApi {
  start(options: PageOptions): void;
  read(): PageReading;
}
