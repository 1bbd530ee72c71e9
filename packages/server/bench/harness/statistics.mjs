// What is made of the figures of several rounds.

/** The value that as many are above as below. */
export function median(values) {
  return quantile(values, 0.5);
}

/** The value below which this share lies. */
export function quantile(values, share) {
  const sorted = [...values].sort((one, other) => one - other);
  if (sorted.length === 0) return Number.NaN;
  const at = (sorted.length - 1) * share;
  const [low, high] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  return low + (high - low) * (at - Math.floor(at));
}

/**
 * How far half of the rounds lie around the median, as a share of it: the noise. Half of the distance
 * between the quartiles, which one round that was disturbed does not move.
 */
export function noise(values) {
  if (values.length < 3) return Number.NaN;
  return (quantile(values, 0.75) - quantile(values, 0.25)) / 2 / median(values);
}

/**
 * The exponent with which a cost grows: the slope of a line through the logarithms. 0 is constant, 1 is
 * linear, and what is clearly above 1 is superlinear.
 */
export function exponent(points) {
  const logs = points.map(([size, cost]) => [Math.log(size), Math.log(cost)]);
  const mean = (index) => logs.reduce((sum, point) => sum + point[index], 0) / logs.length;
  const [meanSize, meanCost] = [mean(0), mean(1)];
  let above = 0;
  let below = 0;
  for (const [size, cost] of logs) {
    above += (size - meanSize) * (cost - meanCost);
    below += (size - meanSize) ** 2;
  }
  return above / below;
}
