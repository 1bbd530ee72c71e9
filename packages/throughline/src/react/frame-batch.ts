// Collects what comes in during one frame.

/** Collects items, and hands them on in order, at most once per frame. */
export interface FrameBatch<T> {
  push(item: T): void;
  /** Hands on what has been collected, now. */
  flush(): void;
}

/** Nothing is held back for longer, also where frames are slow or do not come. Milliseconds. */
const MAX_HOLD_MS = 100;

/**
 * Makes a batch.
 *
 * Items are handed on with the next animation frame, or after 100 ms if none comes until then. In a
 * hidden page there are no frames, and its timers may be held back for a minute; there, what has
 * come in one task goes on at the end of that task.
 */
export function createFrameBatch<T>(handOn: (items: readonly T[]) => void): FrameBatch<T> {
  let items: T[] = [];
  let cancel = () => {};

  function flush(): void {
    cancel();
    if (items.length === 0) return;
    const batch = items;
    items = [];
    handOn(batch);
  }

  return {
    push(item) {
      items.push(item);
      if (items.length > 1) return;
      if (isPageHidden()) queueMicrotask(flush);
      else cancel = atNextFrame(flush);
    },
    flush,
  };
}

/** Returns a function that calls it off. React also runs where there are no frames. */
function atNextFrame(callback: () => void): () => void {
  const timer = setTimeout(callback, MAX_HOLD_MS);
  const frame = globalThis.requestAnimationFrame?.(callback);
  return () => {
    clearTimeout(timer);
    globalThis.cancelAnimationFrame?.(frame);
  };
}

function isPageHidden(): boolean {
  return globalThis.document?.visibilityState === "hidden";
}
