// The readers, as the workloads see them. They are in a process of their own: `crowd-process.mjs`.

import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { CORES } from "./children.mjs";

const PROGRAM = fileURLToPath(new URL("crowd-process.mjs", import.meta.url));

export class Crowd {
  #child;
  #children;
  #ended;
  #onAnswer = () => {};
  #onProgress = () => {};

  constructor(children) {
    const stdio = ["ignore", "inherit", "inherit", "ipc"];
    this.#children = children;
    this.#child = children.start(CORES.load, process.execPath, [PROGRAM], { stdio });
    this.#child.on("message", (message) => {
      if ("progress" in message) this.#onProgress();
      else this.#onAnswer(message);
    });
    this.#ended = once(this.#child, "exit").then(() => ({ error: "the readers have ended" }));
  }

  /** So many readers who know what has to come next, and are not connected. */
  seat(count, next) {
    return this.#tell({ command: "seat", count, next });
  }

  /** Opens `count` connections; each of the requests is used in turn. */
  connect(server, count, { requests = [server.subscribe()], next = 0 } = {}) {
    return this.#tell({ command: "connect", port: server.port, requests, count, next });
  }

  /** Begins to count records: what comes from now on. Tells of every `step` records. */
  expect(records, { withDelays = false, step = 0 } = {}) {
    return this.#tell({ command: "expect", records, withDelays, step });
  }

  /** Resolves when the next step has come; ask before it is published. */
  progress() {
    return new Promise((resolve) => {
      this.#onProgress = resolve;
    });
  }

  /** Resolves when they have come, with what was lost and repeated. */
  finish() {
    return this.#tell({ command: "finish" });
  }

  drop() {
    return this.#tell({ command: "drop" });
  }

  reconnect(server, requests, records) {
    return this.#tell({ command: "reconnect", port: server.port, requests, records });
  }

  end() {
    return this.#children.end(this.#child);
  }

  async #tell(message) {
    const answered = new Promise((resolve) => {
      this.#onAnswer = resolve;
    });
    this.#child.send(message);
    const { answer, error } = await Promise.race([answered, this.#ended]);
    if (error !== undefined) throw new Error(error);
    return answer;
  }
}

/** What was wrong with what the readers got, in words; `undefined` where nothing was. */
export function faultsOf({ lost, repeated, hungUp }) {
  const faults = [];
  if (lost > 0) faults.push(`${lost} lost`);
  if (repeated > 0) faults.push(`${repeated} repeated or out of order`);
  if (hungUp > 0) faults.push(`${hungUp} connections broken`);
  return faults.length === 0 ? undefined : faults.join(", ");
}
