import type { CaseContext, EventSourceClass, Outcome, TestCase, Watch } from "./test-case.js";

/** Longer than any case needs on a busy machine, shorter than the time for all of them. */
const CASE_TIMEOUT_MS = 15_000;

const readyStates = ["CONNECTING", "OPEN", "CLOSED"];

/** Runs one case to its end, which always comes, and tidies up after it. Never throws. */
export async function runCase(
  testCase: TestCase,
  Subject: EventSourceClass,
  place: Pick<CaseContext, "crossOrigin" | "folder">,
): Promise<Outcome> {
  const watches: Watch[] = [];
  const cleanups: (() => void)[] = [];
  const context: CaseContext = {
    ...place,
    origin: new URL(place.folder).origin,
    token: () => crypto.randomUUID(),
    watch: (source, types = []) => {
      const watch = watchSource(source, ["open", "message", "error", ...types]);
      watches.push(watch);
      return watch;
    },
    afterwards: (cleanup) => {
      cleanups.push(cleanup);
    },
  };
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    const timeout = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        const seen = watches.map((watch) => watch.seen.join(", "));
        reject(new Error(`still waiting after ${CASE_TIMEOUT_MS} ms; seen: ${seen.join("; ")}`));
      }, CASE_TIMEOUT_MS);
    });
    await Promise.race([testCase.run(Subject, context), timeout]);
    return { passed: true };
  } catch (error) {
    return { passed: false, message: error instanceof Error ? error.message : String(error) };
  } finally {
    clearTimeout(timer);
    for (const { source } of watches) {
      source.close();
    }
    for (const cleanup of cleanups) {
      cleanup();
    }
  }
}

function watchSource(source: EventSource, types: readonly string[]): Watch {
  const seen: string[] = [];
  const events: Event[] = [];
  const messages: MessageEvent<unknown>[] = [];
  const waiting = new Set<() => void>();
  for (const type of types) {
    source.addEventListener(type, (event: Event) => {
      const words = [event.type, readyStates[source.readyState]];
      // By shape and not by class: an event of another realm is no instance of this one's classes.
      if ("data" in event) {
        messages.push(event as MessageEvent<unknown>);
        words.push(String(event.data));
      }
      events.push(event);
      seen.push(words.join(" "));
      for (const check of waiting) {
        check();
      }
    });
  }
  return {
    source,
    seen,
    events,
    messages,
    until: (isEnough) =>
      new Promise((resolve) => {
        const check = () => {
          if (isEnough()) {
            waiting.delete(check);
            resolve();
          }
        };
        waiting.add(check);
        check();
      }),
  };
}
