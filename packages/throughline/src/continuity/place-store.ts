// Places as they lie in a storage: one item with all of them, so that they can be bounded together.

/** Where somebody has read to. */
export interface StoredPlace {
  readonly id: string;
  /** Whose it is, and of which stream. */
  readonly key: string;
  readonly cursor: string;
  /** When it was last known to be so, milliseconds since 1970. */
  readonly atMs: number;
}

/** The part of Web Storage that is used; what it throws is harmless. */
export interface CursorStorage {
  getItem(name: string): string | null;
  setItem(name: string, value: string): void;
}

/** Under this name the places are kept. */
const ITEM = "throughline.places";

/** The places in a storage, the oldest first; none where it cannot be read or holds something else. */
export function loadPlaces(storage: CursorStorage | undefined): readonly StoredPlace[] {
  try {
    const places: unknown = JSON.parse(storage?.getItem(ITEM) ?? "[]");
    return Array.isArray(places) ? places.filter(isPlace) : [];
  } catch {
    // Switched off, or written by somebody else.
    return [];
  }
}

/** Keeps places; in vain where there is no room, or storing is not allowed. */
export function savePlaces(
  storage: CursorStorage | undefined,
  places: readonly StoredPlace[],
): void {
  try {
    storage?.setItem(ITEM, JSON.stringify(places));
  } catch {
    // Then they last as long as the page does.
  }
}

function isPlace(value: unknown): value is StoredPlace {
  if (typeof value !== "object" || value === null) return false;
  const { id, key, cursor, atMs } = value as Partial<Record<keyof StoredPlace, unknown>>;
  const texts = [id, key, cursor].every((text) => typeof text === "string");
  return texts && typeof atMs === "number";
}
