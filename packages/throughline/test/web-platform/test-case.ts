/** The class that a case is run on. Both implementations are used through the DOM's own types. */
export type EventSourceClass = typeof EventSource;

/** Where a case runs. The suite runs most files in a window and again in a dedicated worker. */
export type Scope = "window" | "dedicated-worker" | "shared-worker" | "service-worker";

/** What the suite calls `.any.js` runs in these two, unless the file says otherwise. */
export const anyScope: readonly Scope[] = ["window", "dedicated-worker"];

/** One thing that the browser vendors' test suite asserts, written anew. */
export interface TestCase {
  /** A sentence about the behaviour; unique in all cases. */
  readonly name: string;
  /** The files of the suite that assert this; old and new names of one file stand together. */
  readonly covers: readonly string[];
  /** Default: only in a window. */
  readonly scopes?: readonly Scope[] | undefined;
  /** The case needs a page of its own, because it would disturb others in the same page. */
  readonly apart?: boolean | undefined;
  /** Settles when everything holds; throws otherwise. Sources given to `watch` are closed for it. */
  run(Subject: EventSourceClass, context: CaseContext): Promise<void> | void;
}

/** What a case finds in its surroundings. */
export interface CaseContext {
  /** The origin of the page or worker, without a trailing slash. */
  readonly origin: string;
  /** An origin that is another one, with the same endpoints. */
  readonly crossOrigin: string;
  /** The folder of the page and worker scripts: `<origin>/<implementation>`. */
  readonly folder: string;
  /** Makes a word that no other case and no other run has. */
  token(): string;
  /** Records what a source does from now on, and closes it when the case is over. */
  watch(source: EventSource, types?: readonly string[]): Watch;
  /** Does something when the case is over, however it ends. */
  afterwards(cleanup: () => void): void;
}

/** The record of a source. It has the events named `open`, `message`, `error` and those asked for. */
export interface Watch {
  readonly source: EventSource;
  /** Each event in order with the ready state that its listener saw: `"message OPEN data"`. */
  readonly seen: readonly string[];
  /** The events themselves, in the same order. */
  readonly events: readonly Event[];
  /** The events that are message events, in order. */
  readonly messages: readonly MessageEvent<unknown>[];
  /** Settles as soon as `isEnough` holds; it is asked after every event. */
  until(isEnough: () => boolean): Promise<void>;
}

/** How a case ended. */
export type Outcome =
  | { readonly passed: true }
  | { readonly passed: false; readonly message: string };

/** Throws unless both are the same, as JSON sees them. */
export function expectSame(actual: unknown, expected: unknown, what: string): void {
  const [got, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (got !== wanted) {
    throw new Error(`${what}: expected ${wanted}, got ${got}`);
  }
}

/** Settles after a while; for what must not happen in the meantime. */
export async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
