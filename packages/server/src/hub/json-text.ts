// JSON that others have sent, as text again.

/**
 * Most arrays and objects within one another. `JSON.parse` takes any number of them, `JSON.stringify` uses
 * the stack, which ends somewhere after 4000, and the parsers of readers give up at a thousand or before.
 */
export const MOST_LEVELS = 500;

/**
 * A value that came out of a JSON text as JSON.
 *
 * @param mostLevels how deep it may be nested
 * @returns `undefined` where it is nested deeper
 */
export function jsonText(value: unknown, mostLevels = MOST_LEVELS): string | undefined {
  return isWithin(value, mostLevels) ? JSON.stringify(value) : undefined;
}

/** Whether a value has no more than so many levels. Goes no deeper than that itself. */
function isWithin(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  return levels > 0 && Object.values(value).every((member) => isWithin(member, levels - 1));
}
