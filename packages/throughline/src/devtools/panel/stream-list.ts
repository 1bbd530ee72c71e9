// The streams of the page, to choose from.

import type { StreamRecord } from "../recorder.js";
import { element, setText } from "./element.js";
import { shortUrl } from "./words.js";

/** One stream of the list. */
interface Row {
  readonly item: HTMLElement;
  update(isChosen: boolean): void;
}

/** The list. */
export interface StreamList {
  readonly node: HTMLElement;
  update(streams: readonly StreamRecord[], chosen: StreamRecord | undefined): void;
}

/** @param onChoose is told which stream shall be shown */
export function createStreamList(onChoose: (stream: StreamRecord) => void): StreamList {
  const rows = new Map<StreamRecord, Row>();
  const list = element("ul", { className: "streams" });
  return {
    node: element("nav", { attributes: { "aria-label": "Streams" } }, list),
    update(streams, chosen) {
      for (const [stream, { item }] of rows) {
        if (streams.includes(stream)) continue;
        item.remove();
        rows.delete(stream);
      }
      for (const stream of streams) {
        const row = rows.get(stream) ?? createRow(stream, () => onChoose(stream));
        if (!rows.has(stream)) {
          rows.set(stream, row);
          // The newest is what one has just opened.
          list.prepend(row.item);
        }
        row.update(stream === chosen);
      }
    },
  };
}

function createRow(stream: StreamRecord, onChoose: () => void): Row {
  const dot = element("span", { className: "dot", attributes: { "aria-hidden": "true" } });
  const mark = element("span", { className: "mark" });
  const about = element("small");
  const button = element(
    "button",
    { type: "button", title: stream.url, onclick: onChoose },
    dot,
    element("span", { className: "url" }, shortUrl(stream.url)),
    mark,
    about,
  );
  return {
    item: element("li", {}, button),
    update(isChosen) {
      const { state, statistics } = stream.source.connection;
      dot.dataset["state"] = state;
      setText(mark, stream.faults.isActive ? "fault" : "");
      setText(about, `${state} · ${statistics.eventsDelivered} events`);
      button.setAttribute("aria-current", String(isChosen));
    },
  };
}
