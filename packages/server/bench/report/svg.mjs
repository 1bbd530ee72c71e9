// A plot that needs nothing to be shown: bars with their values, readable on light and dark pages.

const WIDTH = 640;
const ROW = 26;
const LABEL = 170;
const VALUE = 110;

/** Bars on a scale from 0, the first one marked: it is ours. */
export function barChart(title, { unit, bars }) {
  const most = Math.max(...bars.map(([, value]) => (Number.isFinite(value) ? value : 0)), 1e-9);
  const height = 40 + bars.length * ROW;
  const rows = bars.map(([name, value], index) => {
    const width = Number.isFinite(value) ? (value / most) * (WIDTH - LABEL - VALUE) : 0;
    const top = 34 + index * ROW;
    const fill = index === 0 ? "#2563eb" : "#94a3b8";
    return [
      `<text x="${LABEL - 8}" y="${top + 14}" text-anchor="end">${escapeXml(name)}</text>`,
      `<rect x="${LABEL}" y="${top}" width="${width.toFixed(1)}" height="18" rx="2" fill="${fill}"/>`,
      `<text x="${(LABEL + width + 6).toFixed(1)}" y="${top + 14}">${short(value)}</text>`,
    ].join("\n");
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escapeXml(title)}" font-family="system-ui, sans-serif" font-size="13" fill="#64748b">
<text x="${LABEL}" y="20" font-weight="600">${escapeXml(`${title}: ${unit}`)}</text>
${rows.join("\n")}
</svg>
`;
}

function short(value) {
  if (!Number.isFinite(value)) return "–";
  if (value >= 1e6) return `${(value / 1e6).toFixed(2)} M`;
  if (value >= 10_000) return `${(value / 1000).toFixed(0)} k`;
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

function escapeXml(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
