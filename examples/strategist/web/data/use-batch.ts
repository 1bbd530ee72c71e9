import { useCallback, useEffect, useRef } from "react";

/**
 * Collects what comes one by one and delivers it together, so that a burst of events costs one
 * rendering.
 *
 * @param deliver may be another function at every rendering; the newest one is called
 * @param delayMs from the first item of a batch to its delivery
 * @returns a function that never changes
 */
export function useBatch<T>(
  deliver: (items: readonly T[]) => void,
  delayMs: number,
): (item: T) => void {
  const newest = useRef(deliver);
  const waiting = useRef<T[]>([]);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => {
    newest.current = deliver;
  });
  useEffect(
    () => () => {
      clearTimeout(timer.current);
      timer.current = undefined;
    },
    [],
  );

  return useCallback(
    (item: T) => {
      waiting.current.push(item);
      timer.current ??= setTimeout(() => {
        timer.current = undefined;
        const items = waiting.current;
        waiting.current = [];
        newest.current(items);
      }, delayMs);
    },
    [delayMs],
  );
}
