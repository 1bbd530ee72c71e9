// Draws a schedule from a seed. First it is settled which classes of faults there will be at all (swarm
// testing: a fault that is always there hides what happens without it), then each draws a few of its own.

import { Chance } from "./chance.js";
import { type Action, FAULT_CLASSES, type FaultClass, type Operation, type Plan } from "./plan.js";

/** What a class needs to know to draw an operation. */
interface Scene {
  readonly chance: Chance;
  readonly readers: number;
  readonly publishers: number;
}

/** Each class is there in so many of the schedules. */
const CLASS_PROBABILITY = 0.16;

const SHORTEST_MS = 3000;
const LONGEST_MS = 10_000;

const TOPICS = ["ward/1", "ward/2", "alerts", undefined] as const;

/** @param always classes that are there whatever is drawn; all else is as without them, as far as it can be */
export function drawPlan(seed: number, always: readonly FaultClass[] = []): Plan {
  const chance = new Chance(seed);
  const classes = FAULT_CLASSES.filter(
    (fault) => chance.isHit(CLASS_PROBABILITY) || always.includes(fault),
  );
  const has = (fault: FaultClass) => classes.includes(fault);
  const readers = Array.from({ length: chance.pick([1, 1, 1, 2, 3]) }, () => ({
    topics:
      has("filters") && chance.isHit(0.6) ? [chance.pick(["ward/*", "alerts", "ward/1"])] : [],
    from: chance.pick(["earliest", "earliest", "latest"] as const),
    resumeBy: chance.pick(["auto", "header", "query"] as const),
    opensAtMs: chance.isHit(0.7) ? 0 : chance.whole(0, 3000),
  }));
  const publishers = Array.from({ length: chance.pick([1, 1, 1, 2]) }, () => ({
    isProducer: chance.isHit(0.4),
    attemptTimeoutMs: chance.pick([800, 2000]),
    deadlineMs: chance.pick([2500, 60_000]),
  }));
  const lengthMs = chance.whole(SHORTEST_MS, LONGEST_MS);
  const scene = { chance, readers: readers.length, publishers: publishers.length };
  const operations = [
    ...drawPublications(scene, lengthMs, has),
    ...classes.flatMap((fault) => drawFaults(fault, scene, lengthMs)),
  ].sort((a, b) => a.atMs - b.atMs);
  return {
    seed,
    classes,
    readers,
    publishers,
    hub: {
      leaseMs: chance.pick([1500, 4000, 30_000]),
      heartbeatMs: chance.pick([1000, 30_000]),
      highWaterBytes: chance.pick([1024, 16_384]),
      cacheEvents: chance.pick([0, 4, 1024]),
      windowBytes: chance.pick([8192, 65_536, 262_144]),
    },
    store: {
      maxEvents: has("trims") ? (has("bursts") ? 40 : chance.pick([6, 1000])) : 1000,
      tailMs: chance.pick([0, 0, 3]),
    },
    latencyMs: chance.pick([1, 10, 60]),
    jitterMs: has("jitter") ? chance.pick([20, 120]) : 0,
    splits: has("splits") ? chance.pick([0.3, 0.9]) : 0,
    lengthMs,
    isSealed: has("seals"),
    operations,
  };
}

function drawPublications(
  { chance, publishers }: Scene,
  lengthMs: number,
  has: (fault: FaultClass) => boolean,
): Operation[] {
  const operations: Operation[] = [];
  const count = chance.whole(4, 12);
  let number = 0;
  for (let at = 0; at < count; at += 1) {
    const publisher = chance.whole(0, publishers - 1);
    const isBurst = has("bursts") && chance.isHit(0.3);
    const size = isBurst ? chance.whole(5, 30) : chance.pick([1, 1, 1, 2, 3]);
    const keys = Array.from({ length: size }, () => {
      number += 1;
      return `k${number}`;
    });
    const topic = chance.pick(TOPICS);
    const bytes = isBurst ? chance.pick([10, 300, 1500, 3000]) : chance.whole(0, 60);
    const publication = { kind: "publish", publisher, keys, topic, bytes } as const;
    const atMs = chance.whole(0, lengthMs);
    operations.push({ ...publication, atMs, of: isBurst ? "bursts" : undefined });
    if (has("repeats") && chance.isHit(0.4)) {
      const again = { ...publication, publisher: chance.whole(0, publishers - 1) };
      operations.push({ ...again, atMs: atMs + chance.whole(0, 2500), of: "repeats" });
    }
  }
  return operations;
}

function drawFaults(fault: FaultClass, scene: Scene, lengthMs: number): Operation[] {
  const draw = DRAWS[fault];
  if (draw === undefined) return [];
  const { chance } = scene;
  return Array.from({ length: chance.whole(1, 4) }, () => ({
    ...draw(scene),
    atMs: chance.whole(200, lengthMs),
    of: fault,
  }));
}

