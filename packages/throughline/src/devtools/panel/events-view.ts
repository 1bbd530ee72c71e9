// The events of one stream, newest first.

import type { EventRecord, StreamRecord } from "../recorder.js";
import { element, setText } from "./element.js";
import { clock } from "./words.js";

/** Events that are shown at once; the filter reaches all that are kept. */
const SHOWN = 200;
/** Of an event's data, in its line. */
const PREVIEW_LENGTH = 300;
/** Of an event's id, in its line. */
const ID_LENGTH = 14;

/** What shows the events of one stream. */
export interface EventsView {
  readonly node: HTMLElement;
  update(): void;
}

/** Shows the events of `stream`. */
export function createEventsView(stream: StreamRecord): EventsView {
  /** The lines that are shown, newest first. */
  let shown: { readonly event: EventRecord; readonly line: HTMLElement }[] = [];
  /** While paused: the newest event that is shown. */
  let pausedAt: number | undefined;

  const filter = element("input", {
    type: "search",
    placeholder: "Filter by type, data or id",
    attributes: { "aria-label": "Filter events" },
    oninput: () => rebuild(),
  });
  const pause = element(
    "button",
    { type: "button", attributes: { "aria-pressed": "false" }, onclick: () => togglePause() },
    "Pause",
  );
  const clear = element(
    "button",
    { type: "button", onclick: () => stream.forgetEvents() },
    "Clear",
  );
  const count = element("output");
  const list = element("ol", { className: "list", attributes: { "aria-label": "Events" } });
  const none = element("p", { className: "empty" });

  function togglePause(): void {
    pausedAt = pausedAt === undefined ? (stream.events.at(-1)?.number ?? 0) : undefined;
    pause.setAttribute("aria-pressed", String(pausedAt !== undefined));
    rebuild();
  }

  function wanted(): readonly EventRecord[] {
    const text = filter.value.toLowerCase();
    const isWanted = ({ number, type, data, lastEventId }: EventRecord) =>
      number <= (pausedAt ?? Infinity) &&
      (text === "" || `${type}\n${lastEventId}\n${data}`.toLowerCase().includes(text));
    return stream.events.filter(isWanted).slice(-SHOWN).reverse();
  }

  function rebuild(): void {
    for (const { line } of shown) line.remove();
    shown = [];
    update();
  }

  function update(): void {
    const events = wanted();
    const newest = shown[0]?.event.number ?? 0;
    // Lines that are there stay what they are: somebody may be reading one, or have opened it.
    const added = events
      .filter(({ number }) => number > newest)
      .map((event) => ({ event, line: createLine(event) }));
    list.prepend(...added.map(({ line }) => line));
    shown = [...added, ...shown];
    const kept = new Set(events);
    shown = shown.filter(({ event, line }) => {
      if (!kept.has(event)) line.remove();
      return kept.has(event);
    });
    const total = stream.events.length;
    const missed = stream.events.filter(({ number }) => number > (pausedAt ?? Infinity)).length;
    setText(count, missed > 0 ? `${missed} new` : `${shown.length} of ${total}`);
    none.hidden = shown.length > 0;
    setText(none, total === 0 ? "No event yet." : "No event fits the filter.");
  }

  const tools = element("div", { className: "tools" }, filter, count, pause, clear);
  return {
    node: element(
      "section",
      { className: "events", attributes: { "aria-label": "Events" } },
      tools,
      element("div", { className: "list" }, none, list),
    ),
    update,
  };
}

function createLine(event: EventRecord): HTMLElement {
  const { atMs, type, lastEventId, data } = event;
  const at = clock(atMs);
  const details = element(
    "details",
    {
      // The whole is made when somebody wants to see it.
      ontoggle: () => {
        if (details.open && details.childElementCount === 1) details.append(createWhole(event));
      },
    },
    element(
      "summary",
      {},
      element("time", { dateTime: new Date(atMs).toISOString() }, at),
      element("span", { className: "type", title: type }, type),
      element("span", { className: "data" }, data.slice(0, PREVIEW_LENGTH)),
      element("span", { className: "id", title: lastEventId }, ending(lastEventId)),
    ),
  );
  return element("li", {}, details);
}

/** Ids begin alike, and differ at the end. */
function ending(id: string): string {
  return id.length > ID_LENGTH ? `…${id.slice(1 - ID_LENGTH)}` : id;
}

function createWhole({ type, lastEventId, data, length }: EventRecord): HTMLElement {
  const about = `${type} · id ${lastEventId || "none"} · ${length} characters`;
  const cut = length > data.length ? `, the first ${data.length} shown` : "";
  return element(
    "div",
    { className: "whole" },
    element("p", { className: "about" }, about + cut),
    element("pre", { tabIndex: 0 }, indented(data)),
  );
}

/** JSON in lines, anything else as it is. */
function indented(data: string): string {
  try {
    return JSON.stringify(JSON.parse(data), null, 2);
  } catch {
    // No JSON, and none has to be.
    return data;
  }
}
