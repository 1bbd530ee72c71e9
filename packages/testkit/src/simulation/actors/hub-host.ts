// A process that runs a hub.

import type { IncomingMessage, ServerResponse } from "node:http";
import { createHub, type Hub, type HubNotice } from "@throughline/server/hub";
import type { Store } from "../disk/store.js";
import type { Backend, Exchange } from "../network/exchange.js";
import type { SimulatedRequest, SimulatedResponse } from "../network/server-end.js";
import type { Machine } from "../time/machine.js";
import type { VirtualClock } from "../time/virtual-clock.js";

/** How a hub is set up: small numbers, so that a short run reaches every bound. */
export interface HubPlan {
  readonly leaseMs: number;
  readonly heartbeatMs: number;
  readonly highWaterBytes: number;
  readonly cacheEvents: number;
  readonly windowBytes: number;
}

/** Scenarios have larger events than a hub takes by default. */
const LARGEST_BYTES = 16 * 1024 * 1024;

/** Who is told what a hub says. */
export interface HubWitness {
  onNotice(notice: HubNotice): void;
  onError(error: unknown): void;
}

/** One process. */
export class HubHost implements Backend {
  readonly machine: Machine;
  readonly exchanges = new Set<Exchange>();
  readonly windowBytes: number;
  readonly hub: Hub;
  readonly #clock: VirtualClock;

  constructor(
    clock: VirtualClock,
    name: string,
    setup: { readonly plan: HubPlan; readonly store: Store; readonly witness: HubWitness },
  ) {
    const { plan, store, witness } = setup;
    this.#clock = clock;
    this.machine = clock.createMachine(name, { startedMs: 7000 });
    this.windowBytes = plan.windowBytes;
    this.hub = clock.on(this.machine, () =>
      createHub({
        log: store.openFor(this.machine),
        maxEventBytes: LARGEST_BYTES,
        leaseMs: plan.leaseMs,
        heartbeatMs: plan.heartbeatMs,
        highWaterBytes: plan.highWaterBytes,
        cache: { events: plan.cacheEvents, bytes: 1024 * 1024 },
        onError: (error) => witness.onError(error),
        observer: (notice) => witness.onNotice(notice),
      }),
    );
  }

  handle(request: SimulatedRequest, response: SimulatedResponse): void {
    this.hub.handleNode(
      request as IncomingMessage,
      response as unknown as ServerResponse<IncomingMessage>,
    );
  }

  /** Shuts down in good order. */
  close(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.#clock.after(this.machine, 0, () => resolve(this.hub.close({ withinMs })));
    });
  }

  /** Kills it: the system closes its connections, or goes with it and nobody does. */
  crash(how: "process" | "power"): void {
    this.machine.crash();
    for (const exchange of [...this.exchanges]) exchange.onServerCrashed(how);
    this.exchanges.clear();
  }
}
