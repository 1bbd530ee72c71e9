// What a number of failures among a number of trials says about how likely a failure is.

/** The bounds of a probability. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * The exact interval of Clopper and Pearson for a probability, of which `hits` in `trials` were seen: it holds
 * at least in 95 of 100 such experiments, however small the numbers are. With no hit only the upper bound says
 * something, and then it has the 95 % for itself: 1 − 0.05^(1/trials), about 3/trials.
 */
export function exactInterval(hits: number, trials: number): Interval {
  if (!(Number.isInteger(hits) && Number.isInteger(trials) && hits >= 0 && hits <= trials)) {
    throw new Error(`Expected whole numbers of hits among trials, got ${hits} among ${trials}.`);
  }
  if (trials === 0) return { low: 0, high: 1 };
  if (hits === 0) return { low: 0, high: 1 - 0.05 ** (1 / trials) };
  if (hits === trials) return { low: 0.05 ** (1 / trials), high: 1 };
  return {
    // The probability at which so many or more are seen in 2.5 of 100 experiments, and so many or fewer.
    low: solve((p) => 1 - atMost(hits - 1, trials, p) - 0.025),
    high: solve((p) => 0.025 - atMost(hits, trials, p)),
  };
}

/**
 * How likely it is, if two groups do not differ, that so many hits fall on the first or even fewer likely ones
 * (Fisher's exact test, two-sided).
 */
export function fisherExact(
  [hitsA, trialsA]: readonly [number, number],
  [hitsB, trialsB]: readonly [number, number],
): number {
  const hits = hitsA + hitsB;
  const logTotal = logChoose(trialsA + trialsB, hits);
  const logOf = (inA: number) =>
    logChoose(trialsA, inA) + logChoose(trialsB, hits - inA) - logTotal;
  const seen = logOf(hitsA);
  let sum = 0;
  for (let inA = Math.max(0, hits - trialsB); inA <= Math.min(hits, trialsA); inA += 1) {
    // What is equal but for rounding is equal.
    if (logOf(inA) <= seen + 1e-9) sum += Math.exp(logOf(inA));
  }
  return Math.min(1, sum);
}

/** The probability of at most so many hits. */
function atMost(hits: number, trials: number, p: number): number {
  let sum = 0;
  for (let k = 0; k <= hits; k += 1) {
    sum += Math.exp(logChoose(trials, k) + k * Math.log(p) + (trials - k) * Math.log1p(-p));
  }
  return Math.min(1, sum);
}

/** Where a function that rises between 0 and 1 crosses zero. */
function solve(rising: (p: number) => number): number {
  let [low, high] = [0, 1];
  for (let halvings = 0; halvings < 60; halvings += 1) {
    const middle = (low + high) / 2;
    if (rising(middle) < 0) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

function logChoose(n: number, k: number): number {
  return logFactorial(n) - logFactorial(k) - logFactorial(n - k);
}

function logFactorial(n: number): number {
  let sum = 0;
  for (let factor = 2; factor <= n; factor += 1) sum += Math.log(factor);
  return sum;
}
