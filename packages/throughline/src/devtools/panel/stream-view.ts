// One stream: its state, what is known of it, and what it has been through.

import type { ConnectionSnapshot } from "../../client/index.js";
import type { StateRecord, StreamRecord } from "../recorder.js";
import { element, setText } from "./element.js";
import type { FaultsView } from "./faults-view.js";
import { createFaultsView } from "./faults-view.js";
import { clock, duration, size } from "./words.js";

/** The stretch of time that the band of states shows. */
const SHOWN_MS = 120_000;
/** Changes of state, and drops, that are listed. */
const LISTED = 8;

/** What shows one stream. */
export interface StreamView {
  readonly node: HTMLElement;
  update(nowMs: number): void;
}

/** Shows `stream`. */
export function createStreamView(stream: StreamRecord): StreamView {
  const { source } = stream;
  const dot = element("span", { className: "dot", attributes: { "aria-hidden": "true" } });
  const name = element("span");
  const reason = element("span", { className: "reason" });
  const reconnect = button("Reconnect", () => source.reconnect());
  const close = button("Close", () => source.close());
  const facts = createFacts();
  const band = element("div", { className: "band", attributes: { role: "img" } });
  const states = createTable(["At", "State", "Reason", "For"]);
  const drops = createTable(["At", "Reason", "Noticed", "Live again"]);
  const noDrop = element("p", { className: "none" }, "None so far.");
  const faults: FaultsView = createFaultsView(stream);

  const node = element(
    "section",
    { className: "view", attributes: { "aria-label": `Stream ${stream.url}` } },
    element(
      "div",
      { className: "head" },
      element("span", { className: "state" }, dot, name),
      reason,
      element("span", { className: "actions" }, reconnect, close),
    ),
    element("p", { className: "address" }, source.url),
    band,
    element(
      "p",
      { className: "scale", attributes: { "aria-hidden": "true" } },
      element("span", {}, `${SHOWN_MS / 60_000} min ago`),
      element("span", {}, "now"),
    ),
    facts.node,
    faults.node,
    element("h3", {}, "States, newest first"),
    states.node,
    element("h3", {}, "Drops, newest first"),
    noDrop,
    drops.node,
  );

  return {
    node,
    update(nowMs) {
      const snapshot = source.connection.snapshot;
      const { state, sinceMs } = snapshot;
      dot.dataset["state"] = state;
      setText(name, state);
      setText(reason, `${snapshot.reason}, for ${duration(nowMs - sinceMs)}`);
      reconnect.disabled = state === "closed";
      close.disabled = state === "closed";
      facts.update(factsOf(stream, snapshot, nowMs));
      faults.update();
      drawBand(band, stream.states, nowMs);
      states.update(stateRows(stream.states, nowMs));
      const dropped = dropRows(snapshot);
      noDrop.hidden = dropped.length > 0;
      drops.node.hidden = dropped.length === 0;
      drops.update(dropped);
    },
  };
}

function button(text: string, onclick: () => void): HTMLButtonElement {
  return element("button", { type: "button", onclick }, text);
}

/** Name and value; what is `wide` may be long. */
type Fact = readonly [name: string, value: string, isWide?: "wide"];

function factsOf(stream: StreamRecord, snapshot: ConnectionSnapshot, nowMs: number): Fact[] {
  const { attempts, nextAttemptAtMs, transport, source, gap } = snapshot;
  const counts = stream.source.connection.statistics;
  return [
    ["Events", String(counts.eventsDelivered)],
    ["Repeated", String(counts.duplicatesDropped)],
    ["Received", size(counts.bytes)],
    ["Requests", String(counts.requests)],
    ["Failed", String(attempts)],
    [
      "Next attempt",
      nextAttemptAtMs === undefined ? "–" : `in ${duration(nextAttemptAtMs - nowMs)}`,
    ],
    ["Drops", String(counts.incidents)],
    ["Gaps", String(counts.gaps)],
    ["Kept by", transport === "native" ? "the browser" : "Throughline"],
    ["Cursor", stream.source.lastEventId || "none yet", "wide"],
    ...(source === undefined ? [] : [fact("Source", `${source.state} (${source.reason})`)]),
    ...(gap === undefined
      ? []
      : [
          fact(
            "Newest gap",
            `${gap.from ?? "?"} to ${gap.to ?? "?"}, ${gap.reason}, at ${clock(gap.atMs)}`,
          ),
        ]),
  ];
}

