// Scenario 14: what the replay of a million events costs the hub's process in memory, beside the log.

import { fork } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { temporaryDirectory } from "../log/embedded/temporary-directory.js";

/** What the process of the hub says when it is asked. */
interface Report {
  readonly before: Memory;
  readonly mostOwnBytes: number;
  readonly after: Memory;
}

interface Memory {
  readonly heapBytes: number;
  readonly ownBytes: number;
}

const PROGRAM = fileURLToPath(new URL("./full-hub.mjs", import.meta.url));

const EVENTS = 1_000_000;

const MEBIBYTE = 1024 * 1024;

/**
 * Measured: 1 to 21 MiB, most of it room that the collector takes for what is young. 130 MiB go through, so
 * a process that kept half of it would be found out.
 */
const MOST_GROWTH_BYTES = 64 * MEBIBYTE;

/** Measured: 0.6 MiB, which is what a hub needs that has been asked for the first time. */
const MOST_LEFT_BYTES = 8 * MEBIBYTE;

it.each([
  ["memory", () => "memory"],
  ["embedded", temporaryDirectory],
])(
  "a replay of a million events from the %s log costs a constant amount of memory",
  async (kind, place) => {
    const child = fork(PROGRAM, [place(), String(EVENTS)], { execArgv: ["--expose-gc"] });
    const exited = once(child, "exit");
    onTestFinished(async () => {
      child.kill("SIGKILL");
      await exited;
    });
    const [{ port }] = (await once(child, "message")) as [{ port: number }];

    const { bytes, tookMs } = await readInOrder(port, EVENTS);
    child.send("report");
    const [{ before, mostOwnBytes, after }] = (await once(child, "message")) as [Report];

    const grownBytes = mostOwnBytes - before.ownBytes;
    const leftBytes = after.heapBytes - before.heapBytes;
    console.info(
      `${kind} log: ${inMebibytes(bytes)} in ${Math.round(tookMs)} ms; ` +
        `the process grew by ${inMebibytes(grownBytes)}, and kept ${inMebibytes(leftBytes)} on the heap`,
    );
    expect(grownBytes).toBeLessThan(MOST_GROWTH_BYTES);
    expect(leftBytes).toBeLessThan(MOST_LEFT_BYTES);
  },
);

/** Reads as fast as it can, until as many events have come, each after the one before it. */
async function readInOrder(port: number, events: number) {
  const begunMs = performance.now();
  const socket = connect(port, "127.0.0.1").setEncoding("latin1");
  socket.write("GET /streams/news?cursor=earliest HTTP/1.1\r\nHost: hub\r\n\r\n");
  let rest = "";
  let newest = 0;
  let bytes = 0;
  for await (const text of socket) {
    bytes += text.length;
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line.endsWith(`.${newest + 1}`)) newest += 1;
    if (newest === events) break;
  }
  expect(newest).toBe(events);
  return { bytes, tookMs: performance.now() - begunMs };
}

function inMebibytes(bytes: number): string {
  return `${(bytes / MEBIBYTE).toFixed(1)} MiB`;
}
