// Reads the text format of Prometheus, as far as it is written here.

/** The samples by name and labels; a histogram's bucket has its `le` as the only label. */
export function parseMetrics(text: string): Readonly<Record<string, number>> {
  const samples: Record<string, number> = {};
  for (const line of text.split("\n")) {
    if (line === "" || line.startsWith("#")) continue;
    const sample = /^([a-z0-9_]+(?:\{.*\})?) (\S+)$/i.exec(line);
    if (sample === null) throw new Error(`not a sample: ${line}`);
    const [, name = "", value] = sample;
    samples[name] = Number(value);
  }
  return samples;
}