/** Classes that are missing here are no operations, but part of the setting. */
const DRAWS: Partial<Record<FaultClass, (scene: Scene) => Action>> = {
  stalls: (scene) => freeze(scene, "both", 50, 900),
  partitions: (scene) => freeze(scene, "both", 1000, 7000),
  "one-way": (scene) => freeze(scene, scene.chance.pick(["up", "down"]), 500, 7000),
  resets: (scene) => ({ kind: "reset", path: path(scene) }),
  cuts: (scene) => cut(scene, scene.chance.pick(["reset", "silence"])),
  "half-open": (scene) => ({ kind: "forget", path: path(scene) }),
  "clean-ends": (scene) => cut(scene, "end"),
  buffering: (scene) => ({
    kind: "buffer",
    path: readerPath(scene),
    buffering: {
      bytes: scene.chance.pick([600, 4096, 100_000]),
      holdsHead: scene.chance.isHit(0.5),
    },
    forMs: scene.chance.whole(2000, 20_000),
  }),
  "slow-links": (scene) => ({
    kind: "slow",
    path: readerPath(scene),
    bytesPerMs: scene.chance.pick([0.5, 2, 10]),
    forMs: scene.chance.whole(1000, 6000),
  }),
  "hidden-leaving": (scene) => ({
    kind: "hide-leaving",
    path: readerPath(scene),
    forMs: scene.chance.whole(1000, 8000),
  }),
  refusals: (scene) => door(scene, "refuses", 5000),
  unanswered: (scene) => door(scene, "swallows", 6000),
  "heads-only": (scene) => ({ ...door(scene, "heads-only", 5000), path: readerPath(scene) }),
  "http-errors": (scene) => door(scene, { status: scene.chance.pick([500, 502, 503, 504]) }, 4000),
  "retry-after": (scene) =>
    door(
      scene,
      { status: scene.chance.pick([429, 503]), retryAfterS: scene.chance.pick([1, 2, 4]) },
      2500,
    ),
  crashes: ({ chance }) => ({ kind: "crash", how: "process", forMs: chance.whole(20, 3000) }),
  "power-cuts": ({ chance }) => ({ kind: "crash", how: "power", forMs: chance.whole(20, 4000) }),
  deploys: ({ chance }) => ({ kind: "deploy", withinMs: chance.whole(0, 6000) }),
  "hub-stalls": ({ chance }) => ({ kind: "stall-hub", forMs: chance.whole(50, 3500) }),
  "full-disk": ({ chance }) => ({
    kind: "break-disk",
    failure: chance.pick(["full", "torn"]),
    forMs: chance.whole(200, 4000),
  }),
  "slow-disk": ({ chance }) => ({
    kind: "slow-disk",
    writeMs: chance.whole(1, 400),
    readMs: chance.whole(0, 300),
    forMs: chance.whole(500, 6000),
  }),
  trims: ({ chance }) => ({ kind: "trim", keptEvents: chance.whole(0, 5) }),
  "replaced-log": ({ chance }) => ({ kind: "replace", keptEvents: chance.pick([0, 2, 5]) }),
  sleeps: ({ chance, readers }) => ({
    kind: "sleep",
    reader: chance.whole(0, readers - 1),
    forMs: chance.whole(300, 9000),
  }),
  throttled: ({ chance, readers }) => ({
    kind: "throttle",
    reader: chance.whole(0, readers - 1),
    everyMs: chance.pick([1000, 60_000]),
    forMs: chance.whole(1000, 8000),
  }),
  "wall-clock": ({ chance, readers }) => ({
    kind: "skew",
    reader: chance.whole(0, readers - 1),
    ms: chance.whole(-90_000_000, 90_000_000),
  }),
  "page-signals": ({ chance, readers }) => {
    const reader = chance.whole(0, readers - 1);
    return chance.isHit(0.6)
      ? { kind: "nudge", reader }
      : { kind: "put-aside", reader, forMs: chance.whole(10, 4000) };
  },
  reconnects: ({ chance, readers }) => ({
    kind: "reconnect",
    reader: chance.whole(0, readers - 1),
  }),
};

function freeze(
  scene: Scene,
  direction: "both" | "up" | "down",
  leastMs: number,
  mostMs: number,
): Action {
  return {
    kind: "freeze",
    path: path(scene),
    direction,
    forMs: scene.chance.whole(leastMs, mostMs),
  };
}

function cut(scene: Scene, how: "reset" | "silence" | "end"): Action {
  const { chance } = scene;
  return {
    kind: "cut",
    path: how === "end" ? readerPath(scene) : path(scene),
    cut: { afterBytes: chance.whole(1, chance.pick([40, 700, 3000])), how },
    forMs: chance.whole(500, 5000),
  };
}

function door(
  scene: Scene,
  how: Extract<Action, { kind: "door" }>["door"],
  mostMs: number,
): Extract<Action, { kind: "door" }> {
  const forMs = scene.chance.whole(100, mostMs);
  return { kind: "door", path: path(scene), door: how, forMs };
}

/** Mostly a reader's. */
function path(scene: Scene): number {
  const { chance, readers, publishers } = scene;
  return chance.isHit(0.75) ? readerPath(scene) : readers + chance.whole(0, publishers - 1);
}

function readerPath({ chance, readers }: Scene): number {
  return chance.whole(0, readers - 1);
}
