// Carries out the operations of a plan in a world.

import { BEGIN_MS } from "../checkers/allowances.js";
import { dataOf } from "./disk/event-data.js";
import { STREAM } from "./disk/store.js";
import { type Conditions, fairConditions } from "./network/conditions.js";
import type { Path } from "./network/path.js";
import type { Action, Operation } from "./plan.js";
import type { WatchedReader, World } from "./world.js";

/** How often a program publishes a batch again of which it was not told that it is stored. */
const MOST_REPEATS = 40;

/** A batch that failed is published again after this. */
const REPEAT_AFTER_MS = 500;

/** What is done to a path for a while; several may overlap. */
type PathAction = Extract<
  Action,
  { readonly kind: "freeze" | "door" | "buffer" | "slow" | "hide-leaving" | "cut" }
>;

/** Carries out operations. */
export class Stagehand {
  readonly #world: World;
  readonly #onPath = new Map<Path, Set<PathAction>>();

  constructor(world: World) {
    this.#world = world;
  }

  schedule(operations: readonly Operation[]): void {
    const { clock, notebook } = this.#world;
    for (const operation of operations) {
      clock.at(clock.outside, operation.atMs, () => {
        notebook.tell("world", () => describe(operation));
        if (operation.of !== undefined) notebook.reach(`fault: ${operation.of}`);
        this.#carryOut(operation);
      });
    }
  }

