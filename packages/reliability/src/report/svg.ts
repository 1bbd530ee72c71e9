// The little that plots need of SVG. Colours are classes, so that a picture suits a light page and a dark one.

/** An element. Numbers are rounded to a tenth of a pixel. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  content = "",
): string {
  const text = Object.entries(attributes)
    .map(
      ([key, value]) => ` ${key}="${typeof value === "number" ? round(value) : escapeXml(value)}"`,
    )
    .join("");
  return content === "" ? `<${name}${text}/>` : `<${name}${text}>${content}</${name}>`;
}

/** A text; `anchor` says which of its ends stands at the place. */
export function label(text: string, { x, y, anchor = "start", css = "ink" }: LabelPlace): string {
  return element("text", { x, y, "text-anchor": anchor, class: css }, escapeXml(text));
}

/** Where a text stands. */
export interface LabelPlace {
  readonly x: number;
  readonly y: number;
  readonly anchor?: "start" | "middle" | "end" | undefined;
  /** Classes of `STYLE`. */
  readonly css?: string | undefined;
}

/** A whole picture. `title` is what is read to those who cannot see it. */
export function picture(
  {
    width,
    height,
    title,
  }: { readonly width: number; readonly height: number; readonly title: string },
  body: readonly string[],
): string {
  const content = [`<title>${escapeXml(title)}</title>`, `<style>${STYLE}</style>`, ...body];
  const attributes = {
    xmlns: "http://www.w3.org/2000/svg",
    viewBox: `0 0 ${width} ${height}`,
    width,
    height,
    role: "img",
  };
  return `${element("svg", attributes, `\n${content.join("\n")}\n`)}\n`;
}

function round(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function escapeXml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

/** `s1` to `s8` are lines; `h0` (good) to `h5` (never) are cells, `t0` to `t5` the ink on them. */
const STYLE = `
text { font: 12px system-ui, sans-serif; }
.paper { fill: #ffffff; } .ink { fill: #1f2328; } .faint { fill: #59636e; }
.strong { font-weight: 600; } .grid { stroke: #d1d9e0; stroke-width: 1; }
.line { fill: none; stroke-width: 2; } .heavy { stroke-width: 3; }
.s1 { stroke: #0969da; } .s2 { stroke: #1a7f37; } .s3 { stroke: #8250df; } .s4 { stroke: #bc4c00; }
.s5 { stroke: #cf222e; } .s6 { stroke: #9a6700; } .s7 { stroke: #bf3989; } .s8 { stroke: #59636e; }
.limit { stroke: #cf222e; stroke-dasharray: 4 4; }
.h0 { fill: #aceebb; } .h1 { fill: #d2f5c9; } .h2 { fill: #fae17d; } .h3 { fill: #ffb77c; }
.h4 { fill: #ff8182; } .h5 { fill: #82071e; } .none { fill: #eff2f5; }
.t0, .t1, .t2, .t3, .t4 { fill: #1f2328; } .t5 { fill: #ffffff; }
@media (prefers-color-scheme: dark) {
  .paper { fill: #0d1117; } .ink { fill: #f0f6fc; } .faint { fill: #9198a1; } .grid { stroke: #3d444d; }
  .s1 { stroke: #4493f8; } .s2 { stroke: #3fb950; } .s3 { stroke: #ab7df8; } .s4 { stroke: #f0883e; }
  .s5 { stroke: #f85149; } .s6 { stroke: #d29922; } .s7 { stroke: #db61a2; } .s8 { stroke: #9198a1; }
  .limit { stroke: #f85149; }
  .h0 { fill: #1a7f37; } .h1 { fill: #2f6f3e; } .h2 { fill: #845306; } .h3 { fill: #9a4a00; }
  .h4 { fill: #b62324; } .h5 { fill: #67060c; } .none { fill: #151b23; }
  .t0, .t1, .t2, .t3, .t4 { fill: #f0f6fc; }
}`;
