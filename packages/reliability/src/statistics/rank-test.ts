// Whether two groups of values differ, whatever their distribution.

/**
 * How likely it is, if two groups come from one distribution, that their ranks lie so far apart (the test of
 * Mann and Whitney, two-sided, by the normal approximation with correction for ties). 1 where a group has fewer
 * than five values: then it says nothing.
 */
export function rankTest(a: readonly number[], b: readonly number[]): number {
  if (a.length < LEAST || b.length < LEAST) return 1;
  const all = [...a.map((value) => [value, true]), ...b.map((value) => [value, false])] as const;
  const sorted = [...all].sort(([one], [other]) => Number(one) - Number(other));
  const total = sorted.length;
  let rankSum = 0;
  let ties = 0;
  for (let from = 0; from < total; ) {
    let to = from;
    while (to < total && sorted[to]?.[0] === sorted[from]?.[0]) to += 1;
    // All that are equal share the middle of their ranks.
    const rank = (from + 1 + to) / 2;
    for (let at = from; at < to; at += 1) if (sorted[at]?.[1] === true) rankSum += rank;
    ties += (to - from) ** 3 - (to - from);
    from = to;
  }
  const u = rankSum - (a.length * (a.length + 1)) / 2;
  const mean = (a.length * b.length) / 2;
  const variance = ((a.length * b.length) / 12) * (total + 1 - ties / (total * (total - 1)));
  if (variance === 0) return 1;
  const z = Math.max(0, Math.abs(u - mean) - 0.5) / Math.sqrt(variance);
  return twoSided(z);
}

/** With fewer the approximation does not hold. */
const LEAST = 5;

/** How likely a standard normal value is that far from zero (Abramowitz and Stegun 26.2.17). */
function twoSided(z: number): number {
  const t = 1 / (1 + 0.2316419 * z);
  const terms = [0.31938153, -0.356563782, 1.781477937, -1.821255978, 1.330274429];
  const sum = terms.reduceRight((inner, term) => (inner + term) * t, 0);
  return Math.min(1, (2 / Math.sqrt(2 * Math.PI)) * Math.exp((-z * z) / 2) * sum);
}
