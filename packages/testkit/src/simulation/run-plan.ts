// Runs one schedule from its beginning to the quiet after its end, and says what was broken.

import { HEAL_MS } from "../checkers/allowances.js";
import type { DeliveryReport } from "../checkers/index.js";
import { Stagehand } from "./carry-out.js";
import { Chance } from "./chance.js";
import type { Operation, Plan } from "./plan.js";
import type { BreachKind, RunReport } from "./report.js";
import { VirtualClock } from "./time/virtual-clock.js";
import { installVirtualGlobals } from "./time/virtual-globals.js";
import { World } from "./world.js";

/** How often the bounds are looked at. */
const CHECK_EVERY_MS = 200;

/** A publisher gives a batch up after its deadline of a minute; nothing takes longer. */
const LONGEST_CALM_MS = 75_000;

/** A hub that is told to close at once may give its last readers 10 s for the last bytes. */
const LONGEST_CLOSE_MS = 12_000;

/** An abandoned renewal of a lease lasts 10 s, and looks back once more a second later. */
const LINGER_MS = 12_500;

/** How a run is to be kept. */
export interface RunOptions {
  readonly keepsTimeline?: boolean | undefined;
}

/** Runs a plan. Only one may run in a process at a time: the clocks of the process are its own meanwhile. */
export async function runPlan(plan: Plan, options: RunOptions = {}): Promise<RunReport> {
  const clock = new VirtualClock();
  const restore = installVirtualGlobals(clock, new Chance(plan.seed).fork().fraction);
  let world: World | undefined;
  const onStray = (error: unknown) => world?.noteBug(clock.machine.name, error);
  process.on("unhandledRejection", onStray);
  process.on("uncaughtException", onStray);
  try {
    world = new World(clock, plan, options.keepsTimeline ?? false);
    await perform(world);
  } finally {
    restore();
    process.off("unhandledRejection", onStray);
    process.off("uncaughtException", onStray);
  }
  const { breaches, reached, timeline } = world.notebook;
  return { seed: plan.seed, breaches, reached, timeline, virtualMs: clock.nowMs };
}

async function perform(world: World): Promise<void> {
  const { plan, clock } = world;
  new Stagehand(world).schedule(plan.operations);
  for (const watched of world.readers) {
    clock.at(clock.outside, watched.reader.plan.opensAtMs, () => world.openReader(watched));
  }
  const look = () => {
    world.check();
    clock.after(clock.outside, CHECK_EVERY_MS, look);
  };
  clock.after(clock.outside, CHECK_EVERY_MS, look);
  await clock.runUntil(endOf(plan));
  await settle(world);
  await sayLastWord(world);
  judgeDelivery(world);
  await close(world);
}

/** When the last trouble is over. */
function endOf({ operations, lengthMs }: Plan): number {
  const ends = operations.map((operation) => {
    const forMs = "forMs" in operation ? operation.forMs : 0;
    return operation.atMs + ("withinMs" in operation ? operation.withinMs : forMs);
  });
  return Math.max(lengthMs, ...ends) + 1;
}

/** Until everybody has everything, or the bounds have been broken. */
async function settle(world: World): Promise<void> {
  const { clock, notebook } = world;
  const isSettled = () =>
    notebook.breaches.length > 0 ||
    (world.publishers.every(({ pending }) => pending.size === 0) &&
      world.readers.every(({ watch }) => watch.isWell));
  await clock.runUntil(clock.nowMs + LONGEST_CALM_MS, everySoOften(world, isSettled));
  if (isSettled()) return;
  const pending = world.publishers.reduce((sum, program) => sum + program.pending.size, 0);
  const unwell = world.readers.filter(({ watch }) => !watch.isWell).length;
  notebook.breach("not-healed", `${pending} batches and ${unwell} readers never came to rest`);
}

/** One more event, which shows that all are live; or the end of the stream. */
async function sayLastWord(world: World): Promise<void> {
  const { clock, plan, store, readers, notebook } = world;
  if (notebook.breaches.length > 0) return;
  const { length } = store.truth.facts;
  if (plan.isSealed) await store.finish("last");
  else {
    const last = { kind: "publish", publisher: 0, keys: ["last"], bytes: 0 } as const;
    const program = world.publishers[0];
    // A producer that was closed by a batch that nobody knows of has said its last word already.
    if (program === undefined || program.plan.isProducer) return;
    new Stagehand(world).schedule([{ ...last, topic: "ward/1", atMs: clock.nowMs, of: undefined }]);
  }
  const isDone = () =>
    readers.every(({ watch }) => watch.isWell && (watch.isComplete || !plan.isSealed)) &&
    store.truth.facts.length > length;
  await clock.runUntil(clock.nowMs + 2 * HEAL_MS, everySoOften(world, isDone));
  if (!isDone() && notebook.breaches.length === 0) {
    notebook.breach("not-healed", `the ${plan.isSealed ? "end" : "last event"} did not come`);
  }
}

