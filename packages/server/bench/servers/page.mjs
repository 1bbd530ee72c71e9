// The page of the benchmark in a browser: a list of the newest rows, as a dashboard has it, from a React hook.

import { createElement } from "react";
import { createRoot } from "react-dom/client";
import { useEventReducer } from "throughline/react";

const SHOWN = 50;

const seen = { events: 0, renderings: 0, longTasks: [] };
globalThis.seen = seen;

new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) seen.longTasks.push(duration);
}).observe({ type: "longtask", buffered: true });

function append({ count, rows }, { data }) {
  return { count: count + 1, rows: [data, ...rows].slice(0, SHOWN) };
}

function Feed() {
  const { state } = useEventReducer("/streams/bench", append, { count: 0, rows: [] });
  seen.events = state.count;
  seen.renderings += 1;
  return createElement(
    "ol",
    null,
    state.rows.map((row) => createElement("li", { key: row.slice(0, 10) }, row)),
  );
}

createRoot(document.body.appendChild(document.createElement("main"))).render(createElement(Feed));
