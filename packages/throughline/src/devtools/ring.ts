// The newest of many.

/** Keeps the newest items, oldest first. */
export interface Ring<T> {
  readonly items: readonly T[];
  push(item: T): void;
  clear(): void;
}

/** @param capacity how many are kept */
export function createRing<T>(capacity: number): Ring<T> {
  const items: T[] = [];
  return {
    items,
    push(item) {
      items.push(item);
      // In larger steps: to move all for each one that comes would cost more than it is worth.
      if (items.length >= capacity * 1.25) items.splice(0, items.length - capacity);
    },
    clear: () => void items.splice(0),
  };
}
