// Tables and plots of what was measured on several servers in the same rounds.

import { median, noise } from "../harness/statistics.mjs";

/** Costs per delivery: with what a core can do, and how the first server compares to each. */
export function costTable(title, results) {
  const [[, first]] = results;
  const rows = [...results].map(([name, { cost, busy }]) => [
    name,
    median(cost).toFixed(2),
    percent(noise(cost)),
    Math.round(1e6 / median(cost)).toLocaleString("en"),
    ratio(cost, first.cost),
    percent(median(busy)),
  ]);
  return {
    title,
    columns: [
      "server",
      "µs a delivery",
      "± half of the rounds",
      "deliveries a second and core",
      "Throughline is … times as fast",
      "readers busy",
    ],
    rows,
    plot: {
      unit: "deliveries a second and core",
      bars: [...results].map(([name, { cost }]) => [name, 1e6 / median(cost)]),
    },
  };
}

/**
 * Any figures.
 *
 * @param figures for each `key` its label and unit; the rated one gets a ratio, a noise, and the plot
 */
export function figuresTable(title, results, figures) {
  const [[, first]] = results;
  const columns = ["server"];
  for (const { label, unit, isRated } of figures) {
    columns.push(unit === "" ? label : `${label}, ${unit}`);
    if (isRated) columns.push("± half of the rounds", "Throughline is … times as good");
  }
  const rows = [...results].map(([name, result]) => [
    name,
    ...figures.flatMap(({ key, unit, isRated, isMoreBetter }) => {
      const values = result[key];
      const shown = unit === "%" ? (median(values) * 100).toFixed(0) : digits(median(values));
      if (!isRated) return [shown];
      const better = isMoreBetter ? ratio(first[key], values) : ratio(values, first[key]);
      return [shown, percent(noise(values)), better];
    }),
  ]);
  const rated = figures.find(({ isRated }) => isRated);
  const bars = [...results].map(([name, result]) => [name, median(result[rated.key])]);
  return {
    title,
    columns,
    rows,
    plot: { unit: columns[columns.indexOf(rated.label)] ?? `${rated.label}, ${rated.unit}`, bars },
  };
}

/** The median of the ratios, round by round: what disturbs a round disturbs both. */
function ratio(values, others) {
  return median(values.map((value, round) => value / (others[round] ?? Number.NaN))).toFixed(2);
}

function percent(share) {
  return Number.isNaN(share) ? "–" : `${(share * 100).toFixed(0)} %`;
}

/** Three digits that count. */
export function digits(value) {
  if (!Number.isFinite(value)) return "–";
  const places = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value) || 1)));
  return value.toFixed(Math.min(places, 3));
}
