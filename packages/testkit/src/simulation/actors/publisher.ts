// A program that publishes until it knows that what it has to say is stored.

import { createPublisher, type PublishEvent, type Publisher } from "throughline/publish";
import { Path, type PathSetup } from "../network/path.js";
import type { Machine } from "../time/machine.js";

/** What a publisher is like. */
export interface PublisherPlan {
  /** Whether it stamps its batches, which keeps them in order. */
  readonly isProducer: boolean;
  readonly attemptTimeoutMs: number;
  /** After so long it does not know what became of a batch. */
  readonly deadlineMs: number;
}

/** Who is told what became of a batch. */
export interface PublisherWitness {
  onAcknowledged(keys: readonly string[], cursors: readonly string[]): void;
  onFailed(keys: readonly string[], error: unknown): void;
}

/** One publisher. */
export class PublishingProgram {
  readonly name: string;
  readonly plan: PublisherPlan;
  readonly machine: Machine;
  readonly path: Path;
  /** Batches of which it does not know what became, also those that it will try again. */
  readonly pending = new Set<object>();
  readonly #setup: PathSetup;
  readonly #publisher: Publisher;

  constructor(name: string, plan: PublisherPlan, setup: PathSetup & { readonly url: string }) {
    this.name = name;
    this.plan = plan;
    this.machine = setup.client;
    this.path = new Path(setup);
    this.#setup = setup;
    const producer = plan.isProducer ? { id: name, epoch: 1 } : undefined;
    this.#publisher = setup.clock.on(this.machine, () =>
      createPublisher({
        url: setup.url,
        fetch: (target, request) => this.path.fetch(target, request),
        attemptTimeoutMs: plan.attemptTimeoutMs,
        deadlineMs: plan.deadlineMs,
        producer,
      }),
    );
  }

  publish(stream: string, events: readonly PublishEvent[], witness: PublisherWitness): void {
    this.#setup.clock.after(this.machine, 0, () => void this.#send(stream, events, witness));
  }

  async #send(
    stream: string,
    events: readonly PublishEvent[],
    witness: PublisherWitness,
  ): Promise<void> {
    const keys = events.map(({ id }) => id ?? "");
    try {
      const { cursors } = await this.#publisher.publish(stream, events);
      witness.onAcknowledged(keys, cursors);
    } catch (error) {
      witness.onFailed(keys, error);
    }
  }
}
