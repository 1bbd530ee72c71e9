// Every fault on either side of the gateway: each row reaches each reader once, and nothing is said to be
// missing that is not. All faults happen at the same time, each in a ward with a gateway of its own.

import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findFlaskPython } from "../../backend/launcher/python-process.js";
import { type Backend, startBackend } from "../../backend/launcher/start-backend.js";
import { type Drama, dramasOf } from "./dramas.js";
import { eventually, feedOf, GatewayLane, rowIn } from "./stage.js";

const GENERATIONS = ["enhanced", "first"] as const;
const SIDES = ["backend", "reader"] as const;
const UPSTREAM = { silenceMs: 2000, answerMs: 1000, releaseMs: 1500, maxRetryMs: 500 };

/** Requests to the backend, at most, whatever goes wrong: so many, and so many more a second. */
const MOST_ASKED = { first: 6, each: 1.5 };

interface Scene {
  readonly side: (typeof SIDES)[number];
  readonly drama: Drama;
}

const SCENES = SIDES.flatMap((side) => dramasOf(side).map((drama): Scene => ({ side, drama })));

/** One begins after the other, because the first thing that each does is a login. */
const APART_MS = 50;

// Where there is no Python with Flask and gunicorn, and none can be made; scripts/test.mjs says so.
describe.skipIf(findFlaskPython() === undefined).each(GENERATIONS)("the %s feed", (generation) => {
  let backend: Backend;
  const outcomes = new Map<Scene, Promise<void>>();

  beforeAll(async () => {
    // As many threads as there are streams: whether they are enough is another matter.
    const shape = { workers: 1, threads: 120 };
    const pace = { pollS: 1, roundS: 0.8, errorPauseS: 0.5, gracefulS: 1 };
    backend = await startBackend({ generation, ...shape, ...pace });
    for (const [index, scene] of SCENES.entries()) {
      const outcome = wait(index * APART_MS).then(() => play(scene, `Ward ${100 + index}`));
      outcome.catch(() => {});
      outcomes.set(scene, outcome);
    }
  });
  afterAll(() => backend?.close());

  const named = SCENES.map((scene) => ({ ...scene, name: scene.drama.name, scene }));
  it.each(named)("brings each row once over $name on the $side's side", ({ scene }) =>
    outcomes.get(scene),
  );

  async function play(scene: Scene, ward: string): Promise<void> {
    const lane = await GatewayLane.start(backend, { generation, upstream: UPSTREAM });
    try {
      await see(scene, ward, lane);
    } finally {
      await lane.stop();
    }
  }

  async function see({ drama, side }: Scene, ward: string, lane: GatewayLane): Promise<void> {
    const beganMs = performance.now();
    const readers = [await lane.follow(feedOf(ward))];
    const isNative = side === "backend" || drama.isForDropInOnly !== true;
    const native = isNative ? [await lane.followNatively(feedOf(ward), undefined, 300)] : [];
    const all = [...readers, ...native];
    const rows: string[] = [];
    const writeRow = async () => {
      const kind = rows.length % 3 === 2 ? ("post" as const) : ("alert" as const);
      const { ids } = await lane.backend.insertRows([{ kind, ...rowIn(ward) }]);
      rows.push(`${kind} ${ids[0]}`);
    };
    await eventually(() => {
      for (const { payloads } of all) expect(payloads.length).toBeGreaterThan(0);
    });
    await writeRow();
    for (const reader of all) await reader.sees(...rows);
    await drama.play(side === "backend" ? lane.backendLink : lane.readerLink, writeRow);
    await writeRow();
    for (const reader of all) await reader.sees(...rows);
    // Whatever would come twice comes with the next poll or round.
    await wait(1500);
    await writeRow();
    for (const reader of all) await reader.sees(...rows);
    for (const { repeated } of all) expect(repeated).toEqual([]);
    for (const { gaps } of readers) expect(gaps).toEqual([]);
    for (const { gaps } of native) expect(gaps).toBe(0);
    const seconds = (performance.now() - beganMs) / 1000;
    expect(lane.asked).toBeLessThan(MOST_ASKED.first + MOST_ASKED.each * seconds);
    expect(lane.errors).toEqual([]);
  }
});
