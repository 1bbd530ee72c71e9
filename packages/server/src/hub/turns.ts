// What comes together is answered together.

import type { HubEnvironment } from "./environment.js";

/**
 * The turns of the event loop. An answer wakes whoever waits for it, and that costs more than all else that a
 * small request does: where many wait in one process, the first answer of a turn wakes it for all of them.
 */
export class Turns {
  readonly #environment: Pick<HubEnvironment, "defer">;
  #ended: Promise<void> | undefined;

  constructor(environment: Pick<HubEnvironment, "defer">) {
    this.#environment = environment;
  }

  /** Resolves once all input that is ready now has been read, for all who ask in this turn at the same time. */
  ended(): Promise<void> {
    this.#ended ??= new Promise((resolve) => {
      this.#environment.defer(() => {
        this.#ended = undefined;
        resolve();
      });
    });
    return this.#ended;
  }
}