/** Asked after each task, which is often: looks only now and then. */
function everySoOften({ clock }: World, isDone: () => boolean): () => boolean {
  let nextMs = 0;
  return () => {
    if (clock.nowMs < nextMs) return false;
    nextMs = clock.nowMs + CHECK_EVERY_MS / 2;
    return isDone();
  };
}

const FINDINGS: readonly (readonly [
  BreachKind,
  (report: DeliveryReport) => readonly { readonly reader: string; readonly key?: unknown }[],
])[] = [
  ["lost", ({ lost }) => lost],
  ["repeated", ({ repeated }) => repeated],
  ["reordered", ({ reordered }) => reordered],
  ["invented", ({ unknown }) => unknown],
  ["unwanted", ({ unwanted }) => unwanted],
  ["false-gap", ({ falseGaps }) => falseGaps],
];

function judgeDelivery(world: World): void {
  const { readers, checker, notebook, store } = world;
  for (const { watch } of readers) watch.finish();
  judgeOrder(world);
  for (const complaint of store.truth.complaints) notebook.breach("not-stored", complaint);
  // A reader that was cut short by another breach has not had its time.
  if (notebook.breaches.length > 0) return;
  const report = checker.verdict();
  for (const [kind, find] of FINDINGS) {
    const [first, ...others] = find(report);
    if (first === undefined) continue;
    notebook.breach(kind, `${JSON.stringify(first)}, and ${others.length} more`);
  }
}

/** What a producer has published stands in the order in which it did, whatever had to be repeated. */
function judgeOrder({ plan, store, notebook }: World): void {
  const { facts } = store.truth;
  plan.publishers.forEach(({ isProducer }, index) => {
    if (!isProducer) return;
    const repeated = new Set(plan.operations.flatMap(keysIfRepeated));
    const placed = plan.operations
      .flatMap((operation) => (isBy(operation, index) ? operation.keys : []))
      .filter((key) => !repeated.has(key))
      .map((key) => ({ key, place: facts.findIndex((fact) => fact.key === key) }))
      .filter(({ place }) => place >= 0);
    const wrong = placed.find(({ place }, at) => place < (placed[at - 1]?.place ?? 0));
    if (wrong === undefined) return;
    notebook.breach(
      "out-of-order",
      `publisher-${index} published ${wrong.key} after what follows it`,
    );
  });
}

function isBy(
  operation: Operation,
  publisher: number,
): operation is Extract<Operation, { kind: "publish" }> {
  return operation.kind === "publish" && operation.publisher === publisher;
}

function keysIfRepeated(operation: Operation): readonly string[] {
  return operation.kind === "publish" && operation.of === "repeats" ? operation.keys : [];
}

/** Closes everything, and holds that nothing goes on. */
async function close(world: World): Promise<void> {
  const { clock, notebook, readers } = world;
  if (notebook.breaches.length > 0) return;
  notebook.tell("world", () => "everything is closed");
  for (const { reader } of readers) reader.close();
  let isClosed = false;
  void world.host?.close(0).then(() => {
    isClosed = true;
  });
  const whatIsLeft = () => (isClosed ? findUnrest(world) : ["the hub has not closed"]);
  // Where nothing is left, nothing can begin again.
  const isQuiet = everySoOften(world, () => whatIsLeft().length === 0);
  await clock.runUntil(clock.nowMs + LINGER_MS + LONGEST_CLOSE_MS, isQuiet);
  const left = whatIsLeft();
  if (left.length > 0) notebook.breach("not-quiet", left.join("; "));
}

/** What is still there of programs that have closed everything. */
function findUnrest({ readers, publishers, host, store }: World): string[] {
  const left: string[] = [];
  for (const { name, machine, path } of [...readers.map(({ reader }) => reader), ...publishers]) {
    const { timers, listenerCount } = machine;
    if (timers.size > 0) left.push(`${name} has ${timers.size} timers`);
    if (listenerCount > 0) left.push(`${name} has ${listenerCount} listeners`);
    if (path.exchangeCount > 0) left.push(`${name} has ${path.exchangeCount} connections`);
  }
  const hubTimers = host?.machine.timers.size ?? 0;
  if (hubTimers > 0) left.push(`the hub has ${hubTimers} timers`);
  if (store.openTails > 0) left.push(`the hub has ${store.openTails} tails`);
  return left;
}
