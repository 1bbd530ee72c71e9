// One server with its readers: publishes to them, and says what that cost.

import { request } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { cpuMicros } from "./cpu.mjs";
import { faultsOf } from "./crowd.mjs";
import { eventsFrom } from "./events.mjs";

/** What has not come by then will not: the run goes on, and says at its end what is missing. */
const LOST_AFTER_MS = 10_000;

/** Deliveries until a server's code is compiled as well as it will be. */
const WARM_UP = 100_000;

export class Stage {
  #server;
  #crowd;
  #publisher;
  /** The number of the next event. */
  #next = 1;

  constructor({ server, crowd, publisher }) {
    this.#server = server;
    this.#crowd = crowd;
    this.#publisher = publisher;
  }

  get next() {
    return this.#next;
  }

  /** Publishes so many events that arrive together. */
  async publish(count = 1) {
    const events = eventsFrom(this.#next, count);
    this.#next += count;
    await this.#publisher.send(this.#server.publish(events));
  }

  /**
   * Publishes `turns` times `together` events, and waits until all readers have all of them.
   *
   * @param options.everyMs how long after the last turn the next one begins; without it, when all
   *   readers have what was published: a server that is behind makes one write of two events
   */
  async deliver(readers, { turns, together = 1, everyMs, withDelays = false }) {
    const deliveries = readers * turns * together;
    const step = everyMs === undefined ? readers * together : 0;
    await this.#crowd.expect(deliveries, { withDelays, step });
    const pids = this.#server.pids();
    const cpuBefore = cpuMicros(pids);
    const beganMs = performance.now();
    for (let turn = 0; turn < turns; turn += 1) {
      if (everyMs !== undefined) await until(beganMs + turn * everyMs);
      const arrived = everyMs === undefined ? this.#crowd.progress() : undefined;
      await this.publish(together);
      await Promise.race([arrived, pause(LOST_AFTER_MS)]);
    }
    const seen = await this.#crowd.finish();
    const cpu = cpuMicros(pids) - cpuBefore;
    const { delays, busy } = seen;
    return { cpuPerDelivery: cpu / deliveries, delays, busy, faults: faultsOf(seen) };
  }

  /**
   * As many turns as take about a second of the server's time, after those that make it warm. So a
   * server that is thirty times slower does not take thirty times longer to measure.
   */
  async deliverForAWhile(readers, { together = 1, seconds = 1 }) {
    const deliveries = readers * together;
    const warmTurns = Math.ceil((WARM_UP * Math.min(1, seconds)) / deliveries);
    const warmUp = await this.deliver(readers, { turns: Math.max(1, warmTurns), together });
    const perTurn = (warmUp.cpuPerDelivery * deliveries) / 1e6;
    const turns = Math.min(2000, Math.max(2, Math.round(seconds / perTurn)));
    const measured = await this.deliver(readers, { turns, together });
    return { ...measured, faults: measured.faults ?? warmUp.faults };
  }

  /** The id under which a reader knows the newest event: publishes one to find out. */
  async newestId() {
    const found = idOf(this.#server, this.#next);
    await found.isOpen;
    await this.publish();
    return await found.id;
  }
}

async function until(ms) {
  const leftMs = ms - performance.now();
  if (leftMs > 0) await pause(leftMs);
}

async function pause(ms) {
  await delay(ms, undefined, { ref: false });
}

/** Reads a stream until the event with this number, and returns its id. */
function idOf(server, number) {
  const mark = `#${String(number).padStart(9, "0")}`;
  const path = server.subscribe().split(" ")[1];
  const outgoing = request({ port: server.port, host: "127.0.0.1", path, agent: false });
  outgoing.setHeader("accept", "text/event-stream");
  outgoing.end();
  let opened = () => {};
  const isOpen = new Promise((resolve) => {
    opened = resolve;
  });
  const id = new Promise((resolve, reject) => {
    outgoing.on("error", reject);
    outgoing.on("response", (response) => {
      let text = "";
      opened();
      response.setEncoding("latin1");
      response.on("data", (chunk) => {
        text += chunk;
        const block = text.split("\n\n").find((candidate) => candidate.includes(mark));
        const found = /^id: ?(.*)$/m.exec(block ?? "")?.[1];
        if (found === undefined) return;
        outgoing.destroy();
        resolve(found.trim());
      });
    });
  });
  // It is awaited later, and has been heard of then.
  id.catch(() => {});
  return { isOpen, id };
}
