/** How values are spread. */
export interface Quantiles {
  readonly p50: number;
  readonly p99: number;
  readonly worst: number;
}

/** The median, the value that one in a hundred is above, and the largest; 0 of nothing. */
export function quantiles(values: readonly number[]): Quantiles {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) =>
    Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
  return { p50: at(0.5), p99: at(0.99), worst: at(1) };
}
