/**
 * Throws an error where no caller of this package can catch it, in a task of its own: it reaches
 * `uncaughtException`, as an error in a DOM listener reaches `window.onerror`. For errors of
 * foreign code that must neither disturb the caller nor be swallowed.
 */
export function throwLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
