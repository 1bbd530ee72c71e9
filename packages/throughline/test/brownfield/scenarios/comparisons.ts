// The same scenario over both transports at the same time: over the drop-in no class may get less,
// and none may ask more often for what it cannot have.

import { expect } from "vitest";
import type { Story } from "../play.js";
import type { Client, OpenStage, Stage, StageSetup } from "../stage.js";
import { until, wait } from "../stage.js";
import { kindFacts, type SubjectKind, subjectKinds, wireData } from "./kinds.js";
import { livelyFeed } from "./lifecycle.js";

/** What is counted on one side. */
interface Count {
  readonly requests: number;
  readonly messages: number;
  /** Messages that the class has handed to the application. */
  readonly delivered: number;
  /** Times that the class has been told of an error. */
  readonly errors: number;
}

interface Comparison extends StageSetup {
  readonly title: string;
  readonly kind: SubjectKind;
  /** For the class that asks with this ward; default as elsewhere. */
  readonly ward?: string | undefined;
  /** Breaks what is to be broken, once the client runs. */
  begin?(stage: Stage, client: Client): Promise<void>;
  /** For how long after `begin` is counted; what is counted began with the client. */
  readonly windowMs: number;
  judge(native: Count, dropIn: Count): void;
}

/** Loops are slow: so long takes a growing wait to become longer than a steady one. */
const loopWindowMs = 15_000;

/** Both sides of every comparison, as stories. */
export function comparisonStories(
  openNative: () => OpenStage,
  openDropIn: () => OpenStage,
): {
  readonly losses: readonly Story[];
  readonly loops: readonly Story[];
} {
  const tell = (comparison: Comparison): Story => ({
    title: comparison.title,
    run: async () => {
      const [native, dropIn] = await Promise.all([
        count(comparison, openNative()),
        count(comparison, openDropIn()),
      ]);
      comparison.judge(native, dropIn);
    },
  });
  return { losses: lossComparisons().map(tell), loops: loopComparisons().map(tell) };
}

function lossComparisons(): readonly Comparison[] {
  return subjectKinds.map((kind) => ({
    title: `${kindFacts[kind].label} gets no fewer messages around a reset and a clean end`,
    kind,
    settings: livelyFeed,
    windowMs: 5000,
    async begin({ server }, client) {
      await until("the first message", async () => wireData(await client.snapshot())[0]);
      server.resetStreams();
      await wait(4000);
      server.closeStreams();
    },
    judge(native, dropIn) {
      // One poll falls inside or outside of the window by chance.
      expect(dropIn.messages).toBeGreaterThanOrEqual(native.messages - 1);
      expect(dropIn.delivered).toBeGreaterThanOrEqual(native.delivered - 1);
    },
  }));
}

function loopComparisons(): readonly Comparison[] {
  const noMoreRequests = (allowance: number) => (native: Count, dropIn: Count) => {
    expect(dropIn.requests).toBeLessThanOrEqual(native.requests + allowance);
  };
  const badInput = (kind: SubjectKind): Comparison => ({
    title: `${kindFacts[kind].label} asks no more often for what is answered by an error stream (D10)`,
    kind,
    ward: "",
    windowMs: loopWindowMs,
    // A timer at the window's edge.
    judge: noMoreRequests(1),
  });
  const deployed = (kind: SubjectKind): Comparison => ({
    title: `${kindFacts[kind].label} asks no more often for a feed that completes again and again (D6)`,
    kind,
    settings: { pace: 0.02 },
    windowMs: loopWindowMs,
    judge: noMoreRequests(1),
  });
  const expired = (kind: SubjectKind): Comparison => ({
    title: `${kindFacts[kind].label} asks hardly more often with a session that ran out (D14)`,
    kind,
    settings: livelyFeed,
    windowMs: loopWindowMs,
    async begin(stage: Stage, client: Client) {
      await until("the first message", async () => wireData(await client.snapshot())[0]);
      stage.server.expireSessions();
      stage.server.resetStreams();
    },
    // On a reconnect a refusal may be a deploy: it is tried again a few times, with growing waits.
    judge: noMoreRequests(3),
  });
  const counted = (kind: SubjectKind, why: string): Comparison => ({
    title: `${kindFacts[kind].label} is told of no more errors in an outage, because it ${why}`,
    kind,
    settings: livelyFeed,
    windowMs: 8000,
    async begin({ server }: Stage, client: Client) {
      await until("the first message", async () => wireData(await client.snapshot())[0]);
      server.failNext(Number.POSITIVE_INFINITY, "reset");
      server.resetStreams();
    },
    judge(native, dropIn) {
      expect(dropIn.errors).toBeLessThanOrEqual(native.errors + 1);
    },
  });
  return [
    counted("enhanced", "has a budget of five (D20, D22)"),
    counted("campaign", "opens its circuit at the fifth and then polls for ever (D25)"),
    counted("timeline", "opens one more source for each (D29)"),
    ...(["enhanced", "basic", "feed"] as const).flatMap((kind) => [
      badInput(kind),
      deployed(kind),
      expired(kind),
    ]),
    {
      title: "H4 TimelineSSEManager asks no more often for the JSON it gets in place of a stream",
      kind: "timeline",
      // Between its fourth attempt, after 7 s, and its fifth, after 15 s.
      windowMs: 11_000,
      judge: noMoreRequests(0),
    },
  ];
}

async function count(comparison: Comparison, openStage: OpenStage): Promise<Count> {
  const { kind, ward, windowMs } = comparison;
  const stage = await openStage(comparison);
  try {
    const client = await stage.open({ kind, ward });
    await comparison.begin?.(stage, client);
    await wait(windowMs);
    const snapshot = await client.snapshot();
    const { messageOf } = kindFacts[kind];
    return {
      requests: stage.server.streamRequests().length,
      messages: wireData(snapshot).length,
      delivered: snapshot.emitted.filter((emission) => messageOf(emission) !== undefined).length,
      errors: snapshot.sources
        .flatMap(({ events }) => events)
        .filter(({ kind: event }) => event === "error").length,
    };
  } finally {
    await stage.close();
  }
}
