// Classes that answer an error with a new EventSource, over the drop-in as docs/migration.md installs it.

import { setTimeout as wait } from "node:timers/promises";
import { type EventSource as DropIn, installEventSource } from "throughline";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { findFlaskPython } from "../../backend/launcher/python-process.js";
import { continuityOfClasses } from "../../migration/roll-out.js";
import { rowsOf } from "../../migration/rows.js";
import { eventually, FEED, StrategistStage } from "../gateway/stage.js";

const WARD = "Lotus Tank";

// Where there is no Python with Flask and gunicorn, and none can be made; scripts/test.mjs says so.
describe.skipIf(findFlaskPython() === undefined)("a source that replaces one just closed", () => {
  let stage: StrategistStage;
  let url: string;
  let uninstall = () => {};
  const open: EventSource[] = [];

  beforeAll(async () => {
    stage = await StrategistStage.start({ generation: "first", pollS: 1, gracefulS: 1 });
    url = `${stage.lane.origin}${FEED}?ward=${encodeURIComponent(WARD)}&priority=all`;
    const headers = { cookie: await stage.backend.logIn() };
    uninstall = installEventSource({ headers, continuity: continuityOfClasses() });
  });
  afterAll(async () => {
    uninstall();
    await stage?.stop();
  });
  afterEach(() => {
    for (const source of open.splice(0)) source.close();
  });

  /** Opens a source as the classes do: by the global name. */
  function follow(): { readonly source: EventSource; readonly rows: string[] } {
    const source = new EventSource(url);
    open.push(source);
    const rows: string[] = [];
    source.onmessage = ({ data }) => rows.push(...rowsOf(data));
    return { source, rows };
  }

  const write = async () => String((await stage.backend.insertAlert({ ward: WARD })).id);
  const placeOf = (source: EventSource) => (source as unknown as DropIn).lastEventId;

  it("goes on where that one was, without a row twice", async () => {
    const first = follow();
    await eventually(() => expect(first.source.readyState).toBe(1));
    const before = await write();
    await eventually(() => expect(first.rows).toEqual([before]));
    first.source.close();
    const second = follow();
    expect(placeOf(second.source)).toBe(placeOf(first.source));
    const after = await write();
    await eventually(() => expect(second.rows).toEqual([after]));
  }, 60_000);

  it("begins anew where a person came back to a panel later", async () => {
    const first = follow();
    await eventually(() => expect(placeOf(first.source)).not.toBe(""));
    first.source.close();
    await wait(600);
    expect(placeOf(follow().source)).toBe("");
  }, 60_000);

  it("begins anew beside one that is open still", async () => {
    const first = follow();
    await eventually(() => expect(placeOf(first.source)).not.toBe(""));
    expect(placeOf(follow().source)).toBe("");
  }, 60_000);
});
