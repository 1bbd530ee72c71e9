import { describe, expect, it } from "vitest";
import { compareReports } from "../../src/report/compare.js";
import { plotReport } from "../../src/report/plots.js";
import { brokenPromises } from "../../src/report/promised.js";
import { renderReport } from "../../src/report/render-report.js";
import { formatReportData, parseReportData } from "../../src/report/report-data.js";
import { many, report, runResult } from "./make-report.js";

const PLOTS = { healTimes: "a.svg", clients: "b.svg", paths: "c.svg" };

describe("the report", () => {
  it("says how many recoveries kept every promise, and what that proves", () => {
    const text = renderReport(report(many(3000, () => ({}))), PLOTS);
    expect(text).toContain("**3,000 of 3,000 recoveries of the drop-in kept every promise**");
    expect(text).toContain("at most 0.10 % (95 % confidence, exact");
  });

  it("names every broken promise, and what could not be played", () => {
    const data = report([runResult({ broken: ["it never healed"], healMs: null, lost: 3 })], {
      failures: [
        { fault: "2a", client: "drop-in-firefox", path: "nginx", message: "crashed" },
        { fault: "2a", client: "native-firefox", path: "nginx", message: "crashed" },
      ],
    });
    expect(brokenPromises(data)).toEqual([
      "- 1b, drop-in-node, direct: it never healed",
      "- 2a, drop-in-firefox, nginx: not played: crashed",
    ]);
    const text = renderReport(data, PLOTS);
    expect(text).toContain("## Broken promises");
    expect(text).toContain("- 2a, native-firefox, nginx: crashed");
  });

  it("shows others as they are, without a promise", () => {
    const data = report([
      runResult({ client: "native-chromium", healMs: null, lost: 7 }),
      runResult({ client: "native-chromium", healMs: 3100 }),
    ]);
    expect(brokenPromises(data)).toEqual([]);
    expect(renderReport(data, PLOTS)).toContain("| 3.1 / 3.1 −1 ✕1 |");
  });

  it("holds the drop-in to its promises over HTTP/2 as well, to delivery also after silence", () => {
    const data = report([
      runResult({ fault: "2a", client: "drop-in-chromium", path: "h2", lost: 2, repeated: 1 }),
      runResult({ client: "drop-in-firefox", path: "h2", broken: ["too late"] }),
      runResult({ client: "native-chromium", path: "h2", lost: 7 }),
    ]);
    expect(brokenPromises(data)).toEqual([
      "- 1b, drop-in-firefox, h2: too late",
      "- 2a, drop-in-chromium, h2: 2 lost, 1 repeated, 0 out of order",
    ]);
  });

  it("measures the drop-in over HTTP/2, in a part of its own, and promises no time after silence", () => {
    const data = report([
      runResult({
        fault: "2a",
        client: "drop-in-firefox",
        path: "h2",
        healMs: null,
        broken: ["never"],
      }),
      runResult(),
    ]);
    expect(brokenPromises(data)).toEqual([]);
    const text = renderReport(data, PLOTS);
    expect(text).toContain("**1 of 1 recoveries of the drop-in kept every promise**");
    expect(text.slice(text.indexOf("## Over TLS and HTTP/2"))).toContain("| never |");
  });

  it("survives being written and read", () => {
    const data = report(many(3, (index) => ({ healMs: index * 100, fault: index ? "1b" : "2a" })));
    expect(parseReportData(formatReportData(data), "x.json")).toEqual(data);
    expect(() => parseReportData("{}", "x.json")).toThrow("x.json: expected the JSON");
  });
});

describe("the plots", () => {
  it("are well-formed, also with titles that are not", () => {
    const results = [runResult({ fault: "2a", healMs: null }), ...many(5, () => ({}))];
    for (const svg of plotReport(report(results)).values()) {
      expect(svg.match(/<(\w+)[^>]*[^/]>/g)?.length).toBe(svg.match(/<\/\w+>/g)?.length);
      expect(svg).not.toContain("<both>");
      expect(svg).not.toContain("NaN");
    }
  });

  it("let a line end below the top where not every recovery came to its end", () => {
    const svg = plotReport(report(many(4, (index) => ({ healMs: index < 2 ? 100 : null }))));
    expect(svg.get("heal-times.svg")).toContain("drop-in, Node: 2 of 4");
  });
});

describe("a comparison", () => {
  it("finds nothing between two reports of the same", () => {
    const ours = report(many(40, (index) => ({ healMs: 100 + index * 10 })));
    const theirs = report(many(40, (index) => ({ healMs: 105 + index * 10 })));
    expect(compareReports(ours, theirs)).toEqual({ compared: 1, differences: [] });
  });

  it("finds times that are far apart, and shares that are", () => {
    const ours = report(many(40, (index) => ({ healMs: 100 + index })));
    const theirs = report(
      many(40, (index) => ({ healMs: index < 20 ? null : 900 + index, lost: 1 })),
    );
    expect(compareReports(ours, theirs).differences).toEqual([
      "- 1b, drop-in-node: 0 of 40 never healed, there 20 of 40",
      "- 1b, drop-in-node: 0 of 40 lost or repeated events, there 40 of 40",
      "- 1b, drop-in-node: healed after 119 ms, there after 929 ms (medians)",
    ]);
  });

  it("leaves out what only one of them has", () => {
    const ours = report([runResult()]);
    const theirs = report([runResult({ fault: "2a" })]);
    expect(compareReports(ours, theirs).compared).toBe(0);
  });
});
