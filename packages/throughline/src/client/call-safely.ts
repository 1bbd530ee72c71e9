// The border to the application's own functions.

/** Calls an application's function; what it throws is reported like an error in an event listener. */
export function callSafely(callback: () => void): void {
  try {
    callback();
  } catch (error) {
    if (typeof reportError === "function") reportError(error);
    // Where there is no `reportError` (Node 20), an uncaught exception is its equal.
    else queueMicrotask(() => throwAgain(error));
  }
}

function throwAgain(error: unknown): never {
  throw error;
}
