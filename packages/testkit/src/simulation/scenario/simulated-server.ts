// The server of a scenario on virtual time: a hub over a disk of its own, with the same actions as on the
// real network.

import { StreamError } from "throughline/core";
import type { ScenarioServer } from "../../network-run/index.js";
import type { HubAction } from "../../scenario/index.js";
import { HubHost } from "../actors/hub-host.js";
import { Store } from "../disk/store.js";
import type { Answering } from "../network/exchange.js";
import type { VirtualClock } from "../time/virtual-clock.js";

/** The defaults of a hub, and a socket as it is. */
const HUB = {
  leaseMs: 30_000,
  heartbeatMs: 30_000,
  highWaterBytes: 64 * 1024,
  cacheEvents: 1024,
  windowBytes: 64 * 1024,
};

/** A hub that can be killed and started again over what it has stored. */
export class SimulatedServer implements ScenarioServer {
  readonly upstream = { host: "hub.simulation", port: 80 };
  readonly countsOffsets = true;
  readonly actions: readonly HubAction[] = ["kill", "start", "trim", "wipe", "seal"];
  serving: Answering;
  readonly #clock: VirtualClock;
  readonly #store: Store;
  readonly #onError: (error: unknown) => void;
  #starts = 0;

  constructor(clock: VirtualClock, onError: (error: unknown) => void) {
    this.#clock = clock;
    this.#onError = onError;
    this.#store = new Store(clock, { maxEvents: 100_000, tailMs: 0 }, () => {});
    this.serving = this.#start();
  }

  path(stream: string): string {
    return `/streams/${stream}?cursor=earliest`;
  }

  /** As a publisher in the same process: what its own network does is not the scenario's subject. */
  publish(stream: string, data: string): Promise<void> {
    const { serving } = this;
    if (!(serving instanceof HubHost)) return Promise.reject(unavailable());
    const { hub, machine } = serving;
    return new Promise((resolve, reject) => {
      this.#clock.after(machine, 0, () => {
        hub.publish(stream, { data }).then(() => resolve(), reject);
      });
    });
  }

  async act(action: HubAction): Promise<void> {
    const { serving } = this;
    switch (action) {
      case "kill":
        if (serving instanceof HubHost) serving.crash("process");
        this.serving = "nobody";
        return;
      case "start":
        this.serving = this.#start();
        return;
      case "trim":
        return this.#store.trim(0);
      case "wipe":
        return this.#store.replace(0);
      case "seal":
        return this.#store.seal();
    }
  }

  async close(): Promise<void> {
    if (this.serving instanceof HubHost) await this.serving.close(0);
  }

  #start(): HubHost {
    this.#starts += 1;
    const witness = { onNotice: () => {}, onError: this.#onError };
    const setup = { plan: HUB, store: this.#store, witness };
    return new HubHost(this.#clock, `hub-${this.#starts}`, setup);
  }
}

function unavailable(): StreamError {
  return new StreamError("The hub of the simulation is down.", {
    code: "http",
    fault: "remote",
    retryable: true,
  });
}
