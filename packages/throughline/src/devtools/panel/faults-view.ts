// The controls that break a stream.

import type { StreamRecord } from "../recorder.js";
import { element, setText } from "./element.js";

/** The controls of one stream's faults. */
export interface FaultsView {
  readonly node: HTMLElement;
  update(): void;
}

const DELAYS_MS = [0, 200, 1000, 3000, 10_000];

/** Shows and sets the faults of `stream`. */
export function createFaultsView({ faults, source }: StreamRecord): FaultsView {
  const silence = button("Silence", () => faults.silence(!faults.isSilent));
  silence.title = "Nothing comes through, and nobody says so";
  const lease = button("Lose the lease", () => faults.loseLease(!faults.losesLease));
  lease.title = "The next renewal is answered as if the server had forgotten the connection";
  const delay = element(
    "select",
    { onchange: () => faults.delay(Number(delay.value)) },
    ...DELAYS_MS.map((ms) =>
      element("option", { value: String(ms) }, ms === 0 ? "no delay" : `${ms} ms late`),
    ),
  );
  const attempts = element("input", { type: "number", min: "1", max: "99", value: "3" });
  const count = () => Math.max(1, Math.min(99, Math.round(Number(attempts.value)) || 1));
  const clear = button("Clear faults", () => faults.clear());
  const note = element("p", { attributes: { role: "status" } });

  const node = element(
    "fieldset",
    { className: "faults" },
    element("legend", {}, "Injected faults"),
    element(
      "div",
      { className: "row" },
      button("Drop the connection", () => faults.drop()),
      silence,
      lease,
    ),
    element(
      "div",
      { className: "row" },
      element("label", {}, "Next", attempts, "attempts:"),
      button("Refuse", () => faults.refuse(count())),
      button("Answer 503", () => faults.answerUnavailable(count())),
    ),
    element("div", { className: "row" }, element("label", {}, "Bytes", delay), clear),
    note,
  );
  return {
    node,
    update() {
      silence.setAttribute("aria-pressed", String(faults.isSilent));
      lease.setAttribute("aria-pressed", String(faults.losesLease));
      delay.value = String(faults.delayMs);
      clear.disabled = !faults.isActive;
      const isNative = source.connection.snapshot.transport === "native";
      // The text of a live region that is hidden would not be read out when it comes back.
      setText(note, isNative ? "The browser keeps this stream: faults do not reach it." : told());
      note.style.display = note.textContent === "" ? "none" : "";
    },
  };

  function told(): string {
    const told = [
      faults.refusals > 0 && `${faults.refusals} more to refuse`,
      faults.unavailable > 0 && `${faults.unavailable} more to answer 503`,
      faults.losesLease && "the lease is lost at its next renewal, within 30 s",
    ];
    return told.filter(Boolean).join("; ");
  }
}

function button(text: string, onclick: () => void): HTMLButtonElement {
  return element("button", { type: "button", onclick }, text);
}