  #carryOut(operation: Operation): void {
    switch (operation.kind) {
      case "publish":
        this.#publish(operation, 0);
        return;
      case "freeze":
      case "door":
      case "buffer":
      case "slow":
      case "hide-leaving":
      case "cut":
        this.#changePath(operation);
        return;
      case "reset":
      case "forget":
        this.#world.path(operation.path)?.[operation.kind]();
        this.#reader(operation.path)?.watch.disturb();
        return;
      case "crash":
        this.#crash(operation);
        return;
      case "deploy":
        this.#deploy(operation.withinMs);
        return;
      case "stall-hub":
        this.#world.host?.machine.sleep(operation.forMs);
        this.#hinderAll(operation.forMs, () => {});
        return;
      case "break-disk":
        this.#trouble({ failure: operation.failure }, operation.forMs, NO_FAILURE);
        return;
      case "slow-disk": {
        const { writeMs, readMs, forMs } = operation;
        const slow = { writeMs, readMs, answerMs: writeMs };
        this.#trouble(slow, forMs, NOT_SLOW);
        return;
      }
      case "trim":
        void this.#world.store.trim(operation.keptEvents);
        return;
      case "replace":
        this.#disturbAll();
        void this.#world.store.replace(operation.keptEvents);
        return;
      default:
        this.#onReader(operation);
        return;
    }
  }

  #onReader(operation: Extract<Action, { readonly reader: number }>): void {
    const watched = this.#reader(operation.reader);
    if (watched === undefined) return;
    const { reader, watch } = watched;
    const { machine } = reader;
    const { clock } = this.#world;
    switch (operation.kind) {
      case "sleep":
        machine.sleep(operation.forMs);
        this.#hinder([watched], operation.forMs, () => {});
        return;
      case "throttle":
        machine.throttle(operation.everyMs);
        this.#hinder([watched], operation.forMs, () => machine.throttle(0));
        return;
      case "skew":
        machine.skewMs = operation.ms;
        return;
      case "nudge":
        clock.after(machine, 0, () => machine.dispatch("online"));
        return;
      case "reconnect":
        watch.disturb();
        // At the moment itself: an answer that asks for a pause may come right before it.
        clock.after(machine, 0, () => {
          watch.liveness.demand(clock.nowMs);
          reader.source?.reconnect();
        });
        return;
      case "put-aside":
        clock.after(machine, 0, () => machine.dispatch("pagehide"));
        this.#hinder([watched], operation.forMs, () => {
          clock.after(machine, 0, () => machine.dispatch("pageshow"));
        });
        return;
    }
  }

  #publish(publication: Extract<Action, { kind: "publish" }>, repeats: number): void {
    const { publishers, notebook, acknowledged, clock, store } = this.#world;
    const program = publishers[publication.publisher];
    if (program === undefined) return;
    const { keys, topic, bytes } = publication;
    const events = keys.map((key) => ({ id: key, topic, data: dataOf(key, bytes) }));
    program.pending.add(publication);
    program.publish(STREAM, events, {
      onAcknowledged: (acknowledgedKeys, cursors) => {
        program.pending.delete(publication);
        notebook.tell(program.name, () => `is told that ${keys.join(" ")} are stored`);
        acknowledgedKeys.forEach((key, at) => {
          const cursor = cursors[at] ?? "";
          acknowledged.set(key, cursor);
          if (store.truth.at(cursor)?.key === key) return;
          notebook.breach("not-stored", `${program.name} was told that ${key} is at ${cursor}`);
        });
      },
      onFailed: (_keys, error) => {
        notebook.tell(program.name, () => `fails to publish ${keys.join(" ")}: ${String(error)}`);
        notebook.reach("publish failed");
        // A producer is closed by a batch of which nobody knows: its program gives up, as it is told to.
        const givesUp = program.plan.isProducer || repeats === MOST_REPEATS;
        if (givesUp) program.pending.delete(publication);
        if (program.plan.isProducer) return;
        if (repeats === MOST_REPEATS) {
          notebook.breach("not-published", `${program.name}: ${keys.join(" ")}: ${String(error)}`);
        } else {
          clock.after(program.machine, REPEAT_AFTER_MS, () =>
            this.#publish(publication, repeats + 1),
          );
        }
      },
    });
  }

  // ---- paths --------------------------------------------------------------------------------------

  #changePath(action: PathAction): void {
    const path = this.#world.path(action.path);
    if (path === undefined) return;
    const actions = this.#onPath.get(path) ?? new Set();
    this.#onPath.set(path, actions);
    actions.add(action);
    this.#settle(path, actions);
    const watched = this.#reader(action.path);
    const hindered = watched === undefined ? [] : [watched];
    const end = () => {
      actions.delete(action);
      this.#settle(path, actions);
    };
    if (action.kind !== "buffer") {
      this.#hinder(hindered, action.forMs, end);
      return;
    }
    // Whole responses get through, and have to be asked for.
    watched?.watch.obscure();
    this.#hinder([], action.forMs, () => {
      end();
      watched?.watch.unveil();
    });
    excuse(hindered, this.#world.clock.nowMs);
  }

  /** Makes a path what the actions on it, together, make of it. */
  #settle(path: Path, actions: ReadonlySet<PathAction>): void {
    const conditions: Partial<Conditions> = {
      ...FAIR,
      ...Object.assign({}, ...[...actions].map(conditionsOf)),
    };
    path.change(conditions);
    path.disarm();
    for (const action of actions) if (action.kind === "cut") path.arm(action.cut);
  }

  // ---- hubs ---------------------------------------------------------------------------------------

  #crash({ how, forMs }: Extract<Action, { kind: "crash" }>): void {
    const world = this.#world;
    const { host } = world;
    if (host === undefined) return;
    host.crash(how);
    world.serving = how === "process" ? "nobody" : "silence";
    this.#hinderAll(forMs, () => {
      world.serving = world.startHost();
    });
  }

  #deploy(withinMs: number): void {
    const world = this.#world;
    const { host } = world;
    if (host === undefined || host.machine.isAsleep) return;
    world.serving = world.startHost();
    world.leaving.add(host);
    this.#disturbAll();
    void host.close(withinMs).then(() => {
      world.leaving.delete(host);
      world.notebook.tell(host.machine.name, () => "has shut down");
      this.#disturbAll();
    });
  }

  #trouble(trouble: Partial<World["store"]["trouble"]>, forMs: number, over: typeof trouble): void {
    Object.assign(this.#world.store.trouble, trouble);
    this.#hinderAll(forMs, () => Object.assign(this.#world.store.trouble, over));
  }

  // ---- who is hindered ----------------------------------------------------------------------------

  #reader(index: number): WatchedReader | undefined {
    return this.#world.readers[index];
  }

  #disturbAll(): void {
    for (const { watch } of this.#world.readers) watch.disturb();
  }

  #hinderAll(forMs: number, end: () => void): void {
    this.#hinder(this.#world.readers, forMs, end);
  }

  #hinder(watched: readonly WatchedReader[], forMs: number, end: () => void): void {
    const { clock, notebook } = this.#world;
    for (const { watch } of watched) watch.hinder();
    clock.after(clock.outside, forMs, () => {
      notebook.tell("world", () => "one trouble is over");
      end();
      for (const { watch } of watched) watch.relieve();
    });
    excuse(watched, clock.nowMs + forMs);
  }
}

function excuse(watched: readonly WatchedReader[], untilMs: number): void {
  for (const { watch } of watched) watch.liveness.excuse(untilMs + BEGIN_MS);
}

const { latencyMs: _latency, jitterMs: _jitter, splits: _splits, ...FAIR } = fairConditions(0);
const NO_FAILURE = { failure: undefined };
const NOT_SLOW = { writeMs: 0, readMs: 0, answerMs: 0 };

function conditionsOf(action: PathAction): Partial<Conditions> {
  switch (action.kind) {
    case "freeze": {
      const { direction } = action;
      return {
        ...(direction === "down" ? {} : { isUpFrozen: true }),
        ...(direction === "up" ? {} : { isDownFrozen: true }),
      };
    }
    case "door":
      return { door: action.door };
    case "buffer":
      return { buffering: action.buffering };
    case "slow":
      return { bytesPerMs: action.bytesPerMs };
    case "hide-leaving":
      return { hidesLeaving: true };
    case "cut":
      return {};
  }
}

function describe({ atMs: _, of, ...action }: Operation): string {
  return `${of === undefined ? "" : `(${of}) `}${JSON.stringify(action)}`;
}
