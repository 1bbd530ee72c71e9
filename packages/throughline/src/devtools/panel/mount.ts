// The panel: a button in the corner, and what it opens.

import type { Recorder, StreamRecord } from "../recorder.js";
import { installDevtools } from "../recorder.js";
import { element, setText } from "./element.js";
import type { EventsView } from "./events-view.js";
import { createEventsView } from "./events-view.js";
import { createStreamList } from "./stream-list.js";
import type { StreamView } from "./stream-view.js";
import { createStreamView } from "./stream-view.js";
import { STYLES } from "./styles.js";

/** Options of {@link mountDevtools}. */
export interface PanelOptions {
  /** Whether it is open at first. Default `false`. */
  readonly isOpen?: boolean | undefined;
}

/** Times that pass are shown anew so often while the panel is open. Milliseconds. */
const TICK_MS = 1000;

/**
 * Puts the panel into the page: a button in the corner that opens it. It draws only while it is open,
 * once per frame at most; closed, it has no timer.
 *
 * @returns a function that takes it out again; the recorder goes on
 */
export function mountDevtools({ isOpen = false }: PanelOptions = {}): () => void {
  const recorder = installDevtools();
  const host = element("div", { data: { throughlineDevtools: "" } });
  const shadow = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLES);
  shadow.adoptedStyleSheets = [sheet];
  const panel = createPanel(recorder);
  shadow.append(panel.node);
  document.body.append(host);
  panel.setOpen(isOpen);
  return () => {
    panel.end();
    host.remove();
  };
}

function createPanel(recorder: Recorder) {
  let isOpen = false;
  let frame: number | undefined;
  let timer: ReturnType<typeof setInterval> | undefined;
  let chosen: StreamRecord | undefined;
  let views: { readonly stream: StreamView; readonly events: EventsView } | undefined;

  const dot = element("span", { className: "dot", attributes: { "aria-hidden": "true" } });
  const label = element("span");
  const toggle = element(
    "button",
    {
      type: "button",
      className: "toggle",
      attributes: { "aria-expanded": "false", "aria-controls": "drawer" },
      onclick: () => {
        setOpen(true);
        // The button is gone, and with it the place of whoever uses a keyboard.
        close.focus({ preventScroll: true });
      },
    },
    dot,
    label,
  );
  const list = createStreamList(choose);
  const forget = button("Forget closed", () => recorder.forgetClosed());
  const close = button("Hide", () => {
    setOpen(false);
    toggle.focus();
  });
  const columns = element("div", { className: "columns" });
  const empty = element(
    "div",
    { className: "empty" },
    element("p", {}, "No stream has been opened since the devtools were installed."),
    element(
      "p",
      {},
      "Streams that were open before are not seen: load the devtools before the application.",
    ),
  );
  const summary = element("p");
  const drawer = element(
    "div",
    {
      id: "drawer",
      className: "drawer",
      hidden: true,
      attributes: { role: "region", "aria-label": "Throughline devtools" },
      onkeydown: (event) => {
        if (event.key === "Escape") close.click();
      },
    },
    element(
      "div",
      { className: "bar" },
      element("h2", {}, "Throughline"),
      summary,
      element("span", { className: "space" }),
      forget,
      close,
    ),
    columns,
    empty,
  );

  function choose(stream: StreamRecord): void {
    chosen = stream;
    views = { stream: createStreamView(stream), events: createEventsView(stream) };
    columns.replaceChildren(list.node, views.stream.node, views.events.node);
    draw();
  }

  function setOpen(wanted: boolean): void {
    isOpen = wanted;
    toggle.hidden = wanted;
    drawer.hidden = !wanted;
    clearInterval(timer);
    timer = wanted ? setInterval(drawSoon, TICK_MS) : undefined;
    draw();
  }

  function drawSoon(): void {
    // In a hidden page there are no frames, and nobody looks.
    frame ??= requestAnimationFrame(() => {
      frame = undefined;
      draw();
    });
  }

  function draw(): void {
    const { streams } = recorder;
    drawToggle(streams);
    if (!isOpen) return;
    if (chosen === undefined || !streams.includes(chosen)) {
      const first = streams.findLast(({ isOver }) => !isOver) ?? streams.at(-1);
      chosen = undefined;
      if (first !== undefined) {
        choose(first);
        return;
      }
    }
    columns.hidden = chosen === undefined;
    empty.hidden = chosen !== undefined;
    const open = streams.filter(({ isOver }) => !isOver).length;
    setText(summary, `${open} open, ${streams.length - open} closed`);
    forget.disabled = streams.length === open;
    list.update(streams, chosen);
    views?.stream.update(Date.now());
    views?.events.update();
  }

  /** The worst state of all, so that a glance is enough. */
  function drawToggle(streams: readonly StreamRecord[]): void {
    const open = streams.filter(({ isOver }) => !isOver);
    const states = new Set(open.map(({ source }) => source.connection.state));
    const worst = BY_SEVERITY.find((state) => states.has(state)) ?? "idle";
    dot.dataset["state"] = worst;
    const streamsText = open.length === 1 ? "1 stream" : `${open.length} streams`;
    setText(label, `Throughline: ${streamsText}`);
    toggle.title = `Open the Throughline devtools (${worst})`;
  }

  const unsubscribe = recorder.subscribe(() => {
    if (isOpen) drawSoon();
    else drawToggle(recorder.streams);
  });

  return {
    node: element("div", { className: "root" }, toggle, drawer),
    setOpen,
    end() {
      unsubscribe();
      clearInterval(timer);
      if (frame !== undefined) cancelAnimationFrame(frame);
    },
  };
}

const BY_SEVERITY = ["failed", "waiting", "stale", "connecting", "paused", "idle", "live"] as const;

function button(text: string, onclick: () => void): HTMLButtonElement {
  return element("button", { type: "button", onclick }, text);
}
