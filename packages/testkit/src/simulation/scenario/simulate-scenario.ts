// One run of a scenario on virtual time: the same text, the same steps, the same judge and the same verdict as
// on the real network (network-run/), with simulated paths in the place of sockets.

import { assertNever, StreamError } from "throughline/core";
import { createDeliveryChecker } from "../../checkers/index.js";
import { flapSteps } from "../../fault-proxy/schedule.js";
import { dropInClient } from "../../network-run/index.js";
import { NumberedPublisher, publishedNumber } from "../../network-run/numbered-publisher.js";
import { RecordedReader } from "../../network-run/recorded-reader.js";
import {
  drawMs,
  MARK_EVERY_MS,
  measureRecovery,
  needsDelivery,
  PathHistory,
  type ReaderMeasures,
  restWithinMs,
  type Scenario,
  type ScenarioStep,
  type ScenarioVerdict,
  verdictOf,
} from "../../scenario/index.js";
import { Chance } from "../chance.js";
import { STREAM } from "../disk/store.js";
import { Path } from "../network/path.js";
import { VirtualClock } from "../time/virtual-clock.js";
import { installVirtualGlobals } from "../time/virtual-globals.js";
import { canSimulate, FaultyPaths } from "./faulty-paths.js";
import { SimulatedServer } from "./simulated-server.js";

/** As on the real network. */
const READY_WITHIN_MS = 15_000;

/** One way, on loopback or the next machine. */
const LATENCY_MS = 1;

/** Why a scenario cannot be simulated; `undefined` where it can. */
export function unsimulated({ steps }: Scenario): string | undefined {
  for (const step of steps) {
    if (step.kind === "fault" && !canSimulate(step.fault)) {
      return `the fault "${step.fault.kind}" is not simulated`;
    }
  }
  return undefined;
}

/**
 * Plays a scenario once, with the drop-in, on virtual time. The same seed gives the same verdict. Only one may
 * run in a process at a time.
 *
 * @throws StreamError `invalid-option` where it cannot be simulated ({@link unsimulated}); `timeout` where a step
 *   waits in vain
 */
export async function simulateScenario(
  scenario: Scenario,
  { seed }: { readonly seed: number },
): Promise<ScenarioVerdict> {
  const reason = unsimulated(scenario);
  if (reason !== undefined) {
    const message = `Scenario ${scenario.id}: ${reason}. Play it on the real network.`;
    throw new StreamError(message, { code: "invalid-option", fault: "local" });
  }
  const clock = new VirtualClock();
  const chance = new Chance(seed);
  const restore = installVirtualGlobals(clock, chance.fork().fraction);
  try {
    const play = new ScenarioPlay(scenario, clock, chance);
    await play.run();
    return play.sumUp();
  } finally {
    restore();
  }
}

/** The stage of one run, and what is done on it. */
class ScenarioPlay {
  readonly #scenario: Scenario;
  readonly #clock: VirtualClock;
  readonly #chance: Chance;
  readonly #checker = createDeliveryChecker();
  readonly #history = new PathHistory();
  readonly #server: SimulatedServer;
  readonly #readers: readonly RecordedReader[];
  readonly #paths: readonly Path[];
  readonly #faults: FaultyPaths;
  readonly #publisher: NumberedPublisher;
  readonly #hasOffsets: boolean;
  readonly #bugs: unknown[] = [];
  #lastByteMs: number | undefined;

  constructor(scenario: Scenario, clock: VirtualClock, chance: Chance) {
    this.#scenario = scenario;
    this.#clock = clock;
    this.#chance = chance;
    clock.onCrash = (error) => this.#bugs.push(error);
    this.#server = new SimulatedServer(clock, (error) => this.#bugs.push(error));
    const isWiped = scenario.steps.some((step) => step.kind === "hub" && step.action === "wipe");
    this.#hasOffsets = !isWiped;
    const numbers = Array.from({ length: scenario.readers }, (_, at) => at);
    this.#readers = numbers.map((at) => new RecordedReader(`reader ${at + 1}`, publishedNumber));
    for (const { name } of this.#readers) this.#checker.joined(name);
    this.#paths = numbers.map((at) => this.#createPath(at));
    this.#faults = new FaultyPaths(this.#paths, LATENCY_MS, () => clock.nowMs);
    const server = this.#server;
    this.#publisher = new NumberedPublisher({ server, stream: STREAM, checker: this.#checker });
  }

  async run(): Promise<void> {
    const { steps, id } = this.#scenario;
    if (!steps.some(({ kind }) => kind === "open")) {
      this.#open();
      const isOpen = () => this.#readers.every((reader) => reader.isLive);
      await this.#comesTrue(`${id}: every reader is live`, isOpen);
    }
    for (const step of steps) {
      this.#begin(step);
      await this.#play(step);
    }
    this.#lookAtFault();
    await this.#comeToRest();
    this.#publisher.pause();
    for (const { reader } of this.#readers) await reader?.close();
    const [bug] = this.#bugs;
    if (bug !== undefined) throw bug;
  }

  sumUp(): ScenarioVerdict {
    const { struckMs, usableMs } = this.#struck;
    const readers = this.#readers.map((reader): ReaderMeasures => {
      const { requestsMs, states, gaps } = reader;
      const healedMs = reader.passedMs(this.#publisher.firstSince(usableMs));
      const times = measureRecovery({ struckMs, usableMs, requestsMs, states, healedMs });
      return { ...times, requestsMs, states, gaps };
    });
    return verdictOf(this.#scenario, {
      client: "drop-in, simulated",
      readers,
      report: this.#checker.verdict(),
      published: this.#publisher.count,
    });
  }