function fact(name: string, value: string): Fact {
  return [name, value, "wide"];
}

function createFacts() {
  const node = element("dl", { className: "facts" });
  const values = new Map<string, { readonly box: HTMLElement; readonly value: HTMLElement }>();
  return {
    node,
    update(facts: readonly Fact[]) {
      const names = new Set(facts.map(([name]) => name));
      for (const [name, { box }] of values) {
        box.hidden = !names.has(name);
      }
      for (const [name, text, isWide] of facts) {
        let known = values.get(name);
        if (known === undefined) {
          const value = element("dd");
          const box = element("div", { className: isWide ?? "" }, element("dt", {}, name), value);
          known = { box, value };
          values.set(name, known);
          node.append(box);
        }
        setText(known.value, text);
      }
    },
  };
}

/** Each state as a stretch, from the oldest that is shown to now. */
function drawBand(band: HTMLElement, states: readonly StateRecord[], nowMs: number): void {
  const fromMs = nowMs - SHOWN_MS;
  const spans = states.flatMap(({ atMs, state, reason }, index) => {
    const endMs = states[index + 1]?.atMs ?? nowMs;
    if (endMs <= fromMs) return [];
    const beginMs = Math.max(atMs, fromMs);
    const span = element("span", {
      data: { state },
      title: `${state} (${reason}), ${duration(endMs - atMs)}`,
    });
    span.style.left = `${((beginMs - fromMs) / SHOWN_MS) * 100}%`;
    span.style.width = `${((endMs - beginMs) / SHOWN_MS) * 100}%`;
    return [span];
  });
  band.replaceChildren(...spans);
  band.setAttribute("aria-label", `States of the last ${SHOWN_MS / 60_000} minutes; listed below`);
}

/** A cell; with a state, it is marked by its dot. */
interface Cell {
  readonly text: string;
  readonly state?: string | undefined;
}

function stateRows(states: readonly StateRecord[], nowMs: number): Cell[][] {
  return states
    .map(({ atMs, state, reason }, index) => [
      { text: clock(atMs) },
      { text: state, state },
      { text: reason },
      { text: duration((states[index + 1]?.atMs ?? nowMs) - atMs) },
    ])
    .slice(-LISTED)
    .reverse();
}

function dropRows({ incidents }: ConnectionSnapshot): Cell[][] {
  return incidents
    .slice(-LISTED)
    .reverse()
    .map(({ detectedAtMs, lastByteAtMs, healedAtMs, reason }) => [
      { text: clock(detectedAtMs) },
      { text: reason },
      { text: `after ${duration(detectedAtMs - lastByteAtMs)}` },
      {
        text: healedAtMs === undefined ? "not yet" : `after ${duration(healedAtMs - lastByteAtMs)}`,
      },
    ]);
}

function createTable(headings: readonly string[]) {
  const head = headings.map((text) => element("th", { scope: "col" }, text));
  const body = element("tbody");
  return {
    node: element("table", {}, element("thead", {}, element("tr", {}, ...head)), body),
    update(rows: readonly (readonly Cell[])[]) {
      while (body.rows.length > rows.length) body.deleteRow(-1);
      for (const [index, cells] of rows.entries()) {
        const row = body.rows[index] ?? body.insertRow();
        for (const [at, cell] of cells.entries()) fillCell(row.cells[at] ?? row.insertCell(), cell);
      }
    },
  };
}

function fillCell(cell: HTMLElement, { text, state }: Cell): void {
  if (cell.textContent === text && cell.dataset["state"] === state) return;
  cell.replaceChildren(text);
  if (state === undefined) return;
  cell.dataset["state"] = state;
  const attributes = { "aria-hidden": "true" };
  cell.prepend(element("span", { className: "dot", data: { state }, attributes }));
}
