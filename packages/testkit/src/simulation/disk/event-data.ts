// What the events of a simulation say: their names, and as much else as they are to weigh.

/** The data of an event, as JSON. */
interface EventData {
  readonly key: string;
  readonly length: number;
  readonly filling: string;
}

/** @param length characters of two bytes each, so that they are cut in the middle, too */
export function dataOf(key: string, length: number): string {
  const data: EventData = { key, length, filling: fillingOf(length) };
  return JSON.stringify(data);
}

/** What an event of a length is filled with. */
export function fillingOf(length: number): string {
  return length < 0 ? "" : "é".repeat(length);
}

/** Reads the data of an event; of what is none, nothing. */
export function readData(data: string): Partial<EventData> {
  try {
    return JSON.parse(data) as Partial<EventData>;
  } catch {
    // Broken on its way: what is missing says so.
    return {};
  }
}