  #struck = { struckMs: 0, usableMs: 0 };

  #createPath(at: number): Path {
    const note = () => {
      this.#lastByteMs = this.#clock.nowMs;
    };
    return new Path({
      clock: this.#clock,
      client: this.#clock.createMachine(`198.51.100.${at}`),
      chance: this.#chance.fork(),
      latencyMs: LATENCY_MS,
      jitterMs: 0,
      splits: 0,
      backend: () => this.#server.serving,
      witness: { onRequest: () => ({ onHead: note, onBytes: note, onOver: () => {} }) },
      onCut: () => this.#faults.onCut(),
    });
  }

  #open(): void {
    const url = `http://hub.simulation${this.#server.path(STREAM)}`;
    this.#readers.forEach((recorded, at) => {
      const path = this.#paths[at];
      if (path === undefined) return;
      const client = dropInClient({ fetch: (target, init) => path.fetch(target, init) });
      this.#clock.after(path.client, 0, async () => {
        recorded.reader = await client.open(url, recorded.watch(this.#checker, this.#hasOffsets));
      });
    });
  }

  #begin(step: ScenarioStep): void {
    const lastByteMs = this.#lastByteMs;
    const times = { atMs: this.#clock.nowMs };
    this.#history.changed(step, lastByteMs === undefined ? times : { ...times, lastByteMs });
  }

  async #play(step: ScenarioStep): Promise<void> {
    const clock = this.#clock;
    switch (step.kind) {
      case "open":
        this.#open();
        return;
      case "publish-every":
        this.#publisher.every(step.everyMs);
        return;
      case "publish-nothing":
        this.#publisher.pause();
        return;
      case "publish-count":
        for (let n = 0; n < step.count; n += 1) this.#publisher.one(step.bytes);
        return this.#settled();
      case "wait":
        return clock.runUntil(clock.nowMs + drawMs(step.duration, this.#chance.fraction));
      case "wait-until":
        return this.#waitUntil(step.until);
      case "fault":
        this.#faults.set(step.fault);
        return;
      case "flap":
        for (const { fault, forMs } of flapSteps(step.flap)) {
          for (const each of [fault].flat()) this.#faults.set(each);
          await clock.runUntil(clock.nowMs + (forMs ?? 0));
        }
        this.#history.usableFrom(clock.nowMs);
        return;
      case "detour":
        this.#faults.divert(step.detour !== undefined);
        return;
      case "hub":
        await this.#settled();
        await this.#server.act(step.action);
        this.#history.usableFrom(clock.nowMs);
        return;
      default:
        assertNever(step);
    }
  }

  async #waitUntil(until: "struck" | "live"): Promise<void> {
    const { id } = this.#scenario;
    if (until === "live") {
      const isLive = () =>
        this.#readers.every(({ isLive, newest }) => isLive && newest >= this.#publisher.count - 1);
      await this.#comesTrue(`${id}: every reader has all that was published`, isLive);
      return;
    }
    await this.#comesTrue(`${id}: the fault has struck`, () => this.#faults.kind === "pass");
    this.#lookAtFault();
    this.#history.struck(this.#faults.spentMs);
  }

  #lookAtFault(): void {
    this.#history.usableFrom(this.#faults.spentMs);
    const { struckMs, usableMs } = this.#history;
    this.#struck = { struckMs, usableMs };
  }

  /** As on the real network: until every reader has an event that is newer than the path. */
  async #comeToRest(): Promise<void> {
    const readers = this.#readers;
    const states = this.#scenario.expectations.filter((each) => each.kind === "state");
    if (states.length > 0) {
      this.#publisher.pause();
      await this.#becomesTrue(() =>
        states.every(({ state }) => readers.every((each) => each.states.at(-1)?.state === state)),
      );
      return;
    }
    if (!needsDelivery(this.#scenario)) return;
    const { usableMs } = this.#struck;
    if (!this.#publisher.isRunning) this.#publisher.every(MARK_EVERY_MS);
    const first = () => this.#publisher.firstSince(usableMs);
    const isHealed = () => readers.every((each) => each.passedMs(first()) !== undefined);
    const hasHealed = await this.#becomesTrue(isHealed);
    this.#publisher.pause();
    await this.#settled();
    if (!hasHealed) return;
    const last = this.#publisher.count - 1;
    await this.#becomesTrue(() => readers.every(({ newest }) => newest >= last));
  }

  /** Until everything sent so far was acknowledged or refused. */
  async #settled(): Promise<void> {
    let isSettled = false;
    void this.#publisher.settled().then(() => {
      isSettled = true;
    });
    await this.#clock.runUntil(this.#clock.nowMs + restWithinMs(this.#scenario), () => isSettled);
  }

  async #becomesTrue(isTrue: () => boolean): Promise<boolean> {
    await this.#clock.runUntil(this.#clock.nowMs + restWithinMs(this.#scenario), isTrue);
    return isTrue();
  }

  async #comesTrue(what: string, isTrue: () => boolean): Promise<void> {
    await this.#clock.runUntil(this.#clock.nowMs + READY_WITHIN_MS, isTrue);
    if (isTrue()) return;
    throw new StreamError(`${what}: waited for that in vain, for ${READY_WITHIN_MS / 1000} s.`, {
      code: "timeout",
      fault: "remote",
    });
  }
}
