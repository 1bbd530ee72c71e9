// One run of one trial: break the path, and measure from outside how the client gets over it.

import { setTimeout as wait } from "node:timers/promises";
import type { Hub } from "@throughline/server";
import { createDeliveryChecker, type DeliveryReport } from "../checkers/index.js";
import { openPath, type TrialHub, type TrialPath } from "./path.js";
import { OUTAGE_MS, type Random, type Trial } from "./trial.js";

/** What one run showed. Times in milliseconds. */
export interface TrialResult {
  readonly trial: string;
  /** From the fault (from the last byte, where it is silent) to the state that says so. */
  readonly detectMs: number | undefined;
  /** From the same moment to the first request that leaves. */
  readonly beginMs: number | undefined;
  /** From the moment the path is usable until an event published after it was delivered. */
  readonly healMs: number | undefined;
  readonly lost: number;
  readonly repeated: number;
  readonly reordered: number;
  readonly published: number;
  readonly requests: number;
}

/** An event every so often. */
const PUBLISH_EVERY_MS = 50;

/** A run that has not healed by then is over, and has failed. */
const HEAL_WITHIN_MS = 15_000;

/**
 * Runs a trial once.
 *
 * @param name names the stream and has to be new in the hub
 */
export async function runTrial(
  trial: Trial,
  { hub, port }: TrialHub,
  name: string,
  random: Random,
): Promise<TrialResult> {
  const path = await openPath(port, name);
  const watch = watchDelivery(path);
  const publisher = startPublisher(hub, name, watch.checker.published);
  try {
    if (trial.traffic === "busy") publisher.resume();
    await wait(300 + random() * 700);
    const requestsBefore = path.requestsMs.length;
    const { struckMs, usableMs } = await disrupt(trial, path, publisher.resume, random);
    const marker = publisher.published();
    const healedMs = await watch.untilBeyond(marker, HEAL_WITHIN_MS);
    publisher.pause();
    await watch.untilBeyond(publisher.published() - 1, 3000);
    const begunMs = path.requestsMs.slice(requestsBefore).find((at) => at >= struckMs);
    const detectedMs = watch.changedMs.find((at) => at >= struckMs);
    return {
      trial: trial.id,
      detectMs: since(struckMs, detectedMs),
      beginMs: since(struckMs, begunMs),
      healMs: since(usableMs, healedMs),
      ...counts(watch.checker.verdict()),
      published: publisher.published(),
      requests: path.requestsMs.length - requestsBefore,
    };
  } finally {
    publisher.pause();
    await path.close();
  }
}

/** Breaks the path, lets it be broken for a while, and mends it. */
async function disrupt(
  { disruption, isSilent }: Trial,
  { proxy, divert }: TrialPath,
  publish: () => void,
  random: Random,
): Promise<{ struckMs: number; usableMs: number }> {
  const lastMs = OUTAGE_MS.least + random() * (OUTAGE_MS.most - OUTAGE_MS.least);
  const now = performance.now();
  switch (disruption.kind) {
    case "strike":
      await proxy.set(disruption.fault);
      return { struckMs: now, usableMs: performance.now() };
    case "cut": {
      await proxy.set(disruption.fault);
      while (proxy.fault.kind === "cut") await wait(1);
      const atMs = proxy.statistics.faultChanges.at(-1)?.atMs ?? now;
      return { struckMs: atMs, usableMs: atMs };
    }
    case "outage": {
      if (disruption.first !== undefined) await proxy.set(disruption.first);
      await proxy.set(disruption.fault);
      const lastByteMs = proxy.statistics.lastByteDownAtMs ?? now;
      publish();
      await wait(lastMs);
      await proxy.set({ kind: "pass" });
      return { struckMs: isSilent ? lastByteMs : now, usableMs: performance.now() };
    }
    case "flap":
      await proxy.flap(disruption.options);
      return { struckMs: now, usableMs: performance.now() };
    case "detour":
      divert(disruption.detour);
      await proxy.set({ kind: "reset" });
      await wait(lastMs);
      divert(undefined);
      return { struckMs: now, usableMs: performance.now() };
  }
}

/** Publishes numbered events while it is not paused. */
function startPublisher(hub: Hub, stream: string, acknowledged: (key: number) => void) {
  let count = 0;
  let timer: ReturnType<typeof setInterval> | undefined;
  return {
    /** How many there are so far; the next one has this number. */
    published: () => count,
    resume: () => {
      timer ??= setInterval(() => {
        const n = count;
        count += 1;
        acknowledged(n);
        void hub.publish(stream, { data: JSON.stringify({ n, text: "voilà → ward 42" }) });
      }, PUBLISH_EVERY_MS);
    },
    pause: () => {
      clearInterval(timer);
      timer = undefined;
    },
  };
}

/** Notes what the client hands out, and when its state left `live`. */
function watchDelivery({ source }: TrialPath) {
  const checker = createDeliveryChecker();
  const changedMs: number[] = [];
  let newest = -1;
  let waiting: { beyond: number; resolve: () => void } | undefined;
  source.onmessage = ({ data }) => {
    const { n } = JSON.parse(data) as { n: number };
    checker.received("reader", n);
    newest = Math.max(newest, n);
    if (waiting !== undefined && newest >= waiting.beyond) waiting.resolve();
  };
  source.connection.subscribe(({ state }) => {
    if (state !== "live") changedMs.push(performance.now());
  });
  return {
    checker,
    changedMs,
    /** Resolves with the time at which event `n` or a later one was delivered. */
    untilBeyond: async (n: number, withinMs: number): Promise<number | undefined> => {
      if (newest >= n) return performance.now();
      const timeout = new AbortController();
      const arrived = new Promise<number>((resolve) => {
        waiting = { beyond: n, resolve: () => resolve(performance.now()) };
      });
      const expired = wait(withinMs, undefined, { signal: timeout.signal });
      const at = await Promise.race([arrived, expired.catch(() => undefined)]);
      timeout.abort();
      return at;
    },
  };
}

function since(startMs: number, atMs: number | undefined): number | undefined {
  return atMs === undefined ? undefined : atMs - startMs;
}

function counts({ lost, repeated, reordered, unknown }: DeliveryReport) {
  return {
    lost: lost.length,
    repeated: repeated.length + unknown.length,
    reordered: reordered.length,
  };
}
