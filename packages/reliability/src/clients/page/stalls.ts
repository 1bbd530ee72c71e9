// Notices when the thread that it runs on stands still: of the measuring program, or of a page with a reader.

const LOOK_EVERY_MS = 20;

/** Calls `onLate` again and again with how many milliseconds later than due that is, until the timer is cleared. */
export function watchLateness(onLate: (lateMs: number) => void): ReturnType<typeof setInterval> {
  let dueMs = performance.now() + LOOK_EVERY_MS;
  return setInterval(() => {
    const nowMs = performance.now();
    onLate(nowMs - dueMs);
    dueMs = nowMs + LOOK_EVERY_MS;
  }, LOOK_EVERY_MS);
}

/** A longer stall spoils a run: it is a good part of the 200 ms that lie between what a client does and its promise. */
export const SPOILING_MS = 100;
