// What is said of many values in a few.

/** Median, 99th percentile and worst of the values that there are. */
export interface Summary {
  readonly median: number;
  readonly p99: number;
  readonly worst: number;
  /** Values that were never reached, which the three others do not count. */
  readonly never: number;
  readonly count: number;
}

/**
 * Sums up values, `null` being one that was never reached. A percentile is the smallest value that so many
 * are not above; nothing is interpolated. `undefined` where no value was reached.
 */
export function summarise(values: readonly (number | null)[]): Summary | undefined {
  const known = values.filter((value) => value !== null).sort((a, b) => a - b);
  const at = (share: number) => known[Math.max(0, Math.ceil(known.length * share) - 1)];
  const [median, p99, worst] = [at(0.5), at(0.99), at(1)];
  if (median === undefined || p99 === undefined || worst === undefined) return undefined;
  return { median, p99, worst, never: values.length - known.length, count: values.length };
}
